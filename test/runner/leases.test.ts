import { assert, describe } from "@effect/vitest"
import { Deferred, Effect, Fiber, Option, Schedule, Schema, TestClock } from "effect"
import { Graph, Runner, TestMemory } from "effect-checkpoint"
import {
  completed,
  failing,
  launched,
  noReply,
  notes,
  onMemory as rule,
  overCount,
  sent,
  statusOf,
  zero
} from "./Bench.js"

const graphOf = <E>(run: Effect.Effect<void, E>, retry?: Schedule.Schedule<unknown, E>) =>
  Graph.make("g", overCount)
    .node("a", () => Effect.as(run, { n: 1 }), { retry })
    .edge(Graph.START, "a")
    .build()

const beats = Effect.map(sent, (all) => all.filter((commands) => commands === "renew").length)

describe("a lease", () => {
  rule(
    "is renewed three times in its life, for as long as the node runs, and then given back",
    () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(graphOf(Effect.sleep("10 minutes")))
        const fiber = yield* launched(runner.start("x", zero))
        yield* TestClock.adjust("9 minutes")
        assert.strictEqual(yield* beats, 54)
        yield* failing("ExecutionBusy", runner.resume("x"))
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(completed(yield* Fiber.join(fiber)).n, 1)
        const before = yield* beats
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* beats, before)
      })
  )

  rule("lasts as long as leaseTtl says", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(graphOf(Effect.sleep("10 minutes")), { leaseTtl: "3 minutes" })
      yield* launched(runner.start("x", zero))
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual((yield* failing("ExecutionBusy", runner.resume("x")))["remaining"], 150_000)
      yield* TestClock.adjust("8 minutes")
      assert.strictEqual(yield* beats, 8)
    }))

  rule("that could not be renewed for a while is not lost: nobody has claimed it", () =>
    Effect.gen(function*() {
      const { failNext } = yield* TestMemory.TestMemory
      const { all: ran, note } = notes()
      const runner = yield* Runner.forGraph(graphOf(Effect.zipRight(Effect.sleep("5 minutes"), note("ran"))))
      const fiber = yield* launched(runner.start("x", zero))
      yield* TestClock.adjust("15 seconds")
      yield* failNext(noReply, { times: 5 })
      yield* TestClock.adjust("50 seconds")
      assert.strictEqual(yield* statusOf(runner, "x"), "ready")
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual(completed(yield* Fiber.join(fiber)).n, 1)
      assert.deepStrictEqual(ran, ["ran"])
    }))

  rule(
    "that was stolen interrupts the node at the next beat: the run ends with Fenced and has written nothing",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const hangs = Effect.never.pipe(Effect.onInterrupt(() => note("interrupted")))
        let first = true
        const run = Effect.suspend(() => {
          const body = first ? hangs : Effect.void
          first = false
          return body
        })
        const runner = yield* Runner.forGraph(graphOf(run))
        const zombie = yield* launched(runner.start("x", zero))
        yield* TestClock.adjust("1 second")
        assert.strictEqual(completed(yield* runner.resume("x", { steal: true })).n, 1)
        const before = yield* sent
        assert.deepStrictEqual(ran, [])
        yield* TestClock.adjust("10 seconds")
        yield* failing("Fenced", Fiber.join(zombie))
        assert.deepStrictEqual(ran, ["interrupted"])
        assert.deepStrictEqual((yield* sent).slice(before.length), ["renew"])
      })
  )

  rule("that was stolen in the pause before a retry lets the node not begin again", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const runner = yield* Runner.forGraph(
        graphOf(Effect.zipRight(note("ran"), Effect.fail("flaky")), Schedule.spaced("1 minute"))
      )
      const zombie = yield* launched(runner.start("x", zero))
      yield* TestClock.adjust("1 second")
      yield* runner.clearCheckpoints("x", { steal: true })
      yield* TestClock.adjust("2 minutes")
      yield* failing("Fenced", Fiber.join(zombie))
      assert.deepStrictEqual(ran, ["ran"])
    }))

  rule(
    "that was stolen ends a run that keeps its commits back, too: no node begins after a refused save",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const at = yield* Deferred.make<void>()
        const go = yield* Deferred.make<void>()
        const graph = Graph.make("g", overCount)
          .node("a", () => Effect.as(note("a"), {}))
          .node("b", () => Effect.as(note("b"), {}))
          .edge(Graph.START, "a")
          .edge("a", "b")
          .build()
        const runner = yield* Runner.forGraph(graph, {
          autoSave: false,
          onStep: ({ save }) =>
            Deferred.succeed(at, undefined).pipe(
              Effect.zipRight(Deferred.await(go)),
              Effect.zipRight(Effect.ignore(save))
            )
        })
        const zombie = yield* launched(runner.start("x", zero))
        yield* Deferred.await(at)
        yield* runner.clearCheckpoints("x", { steal: true })
        yield* Deferred.succeed(go, undefined)
        yield* failing("Fenced", Fiber.join(zombie))
        assert.deepStrictEqual(ran, ["a"])
      })
  )

  rule("of a process that died runs out, and anybody may go on", () =>
    Effect.gen(function*() {
      const { failNext } = yield* TestMemory.TestMemory
      const runner = yield* Runner.forGraph(graphOf(Effect.void))
      yield* failNext(noReply, { applied: true })
      yield* failing("RedisConnectionError", runner.start("x", zero))
      yield* failing("ExecutionBusy", runner.start("x", zero))
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(completed(yield* runner.start("x", zero)).n, 1)
    }))

  rule("is held while the caller cannot be interrupted, and the node still can", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(graphOf(Effect.never))
      const zombie = yield* launched(Effect.uninterruptible(runner.start("x", zero)))
      yield* TestClock.adjust("1 second")
      yield* runner.clearCheckpoints("x", { steal: true })
      yield* TestClock.adjust("10 seconds")
      assert.isTrue(Option.isSome(yield* Fiber.poll(zombie)))
      yield* failing("Fenced", Fiber.join(zombie))
    }))

  rule(
    "of which maxClaims in a row were left by dead processes is ExecutionStuck, for start, resume and programs",
    () =>
      Effect.gen(function*() {
        const program = Effect.never
        const options = { executionId: "x", name: "p", success: Schema.Void, steal: true } as const
        const runner = yield* Runner.forGraph(Graph.fromProgram("p", Schema.Void, () => Effect.void))
        yield* launched(Runner.run(program, options))
        for (let i = 0; i < 2; i++) {
          yield* Effect.fork(Runner.run(program, options))
          yield* TestClock.adjust("1 second")
        }
        const limit = { steal: true, maxClaims: 1 }
        assert.isAbove(
          Number((yield* failing("ExecutionStuck", Runner.run(program, { ...options, maxClaims: 1 })))["claims"]),
          0
        )
        assert.strictEqual(yield* statusOf(runner, "x"), "failed")
        yield* Effect.fork(Runner.run(program, options))
        yield* TestClock.adjust("1 second")
        yield* failing("ExecutionStuck", runner.resume("x", limit))
        yield* Effect.fork(Runner.run(program, options))
        yield* TestClock.adjust("1 second")
        yield* failing("ExecutionStuck", runner.start("x", {}, limit))
        assert.strictEqual((yield* runner.resume("x"))._tag, "Completed")
      })
  )
})
