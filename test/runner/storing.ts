import { assert, describe } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"
import { CheckpointStore, Execution, Graph, Runner } from "effect-checkpoint"
import { all, completed, current, failing, notes, overCount, type Rule, zero } from "./Bench.js"

const durable = (rule: Rule) => {
  rule("the input is stored before the first node runs", () =>
    Effect.gen(function*() {
      const store = yield* CheckpointStore.CheckpointStore
      const graph = Graph.make("g", overCount)
        .node("a", () =>
          Effect.map(store.list("x"), (found) => ({
            log: found.map(({ nodeName, version }) => `${version} ${nodeName}`)
          })))
        .edge(Graph.START, "a")
        .build()
      const runner = yield* Runner.forGraph(graph)
      assert.deepStrictEqual(completed(yield* runner.start("x", zero)).log, ["1 __start__"])
    }))

  rule(
    "a superstep is stored before the next one begins, with the six fields of the store",
    () =>
      Effect.gen(function*() {
        const store = yield* CheckpointStore.CheckpointStore
        const seen: Array<unknown> = []
        const look = Effect.map(
          store.latest("x"),
          Option.map(({ nodeName, state, version }) => ({ nodeName, state, version }))
        )
        const graph = Graph.make("g", overCount)
          .node("a", () => Effect.succeed({ n: 1 }))
          .node("b", () => Effect.as(Effect.map(look, (head) => seen.push(Option.getOrNull(head))), {}))
          .edge(Graph.START, "a")
          .edge("a", "b")
          .build()
        yield* (yield* Runner.forGraph(graph)).start("x", zero)
        assert.deepStrictEqual(seen, [{ nodeName: "a", state: { n: 1, log: [] }, version: 2 }])
      })
  )

  for (const list of [{}, { list: [0] }]) {
    const what = "list" in list ? "of a state with a list" : "of a flat state"
    rule(
      `what goes on is what was stored, down to the sign of 0 and to fields without a value: ${what}`,
      () =>
        Effect.gen(function*() {
          const state = Schema.Struct({
            zero: Schema.Number,
            note: Schema.optional(Schema.String),
            list: Schema.optional(Schema.Array(Schema.Number))
          })
          const seen: Array<unknown> = []
          const look = (given: unknown) => Effect.sync(() => seen.push(given))
          const graph = Graph.make("g", { state })
            .node("a", () => Effect.succeed({ zero: -0 }))
            .node("b", (given) => Effect.as(look(given), { note: undefined }))
            .node("c", (given) => Effect.as(look(given), {}))
            .edge(Graph.START, "a")
            .edge("a", "b")
            .edge("b", "c")
            .build()
          const runner = yield* Runner.forGraph(graph)
          yield* runner.start("x", { zero: 1, note: "a note", ...list })
          assert.deepStrictEqual(seen, [{ zero: 0, note: "a note", ...list }, { zero: 0, ...list }])
          assert.deepStrictEqual(seen.at(-1), (yield* current(runner, "x")).state)
        })
    )
  }

  rule(
    "ids are the execution's with the version, parents are linked, the epoch counts the claims",
    () =>
      Effect.gen(function*() {
        let left = 1
        const graph = Graph.make("g", overCount)
          .node("a", () => Effect.succeed({ n: 1 }))
          .node("b", () => Effect.suspend(() => left-- > 0 ? Effect.fail("stop") : Effect.succeed({ n: 2 })))
          .edge(Graph.START, "a")
          .edge("a", "b")
          .build()
        const runner = yield* Runner.forGraph(graph)
        yield* failing("stop", runner.start("x", zero))
        yield* runner.resume("x")
        const history = yield* all(runner.history("x"))
        assert.deepStrictEqual(
          history.map(({ checkpointId, epoch, parentId }) => [checkpointId, Option.getOrNull(parentId), epoch]),
          [
            ["x@0000000000000003", "x@0000000000000002", 2],
            ["x@0000000000000002", "x@0000000000000001", 1],
            ["x@0000000000000001", null, 1]
          ]
        )
      })
  )

  rule("the node knows its execution and its name", () =>
    Effect.gen(function*() {
      const graph = Graph.make("g", overCount)
        .node("a", () => Effect.map(Execution.Execution, ({ executionId, node }) => ({ log: [executionId, node] })))
        .edge(Graph.START, "a")
        .build()
      const runner = yield* Runner.forGraph(graph)
      assert.deepStrictEqual(completed(yield* runner.start("x", zero)).log, ["x", "a"])
    }))
}

