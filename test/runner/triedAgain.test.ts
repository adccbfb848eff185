import { assert, describe } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Execution, Graph, Runner, TestMemory } from "effect-checkpoint"
import { completed, failing, idsOf, noReply, notes, onMemory as rule, overCount, zero } from "./Bench.js"

type Operation = (note: Effect.Effect<void>) => Effect.Effect<unknown, unknown, Execution.Execution>

const step: Operation = (note) => Execution.step("s", Effect.as(note, 7), Schema.Int)

const operations: Readonly<Record<string, Operation>> = {
  "a step": step,
  "a step with a failure": (note) =>
    Execution.step("s", Effect.zipRight(note, Effect.fail("no")), { success: Schema.Int, failure: Schema.String }).pipe(
      Effect.catchIf((error) => error === "no", () => Effect.succeed(7))
    ),
  "a sleep": () => Execution.sleep("s", "1 hour"),
  "a question": () => Execution.ask("s", { answer: Schema.Int })
}

/** `a`, whose commit is kept back without `autoSave`, and then `b`, which meets Redis in trouble once. */
const graphOf = (operation: Effect.Effect<unknown, unknown, Execution.Execution>) =>
  Graph.make("g", overCount)
    .node("a", () => Effect.succeed({ log: ["a"] }))
    .node("b", () =>
      Effect.gen(function*() {
        const memory = yield* TestMemory.TestMemory
        yield* memory.failNext(noReply)
        yield* Effect.retry(operation, { times: 1 })
        return { log: ["b"] }
      }))
    .edge(Graph.START, "a")
    .edge("a", "b")
    .build()

describe("within one pass of a node", () => {
  for (const autoSave of [true, false]) {
    const where = autoSave ? "" : ", where a commit is kept back,"
    for (const [what, operation] of Object.entries(operations)) {
      rule(
        `${what}${where} that could not be recorded can be tried again, and is done once`,
        () =>
          Effect.gen(function*() {
            const { all: ran, note } = notes()
            const runner = yield* Runner.forGraph(graphOf(operation(note("ran"))), { autoSave })
            const outcome = yield* runner.start("x", zero)
            if (what === "a question") assert.deepStrictEqual(idsOf(outcome), ["ask:b:s@2"])
            else if (what === "a sleep") assert.strictEqual(outcome._tag, "Sleeping")
            else assert.deepStrictEqual(completed(outcome).log, ["a", "b"])
            assert.deepStrictEqual(ran, what.startsWith("a step") ? ["ran"] : [])
          })
      )
    }
  }

  rule("what cannot be stored leaves its name for another try", () =>
    Effect.gen(function*() {
      let result = Number.NaN
      const again = (operation: Effect.Effect<unknown, unknown, Execution.Execution>) =>
        Effect.retry(Effect.ensuring(operation, Effect.sync(() => void (result = 1))), { times: 1 })
      const program = Effect.gen(function*() {
        yield* again(Execution.step("step", Effect.sync(() => result), Schema.Number))
        result = Number.NaN
        yield* again(Effect.suspend(() => Execution.sleep("sleep", result / 1_000)))
        result = Number.NaN
        yield* again(Effect.suspend(() => Execution.ask("ask", { question: result, answer: Schema.Int })))
      })
      const asked = { executionId: "x", name: "p", success: Schema.Void }
      const outcome = yield* Runner.run(program, asked)
      assert.deepStrictEqual(idsOf(outcome), ["ask:p:ask@1"])
    }))

  rule("what is recorded keeps its name, also when it is a failure", () =>
    Effect.gen(function*() {
      const failed = Execution.step("s", Effect.fail("no"), { success: Schema.Int, failure: Schema.String })
      const twice = Effect.zipRight(Effect.option(failed), step(Effect.void))
      yield* failing("DuplicateStep", Runner.run(twice, { executionId: "x", name: "p", success: Schema.Unknown }))
    }))
})
