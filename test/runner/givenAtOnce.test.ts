/** Nodes that have their result already run in no fiber of their own; nothing else is different about them. */
import { assert, describe } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Schedule } from "effect"
import { Graph, Runner } from "effect-checkpoint"
import { completed, current, failing, launched, onMemory as rule, overCount, statusOf, zero } from "./Bench.js"

const endless = Graph.make("endless", overCount)
  .node("add", ({ n }) => Effect.succeed({ n: n + 1 }))
  .edge(Graph.START, "add")
  .edge("add", "add")
  .build()

const without = { maxSteps: Infinity }

describe("nodes that have their result already", () => {
  rule("leave room for an interruption between two supersteps: what is done is stored", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(endless, without)
      const exit = yield* Fiber.interrupt(yield* launched(runner.start("x", zero)))
      assert.isTrue(Exit.isInterrupted(exit), String(exit))
      const { state, status, version } = yield* current(runner, "x")
      assert.deepStrictEqual([state.n, status], [version - 1, "ready"])
      const again = yield* Runner.forGraph(endless, { maxSteps: 3 })
      yield* failing("MaxStepsExceeded", again.resume("x"))
      assert.strictEqual((yield* current(runner, "x")).state.n, state.n + 3)
    }))

  rule("stop with the run when another takes the execution over", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(endless, without)
      const zombie = yield* launched(runner.start("x", zero))
      const { version } = yield* runner.updateState("x", { log: ["taken"] }, { steal: true })
      yield* failing("Fenced", Fiber.join(zombie))
      const head = yield* current(runner, "x")
      assert.deepStrictEqual([head.version, head.state.log], [version, ["taken"]])
    }))

  rule("fail, run again and die as others do", () =>
    Effect.gen(function*() {
      let calls = 0
      const graph = Graph.make("g", overCount)
        .node("fails", () => ++calls < 3 ? Effect.fail("boom") : Effect.succeed({ n: calls }), {
          retry: Schedule.recurs(1)
        })
        .node("throws", ({ log }) => {
          if (++calls === 4) throw new Error("thrown")
          return Effect.succeed({ log: [...log, "gone on"] })
        })
        .edge(Graph.START, "fails")
        .edge("fails", "throws")
        .build()
      const runner = yield* Runner.forGraph(graph)
      yield* failing("boom", runner.start("x", zero))
      assert.deepStrictEqual([calls, yield* statusOf(runner, "x")], [2, "failed"])
      const exit = yield* Effect.exit(runner.resume("x"))
      assert.include(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", "thrown")
      assert.deepStrictEqual((yield* current(runner, "x")).nodes, ["fails"])
      assert.deepStrictEqual(completed(yield* runner.resume("x")), { n: 3, log: ["gone on"] })
    }))
})