const Rich = Schema.Struct({
  at: Schema.Date,
  hint: Schema.optional(Schema.String),
  level: Schema.optionalWith(Schema.Int, { default: () => 3 }),
  /** Loses what is behind the point. */
  cents: Schema.transform(Schema.Int, Schema.Number, {
    strict: true,
    decode: (cents) => cents / 100,
    encode: (euro) => Math.round(euro * 100)
  })
})

const stored = (rule: Rule) => {
  rule("what continues is what was stored: dates, optional fields, defaults, roundings", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      const look = (state: typeof Rich.Type) => Effect.sync(() => void seen.push(state))
      const graph = Graph.make("g", { state: Rich })
        .node("a", (state) => Effect.as(look(state), { cents: 2.009 }))
        .node("b", (state) => Effect.as(look(state), { hint: "b" }))
        .node("c", (state) => Effect.as(look(state), { hint: undefined, cents: 3.001 }))
        .edge(Graph.START, "a")
        .edge("a", "b")
        .edge("b", "c")
        .build()
      const runner = yield* Runner.forGraph(graph)
      const at = new Date(86_400_000)
      const outcome = yield* runner.start("x", { at, level: 3, cents: 1.001 })
      assert.deepStrictEqual([...seen, completed(outcome)], [
        { at, level: 3, cents: 1 },
        { at, level: 3, cents: 2.01 },
        { at, level: 3, cents: 2.01, hint: "b" },
        { at, level: 3, cents: 3 }
      ])
      assert.deepStrictEqual((yield* current(runner, "x")).state, completed(outcome))
    }))

  rule(
    "a branch's patch is what was stored, the first time and when it is taken up again",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        let broken = true
        const turns = Effect.repeatN(Effect.yieldNow(), 50)
        const graph = Graph.make("g", { state: Rich })
          .node("a", () => Effect.as(note("a"), { cents: 2.009, at: new Date(7) }))
          .node(
            "b",
            () => Effect.zipRight(turns, Effect.suspend(() => broken ? Effect.fail("stop") : Effect.succeed({})))
          )
          .edge(Graph.START, ["a", "b"])
          .build()
        const runner = yield* Runner.forGraph(graph)
        const input = { at: new Date(1), level: 1, cents: 0 }
        yield* failing("stop", runner.start("x", input))
        broken = false
        const resumed = completed(yield* runner.resume("x"))
        assert.deepStrictEqual(resumed, completed(yield* runner.start("y", input)))
        assert.deepStrictEqual(resumed, { at: new Date(7), level: 1, cents: 2.01 })
        assert.deepStrictEqual(ran, ["a", "a"])
      })
  )

  rule(
    "an input that the schema cannot store is a CheckpointEncodeError, and nothing is sent",
    () =>
      Effect.gen(function*() {
        const graph = Graph.make("g", overCount).node("a", () => Effect.succeed({})).edge(Graph.START, "a").build()
        const runner = yield* Runner.forGraph(graph)
        yield* failing("CheckpointEncodeError", runner.start("x", { n: 0.5, log: [] }))
        assert.isTrue(Option.isNone(yield* runner.getState("x")))
      })
  )
}

export const storing = (rule: Rule) =>
  describe("what is stored", () => {
    for (const rules of [durable, stored]) rules(rule)
  })
