import { assert, describe } from "@effect/vitest"
import { Deferred, Effect, Exit, Option, Schedule, Schema, Stream } from "effect"
import { Execution, Graph, type GraphRunner, Runner, TestMemory } from "effect-checkpoint"
import {
  all,
  type Count,
  failing,
  noReply,
  onMemory as rule,
  overCount,
  sent,
  statusOf,
  waitsFor,
  zero
} from "./Bench.js"

const chain = Graph.make("g", overCount)
  .node("a", () => Effect.succeed({ n: 1 }))
  .node("b", () => Effect.succeed({ log: ["b"] }))
  .node("c", () => Effect.succeed({ log: ["c"] }))
  .edge(Graph.START, "a")
  .edge("a", ["b", "c"])
  .build()

/** An event as a line. */
const line = (
  event: Runner.Runner extends never ? never : { readonly _tag: string; readonly [field: string]: unknown }
) => {
  const { _tag, attempt, node, next, recorded, version } = event
  return [_tag, node, attempt, recorded, version, next].filter((part) => part !== undefined).join(" ")
}

const lines = <State, Names extends string, E, R>(
  runner: GraphRunner.GraphRunner<State, Names, E, R>,
  id: string,
  input?: State
) => Effect.map(all(runner.events(id, input)), (events) => events.map((event) => line({ ...event })))

const long = (to: number, run: (n: number) => Effect.Effect<void> = () => Effect.void) =>
  Graph.make("g", overCount)
    .node("add", ({ n }: Count) => Effect.as(run(n), { n: n + 1 }))
    .edge(Graph.START, "add")
    .branch("add", ["add", Graph.END], ({ n }) => n < to ? "add" : Graph.END)
    .build()

describe("the events of a run", () => {
  rule("come in the order in which it happens, with the last outcome", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(chain)
      assert.deepStrictEqual(yield* lines(runner, "x", zero), [
        "Committed 1 a",
        "NodeStarted a 1",
        "NodeCompleted a false",
        "Committed 2 b,c",
        "NodeStarted b 1",
        "NodeStarted c 1",
        "NodeCompleted b false",
        "NodeCompleted c false",
        "Committed 3 ",
        "Finished"
      ])
      assert.deepStrictEqual(yield* lines(runner, "x"), ["Finished"])
      const [finished] = yield* all(runner.events("x", zero))
      assert.deepStrictEqual(finished?._tag === "Finished" && finished.outcome, yield* runner.resume("x"))
    }))

  rule("count attempts, and tell what was recorded from what ran", () =>
    Effect.gen(function*() {
      let left = 2
      const flaky = Effect.suspend(() => left-- > 0 ? Effect.fail("boom") : Effect.succeed({}))
      const graph = Graph.make("g", overCount)
        .node("a", () => Effect.succeed({ n: 1 }))
        .node("b", () => Effect.zipRight(Effect.repeatN(Effect.yieldNow(), 50), flaky), { retry: Schedule.recurs(1) })
        .edge(Graph.START, ["a", "b"])
        .build()
      const runner = yield* Runner.forGraph(graph)
      yield* failing("boom", lines(runner, "x", zero))
      assert.sameMembers(yield* lines(runner, "x"), [
        "NodeCompleted a true",
        "NodeStarted b 1",
        "NodeCompleted b false",
        "Committed 2 ",
        "Finished"
      ])
    }))

  rule("end with the failure of the run, after all that happened before it", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(long(3, (n) => n === 2 ? Effect.die("boom") : Effect.void))
      const seen: Array<string> = []
      const exit = yield* Effect.exit(
        Stream.runForEach(runner.events("x", zero), (event) => Effect.sync(() => seen.push(event._tag)))
      )
      assert.isTrue(Exit.isFailure(exit))
      assert.strictEqual(seen.length, 8)
      assert.strictEqual(seen.at(-1), "NodeStarted")
    }))

  rule("end with a stop that waits", () =>
    Effect.gen(function*() {
      const graph = Graph.make("g", overCount)
        .node("a", () => Effect.as(Execution.ask("ok", { answer: Schema.Int }), {}))
        .edge(Graph.START, "a")
        .build()
      const runner = yield* Runner.forGraph(graph)
      const last = (yield* all(runner.events("x", zero))).at(-1)
      assert.deepStrictEqual(last?._tag === "Finished" && waitsFor(last.outcome), ["ask:a:ok"])
    }))

  rule("say Committed only after the acknowledgement", () =>
    Effect.gen(function*() {
      const { failNext } = yield* TestMemory.TestMemory
      const runner = yield* Runner.forGraph(long(3, (n) => n === 1 ? failNext(noReply, { times: 2 }) : Effect.void))
      const seen: Array<number> = []
      const watch = Stream.runForEach(runner.events("x", zero), (event) =>
        Effect.gen(function*() {
          if (event._tag !== "Committed") return
          seen.push(event.version)
          const stored = yield* runner.loadCheckpoint(event.checkpointId)
          assert.deepStrictEqual([stored.version, stored.next], [event.version, [...event.next]])
        }))
      yield* failing("RedisConnectionError", watch)
      assert.deepStrictEqual(seen, [1, 2])
    }))

  rule("hold a run up that is faster than its consumer, and none is dropped", () =>
    Effect.gen(function*() {
      let furthest = 0
      const runner = yield* Runner.forGraph(long(100, (n) => Effect.sync(() => furthest = n)))
      const gate = yield* Deferred.make<void>()
      let count = 0
      const slow = Stream.runForEach(runner.events("x", zero), () =>
        Effect.suspend(() => ++count === 1 ? Deferred.await(gate) : Effect.yieldNow()))
      const fiber = yield* Effect.fork(slow)
      for (let i = 0; i < 50; i++) {
        yield* Effect.promise(() =>
          new Promise(setImmediate)
        )
      }
      assert.isAtMost(furthest, 10)
      yield* Deferred.succeed(gate, undefined)
      yield* fiber.await
      assert.deepStrictEqual([count, furthest], [1 + 300 + 1, 99])
    }))

  for (const taken of [0, 1, 2, 3, 5, 20]) {
    rule(
      `end the run when their consumer stops after ${taken}: the execution is given back and can go on`,
      () =>
        Effect.gen(function*() {
          const runner = yield* Runner.forGraph(long(40))
          yield* Stream.runDrain(Stream.take(runner.events("x", zero), taken))
          if (taken > 0) assert.strictEqual(yield* statusOf(runner, "x"), "ready")
          assert.strictEqual((yield* runner.start("x", zero))._tag, "Completed")
        })
    )
  }

  rule("end a node that hangs when their consumer stops", () =>
    Effect.gen(function*() {
      const at = yield* Deferred.make<void>()
      const hang = Effect.zipRight(Deferred.succeed(at, undefined), Effect.never)
      const runner = yield* Runner.forGraph(long(3, (n) => n === 1 ? hang : Effect.void))
      yield* Stream.runDrain(Stream.interruptWhen(runner.events("x", zero), Deferred.await(at)))
      assert.strictEqual(yield* statusOf(runner, "x"), "ready")
    }))

  rule("of nobody's stream send nothing", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(long(3))
      const unheard = runner.events("x", zero)
      assert.isDefined(unheard)
      assert.deepStrictEqual([yield* sent, Option.isNone(yield* runner.getState("x"))], [[], true])
    }))
})
