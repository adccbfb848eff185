import { assert, describe } from "@effect/vitest"
import { Deferred, Effect, Fiber, Schema, TestClock } from "effect"
import { Execution, Graph, type GraphRunner, Runner } from "effect-checkpoint"
import {
  completed,
  type Count,
  current,
  failing,
  launched,
  notes,
  onMemory as rule,
  overCount,
  sent,
  waitsFor,
  zero
} from "./Bench.js"

const commits = Effect.map(sent, (all) => all.filter((commands) => commands === "commit").length)

/** Adds 1, 20 times. */
const counting = <E = never>(
  at: (n: number) => Effect.Effect<unknown, E, Execution.Execution> = () => Effect.void,
  options?: Graph.NodeOptions<Count, E, never, never>
) =>
  Graph.make("g", overCount)
    .node("add", ({ n }) => Effect.as(at(n), { n: n + 1 }), options)
    .edge(Graph.START, "add")
    .branch("add", ["add", Graph.END], ({ n }) => n < 20 ? "add" : Graph.END)
    .build()

const lazy = <State, Names extends string, E, R>(
  graph: Graph.Graph<State, Names, E, R>,
  options?: GraphRunner.Options<State, Names, never>
) => Runner.forGraph(graph, { autoSave: false, ...options })

const durable: Readonly<Record<string, Effect.Effect<unknown, unknown, Execution.Execution>>> = {
  step: Execution.step("s", Effect.void, Schema.Void),
  idempotencyKey: Execution.idempotencyKey("s"),
  sleep: Execution.sleep("s", 0)
}

