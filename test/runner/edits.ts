import { assert, describe } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"
import { Execution, Graph, Runner } from "effect-checkpoint"
import { all, completed, current, failing, listed, overCount, type Rule, statusOf, waitsFor, zero } from "./Bench.js"

const graph = Graph.make("g", overCount)
  .node("a", () => Effect.succeed({ log: ["a"] }))
  .node("b", ({ n }) => Effect.succeed({ n: n * 2, log: ["b"] }), { interruptBefore: true })
  .node("c", () => Effect.succeed({ log: ["c"] }))
  .edge(Graph.START, "a")
  .edge("a", "b")
  .branch("b", ["c", Graph.END], ({ n }) => n > 10 ? "c" : Graph.END)
  .build()

const changing = (rule: Rule) => {
  rule(
    "updateState appends by the reducers, goes on with the nodes that were next, and leaves it parked",
    () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(graph)
        yield* runner.start("x", zero)
        const edited = yield* runner.updateState("x", { n: 4, log: ["edit"] })
        assert.deepInclude(edited, {
          version: 3,
          state: { n: 4, log: ["a", "edit"] },
          source: "update",
          next: ["b"],
          step: 1
        })
        assert.deepStrictEqual(Option.getOrNull(edited.parentId), "x@0000000000000002")
        assert.deepStrictEqual([yield* statusOf(runner, "x"), yield* listed(runner)], ["waiting", { x: "waiting" }])
        assert.deepInclude(yield* current(runner, "x"), { version: 3, checkpointId: edited.checkpointId })
        assert.deepStrictEqual(completed(yield* runner.resume("x", { answer: 1 })), { n: 8, log: ["a", "edit", "b"] })
      })
  )

  rule(
    "asNode goes on behind that node, by its edges from the changed state; at the end it can end or begin anew",
    () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(graph)
        yield* runner.start("x", zero)
        const edited = yield* runner.updateState("x", { n: 11 }, { asNode: "b" })
        assert.deepStrictEqual([edited.nodes, edited.next], [["b"], ["c"]])
        assert.deepStrictEqual(completed(yield* runner.resume("x")).log, ["a", "c"])
        assert.deepStrictEqual((yield* runner.updateState("x", { n: 1 }, { asNode: "b" })).next, [])
        assert.deepStrictEqual([yield* statusOf(runner, "x"), yield* listed(runner)], ["completed", {}])
        assert.deepStrictEqual((yield* runner.updateState("x", {}, { asNode: "a" })).next, ["b"])
        assert.deepStrictEqual(Object.keys(yield* listed(runner)), ["x"])
        assert.deepStrictEqual(waitsFor(yield* runner.resume("x")), ["before:b"])
      })
  )

  rule("expected refuses to change another version than the one that was looked at", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(graph)
      yield* runner.start("x", zero)
      const { version } = yield* runner.updateState("x", { n: 1 }, { expected: 2 })
      const error = yield* failing("CheckpointConflict", runner.updateState("x", { n: 2 }, { expected: 2 }))
      assert.deepInclude(error, { executionId: "x", expected: 2, actual: version })
      assert.strictEqual((yield* current(runner, "x")).state.n, 1)
    }))

  rule("saveCheckpoint appends a state as it is, past the reducers", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(graph)
      yield* runner.start("x", zero)
      const saved = yield* runner.saveCheckpoint("x", { n: 9, log: [] })
      assert.deepInclude(saved, { version: 3, source: "update", next: ["b"], state: { n: 9, log: [] } })
      assert.deepStrictEqual(completed(yield* runner.resume("x", { answer: 1 })), { n: 18, log: ["b", "c"] })
      yield* runner.saveCheckpoint("x", zero)
      assert.deepStrictEqual(completed(yield* runner.resume("x")), zero)
      assert.deepStrictEqual(yield* listed(runner), {})
    }))
}

const program = Graph.make("ways", overCount)
  .node("a", ({ n }) => {
    if (n === 0) return Effect.fail("failed")
    return Effect.as(n === 1 ? Execution.sleep("nap", "1 hour") : Execution.ask("ok", { answer: Schema.Int }), {})
  })
  .edge(Graph.START, "a")
  .build()

const refusing = (rule: Rule) => {
  for (const [n, status] of [[0, "failed"], [1, "sleeping"], [2, "waiting"]] as const) {
    rule(
      `an edit that is refused leaves an execution ${status}, and when it is to be looked at`,
      () =>
        Effect.gen(function*() {
          const runner = yield* Runner.forGraph(program)
          yield* Effect.exit(runner.start("x", { n, log: [] }))
          const before = [yield* current(runner, "x"), yield* all(runner.unfinished)] as const
          assert.deepStrictEqual(before[0].status, status)
          yield* failing("InvalidPatch", runner.updateState("x", { n: 0.5 }))
          yield* failing("InvalidPatch", runner.updateState("x", { m: 1 } as never))
          yield* failing("UnknownNode", runner.updateState("x", {}, { asNode: "b" as "a" }))
          yield* failing("CheckpointConflict", runner.updateState("x", {}, { expected: 7 }))
          yield* failing("CheckpointEncodeError", runner.saveCheckpoint("x", { n: 0.5, log: [] }))
          yield* failing("InputMismatch", runner.start("x", { n: 7, log: [] }))
          assert.deepStrictEqual([yield* current(runner, "x"), yield* all(runner.unfinished)], before)
        })
    )

    rule(`an edit leaves an execution ${status}, so that it is to be resumed as before`, () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(program)
        yield* Effect.exit(runner.start("x", { n, log: [] }))
        const before = yield* all(runner.unfinished)
        yield* runner.updateState("x", { log: ["edit"] })
        assert.deepStrictEqual(yield* all(runner.unfinished), before)
      }))
  }

  rule("a patch of one that is no node's names no node", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(graph)
      yield* runner.start("x", zero)
      const error = yield* failing("InvalidPatch", runner.updateState("x", { n: 0.5 }))
      assert.deepInclude(error, { executionId: "x" })
      yield* failing("InvalidPatch", runner.updateState("x", { nope: 1 } as never, { asNode: "a" }))
    }))
}

export const edits = (rule: Rule) =>
  describe("edits", () => {
    for (const rules of [changing, refusing]) rules(rule)
  })
