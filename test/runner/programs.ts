import { assert, describe } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Execution, Graph, Runner } from "effect-checkpoint"
import { completed, failing, listed, notes, type Rule, statusOf, waitsFor } from "./Bench.js"

const greet = (executionId: string) =>
  Effect.map(Execution.ask("ok", { answer: Schema.String }), (answer) => `${executionId} ${answer}`)

export const programs = (rule: Rule) =>
  describe("programs", () => {
    rule("the result is stored: run again it is given, decoded, and nothing runs", () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const at = new Date(5)
        const program = Effect.as(note("ran"), at)
        const options = { executionId: "x", name: "p", success: Schema.Date } as const
        const first = yield* Runner.run(program, options)
        assert.deepStrictEqual(first, { _tag: "Completed", executionId: "x", value: at, version: 2 })
        assert.deepStrictEqual(yield* Runner.run(program, options), first)
        assert.deepStrictEqual(ran, ["ran"])
      }))

    rule("a program without a result ends, too", () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const options = { executionId: "x", name: "p", success: Schema.Void } as const
        for (const _ of [1, 2]) assert.isUndefined(completed(yield* Runner.run(note("ran"), options)))
        assert.deepStrictEqual(ran, ["ran"])
      }))

    rule("a result that does not encode fails, and is not stored", () =>
      Effect.gen(function*() {
        const options = { executionId: "x", name: "p", success: Schema.Int } as const
        yield* failing("InvalidPatch", Runner.run(Effect.succeed(0.5), options))
        assert.strictEqual(completed(yield* Runner.run(Effect.succeed(1), options)), 1)
      }))

    rule("what has failed is tried again from its recorded steps", () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        let left = 2
        const program = Effect.gen(function*() {
          const a = yield* Execution.step("a", Effect.as(note("a"), 1), Schema.Int)
          if (left-- > 0) return yield* Effect.fail("broken")
          const b = yield* Execution.step("b", Effect.as(note("b"), 2), Schema.Int)
          return a + b
        })
        const options = { executionId: "x", name: "p", success: Schema.Int } as const
        for (const _ of [1, 2]) yield* failing("broken", Runner.run(program, options))
        assert.strictEqual(completed(yield* Runner.run(program, options)), 3)
        assert.deepStrictEqual(ran, ["a", "b"])
      }))

    rule("a name is the execution's: with another one it is a GraphMismatch", () =>
      Effect.gen(function*() {
        const options = { executionId: "x", name: "p", success: Schema.Int } as const
        yield* Runner.run(Effect.succeed(1), options)
        yield* failing("GraphMismatch", Runner.run(Effect.succeed(1), { ...options, name: "q" }))
      }))

    rule("the runner of fromProgram knows the executions of Runner.run", () =>
      Effect.gen(function*() {
        const graph = Graph.fromProgram("p", Schema.String, greet)
        const runner = yield* Runner.forGraph(graph)
        const options = { executionId: "x", name: "p", success: Schema.String } as const
        assert.deepStrictEqual(waitsFor(yield* Runner.run(greet("x"), options)), ["ask:p:ok"])
        assert.deepStrictEqual([yield* statusOf(runner, "x"), yield* listed(runner)], ["waiting", { x: "waiting" }])
        assert.deepStrictEqual(completed(yield* runner.resume("x", { answer: "yes" })), { result: "x yes" })
        assert.strictEqual(completed(yield* Runner.run(greet("x"), options)), "x yes")
      }))

    rule("an explicitly undefined option is none", () =>
      Effect.gen(function*() {
        const options = { executionId: "x", name: "p", success: Schema.Int } as const
        const none = { maxCheckpoints: undefined, autoSave: undefined, steal: undefined, request: undefined }
        assert.strictEqual(completed(yield* Runner.run(Effect.succeed(1), { ...options, ...none })), 1)
      }))

    rule("steps of a program outlive the 10 checkpoints that are kept: it has one head", () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        let left = 1
        const program = Effect.gen(function*() {
          for (let i = 0; i < 30; i++) yield* Execution.step(`s${i}`, note(`s${i}`), Schema.Void)
          if (left-- > 0) return yield* Effect.fail("broken")
          return ran.length
        })
        const options = { executionId: "x", name: "p", success: Schema.Int } as const
        yield* failing("broken", Runner.run(program, options))
        assert.strictEqual(completed(yield* Runner.run(program, options)), 30)
      }))

    rule("an execution may run others, whose steps and errors are theirs", () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const inner = Execution.step("s", Effect.as(note("inner"), 1), Schema.Int)
        const outer = Effect.gen(function*() {
          const n = yield* Execution.step("s", Effect.as(note("outer"), 2), Schema.Int)
          const other = yield* Runner.run(inner, { executionId: "inner", name: "inner", success: Schema.Int })
          return n + completed(other)
        })
        const options = { executionId: "outer", name: "outer", success: Schema.Int } as const
        assert.strictEqual(completed(yield* Runner.run(outer, options)), 3)
        assert.deepStrictEqual(ran, ["outer", "inner"])
      }))
  })