describe("autoSave", () => {
  rule("commits the input and each superstep", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(counting())
      yield* runner.start("x", zero)
      assert.strictEqual(yield* commits, 21)
    }))

  rule("false commits the input and the end", () =>
    Effect.gen(function*() {
      const runner = yield* lazy(counting())
      assert.strictEqual(completed(yield* runner.start("x", zero)).n, 20)
      assert.strictEqual(yield* commits, 2)
      const { step, version } = yield* current(runner, "x")
      assert.deepStrictEqual([step, version], [20, 2])
    }))

  rule("false with a saveInterval commits at the first superstep behind it", () =>
    Effect.gen(function*() {
      const runner = yield* lazy(counting(() => Effect.sleep("30 millis")), { saveInterval: "100 millis" })
      const fiber = yield* launched(runner.start("x", zero))
      for (let i = 0; i < 20; i++) yield* TestClock.adjust("30 millis")
      yield* Fiber.join(fiber)
      // The input, every fourth of 20; the last one is the end.
      assert.strictEqual(yield* commits, 6)
    }))

  for (const [what, operation] of Object.entries(durable)) {
    rule(`false: ${what} commits what is pending, once`, () =>
      Effect.gen(function*() {
        const runner = yield* lazy(counting((n) => n === 10 ? Effect.orDie(operation) : Effect.void))
        yield* runner.start("x", zero)
        assert.strictEqual(yield* commits, 3)
      }))
  }

  rule("false: ask and gate commit what is pending", () =>
    Effect.gen(function*() {
      const asking = yield* lazy(counting((n) => n === 10 ? Execution.ask("ok", { answer: Schema.Int }) : Effect.void))
      assert.deepStrictEqual(waitsFor(yield* asking.start("x", zero)), ["ask:add:ok"])
      assert.strictEqual((yield* current(asking, "x")).state.n, 10)
      assert.strictEqual(completed(yield* asking.resume("x", { answer: 1 })).n, 20)
      const gated = yield* lazy(counting(undefined, { interruptBefore: ({ n }) => n === 10 }))
      assert.deepStrictEqual(waitsFor(yield* gated.start("y", zero)), ["before:add"])
      assert.strictEqual((yield* current(gated, "y")).state.n, 10)
    }))

  rule("false: a failure commits what was done before it", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      let left = 1
      const runner = yield* lazy(counting((n) => n === 10 && left-- > 0 ? Effect.fail("boom") : note(String(n))))
      yield* failing("boom", runner.start("x", zero))
      assert.strictEqual((yield* current(runner, "x")).state.n, 10)
      yield* runner.resume("x")
      assert.deepStrictEqual(ran, Array.from({ length: 20 }, (_, i) => String(i)))
    }))

  rule("false: so does an interruption, and the limit of supersteps", () =>
    Effect.gen(function*() {
      const at = yield* Deferred.make<void>()
      const hang = Effect.zipRight(Deferred.succeed(at, undefined), Effect.never)
      const runner = yield* lazy(counting((n) => n === 10 ? hang : Effect.void))
      const fiber = yield* Effect.fork(runner.start("x", zero))
      yield* Deferred.await(at)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual((yield* current(runner, "x")).state.n, 10)
      const limited = yield* lazy(counting(), { maxSteps: 7 })
      yield* failing("MaxStepsExceeded", limited.start("y", zero))
      assert.strictEqual((yield* current(limited, "y")).state.n, 7)
    }))

  for (const [what, stop] of [["asks", "ask"], ["fails", "fail"]] as const) {
    rule(`false: a branch that is done is not repeated when its sibling ${what}`, () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        let left = 1
        const fails = Effect.suspend(() => left-- > 0 ? Effect.fail("boom") : Effect.succeed(1))
        const stops: Effect.Effect<number, unknown, Execution.Execution> = stop === "ask"
          ? Execution.ask("ok", { answer: Schema.Int })
          : fails
        const graph = Graph.make("g", overCount)
          .node("first", () => Effect.succeed({ n: 1 }))
          .node("a", () => Effect.as(note("a"), { log: ["a"] }))
          .node("b", () => Effect.zipRight(Effect.repeatN(Effect.yieldNow(), 50), Effect.as(stops, { log: ["b"] })))
          .edge(Graph.START, "first")
          .edge("first", ["a", "b"])
          .build()
        const runner = yield* lazy(graph)
        yield* Effect.exit(runner.start("x", zero))
        if (stop === "ask") yield* runner.answer("x", { answer: 1 })
        assert.deepStrictEqual(completed(yield* runner.resume("x")), { n: 1, log: ["a", "b"] })
        assert.deepStrictEqual(ran, ["a"])
      }))
  }

  rule("false: recorded steps are not lost by the commit that comes after them", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      let left = 1
      const at = (n: number) =>
        Effect.gen(function*() {
          yield* Execution.step("charge", note(`charge ${n}`), Schema.Void)
          if (n === 5 && left-- > 0) return yield* Effect.fail("boom")
        })
      const runner = yield* lazy(counting(at))
      yield* failing("boom", runner.start("x", zero))
      yield* runner.resume("x")
      assert.deepStrictEqual(ran, Array.from({ length: 20 }, (_, i) => `charge ${i}`))
    }))
})

describe("onStep", () => {
  rule("runs after each superstep with its state; save commits what is kept back", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      const runner = yield* lazy(counting(), {
        onStep: ({ executionId, next, nodes, save, state, step }) =>
          step % 10 === 0
            ? Effect.zipRight(
              Effect.sync(() => seen.push([executionId, step, nodes, next, state.n])),
              Effect.orDie(save)
            )
            : Effect.void
      })
      yield* runner.start("x", zero)
      assert.deepStrictEqual(seen, [["x", 10, ["add"], ["add"], 10], ["x", 20, ["add"], [], 20]])
      assert.strictEqual(yield* commits, 3)
    }))

  rule("that dies fails the run; what it saw is committed", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(counting(), {
        onStep: ({ step }) => step === 3 ? Effect.die("boom") : Effect.void
      })
      yield* Effect.exit(runner.start("x", zero))
      assert.deepInclude(yield* current(runner, "x"), { status: "failed", step: 3 })
    }))

  rule("can be interrupted", () =>
    Effect.gen(function*() {
      const at = yield* Deferred.make<void>()
      const runner = yield* Runner.forGraph(counting(), {
        onStep: () => Effect.zipRight(Deferred.succeed(at, undefined), Effect.never)
      })
      const fiber = yield* Effect.fork(runner.start("x", zero))
      yield* Deferred.await(at)
      yield* Fiber.interrupt(fiber)
      assert.deepInclude(yield* current(runner, "x"), { status: "ready", step: 1 })
    }))
})
