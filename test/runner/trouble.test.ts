import { assert, describe } from "@effect/vitest"
import { Effect, Logger, Schema, TestClock } from "effect"
import { Errors, Execution, Graph, Recovery, Runner, TestMemory } from "effect-checkpoint"
import { failing, listed, onMemory as rule, overCount, statusOf, zero } from "./Bench.js"

const refusal = (code: string) => new Errors.RedisCommandError({ command: "commit", code, message: code })

/** The next program fails, the first time that this is run. */
const once = (code: string, applied: boolean) => {
  let first = true
  return Effect.flatMap(TestMemory.TestMemory, (memory) =>
    Effect.suspend(() => {
      if (!first) return Effect.void
      first = false
      return memory.failNext(refusal(code), { applied })
    }))
}

const over = <E, R>(run: Effect.Effect<unknown, E, R>) =>
  Graph.make("g", overCount).node("a", () => Effect.as(run, { n: 1 })).edge(Graph.START, "a").build()

describe("trouble of the server", () => {
  for (const [code, applied] of [["OOM", false], ["MISCONF", false], ["NOTDURABLE", true]] as const) {
    rule(
      `${code} at a commit leaves the execution to the recovery, which goes on with it`,
      () =>
        Effect.gen(function*() {
          const runner = yield* Runner.forGraph(over(once(code, applied)))
          assert.strictEqual((yield* failing("RedisCommandError", runner.start("x", zero)))["code"], code)
          assert.deepStrictEqual(yield* listed(runner), { x: "ready" })
          yield* Effect.forkScoped(Recovery.daemon(runner))
          yield* TestClock.adjust("10 seconds")
          assert.deepStrictEqual([yield* statusOf(runner, "x"), yield* listed(runner)], ["completed", {}])
        })
    )
  }

  rule(
    "a step that is recorded and not yet durable leaves it to the recovery, and is not run again",
    () =>
      Effect.gen(function*() {
        let runs = 0
        const effect = Effect.zipRight(Effect.sync(() => ++runs), once("NOTDURABLE", true))
        const runner = yield* Runner.forGraph(over(Execution.step("s", effect, Schema.Void)))
        yield* failing("RedisCommandError", runner.start("x", zero))
        assert.deepStrictEqual(yield* listed(runner), { x: "ready" })
        yield* Effect.forkScoped(Recovery.daemon(runner))
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual([yield* statusOf(runner, "x"), runs], ["completed", 1])
      })
  )

  rule("what a node itself is refused is the node's failure", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(over(Effect.fail(refusal("WRONGTYPE"))))
      yield* failing("RedisCommandError", runner.start("x", zero))
      assert.deepStrictEqual(yield* listed(runner), { x: "failed" })
    }).pipe(Effect.provide(Logger.remove(Logger.defaultLogger))))
})
