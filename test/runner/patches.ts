import { assert, describe } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Execution, Graph, Runner } from "effect-checkpoint"
import { completed, type Count, current, failing, notes, overCount, type Rule, zero } from "./Bench.js"

const strange: Readonly<Record<string, unknown>> = {
  "a field that the state has not": { n: 1, m: 2 },
  "a value of another type": { n: "1" },
  "a value out of the schema": { n: 1.5 },
  "nothing": undefined,
  "a list": [],
  "a word": "n"
}

const alone = (patch: Graph.Patch<Count>) =>
  Graph.make("g", overCount).node("a", () => Effect.succeed(patch)).edge(Graph.START, "a").build()

const refused = (rule: Rule) => {
  for (const [what, patch] of Object.entries(strange)) {
    rule(`a patch with ${what} is an InvalidPatch, and nothing is stored`, () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(alone(patch as Graph.Patch<Count>))
        const error = yield* failing("InvalidPatch", runner.start("x", zero))
        assert.include(error, { executionId: "x", node: "a" })
        assert.deepInclude(yield* current(runner, "x"), { version: 1, status: "failed" })
      }))

    rule(`beside another branch, too: ${what}`, () =>
      Effect.gen(function*() {
        const graph = Graph.make("g", overCount)
          .node("a", () => Effect.succeed(patch as Graph.Patch<Count>))
          .node("b", () => Effect.succeed({}))
          .edge(Graph.START, ["a", "b"])
          .build()
        const runner = yield* Runner.forGraph(graph)
        assert.include(yield* failing("InvalidPatch", runner.start("x", zero)), { executionId: "x", node: "a" })
        assert.strictEqual((yield* current(runner, "x")).version, 1)
      }))
  }

  for (const others of [[], ["b"]] as const) {
    const where = others.length === 0 ? "alone" : "beside another branch"
    const Note = Schema.Struct({ in: Schema.Struct({ a: Schema.Int }), note: Schema.optional(Schema.String) })
    const graphOf = (patch: object) =>
      Graph.make("g", { state: Note })
        .node("a", () => Effect.succeed(patch as Graph.Patch<typeof Note.Type>))
        .node("b", () => Effect.succeed({}))
        .edge(Graph.START, ["a", ...others])
        .build()
    const input = { in: { a: 1 }, note: "there" }

    rule(`${where}, a field within a field that the schema has not is an InvalidPatch`, () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(graphOf({ in: { a: 2, b: 3 } }))
        yield* failing("InvalidPatch", runner.start("x", input))
      }))

    rule(`${where}, a patch can take an optional field away`, () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(graphOf({ note: undefined }))
        assert.deepStrictEqual(completed(yield* runner.start("x", input)), { in: { a: 1 } })
      }))
  }
}

/** Writes what it does not read. */
const Lossy = Schema.transform(Schema.String, Schema.Number, {
  strict: true,
  decode: Number,
  encode: (n) => n === 13 ? "thirteen" : String(n)
}).pipe(Schema.filter((n) => !Number.isNaN(n)))

const lossy: Readonly<Record<string, object>> = {
  "NaN": { n: Number.NaN },
  "a Date as an unknown": { u: { at: new Date(0) } },
  "a BigInt as an unknown": { u: 1n },
  "a cycle": {
    get u() {
      const cycle: { self?: unknown } = {}
      cycle.self = cycle
      return cycle
    }
  },
  "what its schema cannot read again": { thirteen: 13 }
}

const stored = (rule: Rule) => {
  for (const [what, patch] of Object.entries(lossy)) {
    for (const others of [[], ["b"]] as const) {
      rule(
        `${what}, ${others.length === 0 ? "alone" : "in a fan-out"}, is refused and not recorded: repaired, it goes on`,
        () =>
          Effect.gen(function*() {
            let given = patch
            const state = Schema.Struct({ u: Schema.Unknown, n: Schema.Number, thirteen: Lossy, m: Schema.Int })
            const graph = Graph.make("g", { state })
              .node("a", () => Effect.sync(() => given as Graph.Patch<typeof state.Type>))
              .node("b", () => Effect.succeed({ m: 1 }))
              .edge(Graph.START, ["a", ...others])
              .build()
            const runner = yield* Runner.forGraph(graph)
            const exit = yield* Effect.flip(runner.start("x", { u: null, n: 0, thirteen: 0, m: 0 }))
            assert.include(["InvalidPatch", "CheckpointEncodeError", "StateDecodeError"], exit._tag)
            if (others.length > 0) assert.deepInclude(exit, { _tag: "InvalidPatch", executionId: "x", node: "a" })
            assert.strictEqual((yield* current(runner, "x")).version, 1)
            given = { n: 4 }
            assert.deepStrictEqual(completed(yield* runner.resume("x")), {
              u: null,
              n: 4,
              thirteen: 0,
              m: others.length
            })
          })
      )
    }
  }
}

const kept = (rule: Rule) => {
  rule(
    "what reducers lead out of the schema is an InvalidPatch; a fork frees the branches from what was recorded, an edit does not",
    () =>
      Effect.gen(function*() {
        let by = 6
        const state = Schema.Struct({ n: Schema.Int.pipe(Schema.between(0, 10)) })
        const add = () => Effect.sync(() => ({ n: by }))
        const graph = Graph.make("g", { state, reducers: { n: (a, b) => a + b } })
          .node("a", add)
          .node("b", add)
          .edge(Graph.START, ["a", "b"])
          .build()
        const runner = yield* Runner.forGraph(graph)
        yield* failing("InvalidPatch", runner.start("x", { n: 0 }))
        assert.deepInclude(yield* current(runner, "x"), { version: 1, status: "failed" })
        by = 2
        yield* runner.updateState("x", {})
        yield* failing("InvalidPatch", runner.resume("x"))
        assert.strictEqual(completed(yield* runner.resumeFrom("x@0000000000000001")).n, 4)
      })
  )

  rule(
    "a branch that was recorded by code with an older state runs again, its steps do not",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const turns = Effect.repeatN(Effect.yieldNow(), 50)
        const paid = Execution.step("pay", note("pay"), Schema.Void)
        const old = Graph.make("g", { state: Schema.Struct({ euro: Schema.Int }) })
          .node("a", () => Effect.as(paid, { euro: 5 }))
          .node("b", () => Effect.zipRight(turns, Effect.fail("boom")))
          .edge(Graph.START, ["a", "b"])
          .build()
        yield* failing("boom", (yield* Runner.forGraph(old)).start("x", { euro: 0 }))
        const migrations = { 1: (state: unknown) => ({ cents: (state as { readonly euro: number }).euro * 100 }) }
        const next = Graph.make("g", { state: Schema.Struct({ cents: Schema.Int }), stateVersion: 2, migrations })
          .node("a", () => Effect.as(paid, { cents: 500 }))
          .node("b", () => Effect.succeed({}))
          .edge(Graph.START, ["a", "b"])
          .build()
        assert.deepStrictEqual(completed(yield* (yield* Runner.forGraph(next)).resume("x")), { cents: 500 })
        assert.deepStrictEqual(ran, ["pay"])
      })
  )
}

export const patches = (rule: Rule) =>
  describe("patches", () => {
    for (const rules of [refused, stored, kept]) rules(rule)
  })
