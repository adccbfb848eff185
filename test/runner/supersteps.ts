import { assert, describe } from "@effect/vitest"
import { Effect, Random, Schedule, Schema } from "effect"
import { Execution, Graph, Runner } from "effect-checkpoint"
import { all, completed, type Count, failing, notes, overCount, type Rule, zero } from "./Bench.js"

const letters = ["a", "b", "c", "d", "e"] as const

/** Some turns of the scheduler. */
const dawdle = Effect.flatMap(Random.nextIntBetween(0, 30), (turns) => Effect.repeatN(Effect.yieldNow(), turns))

/** Declared from e to a. */
const wide = (seen: Array<Count>) => {
  const run = (letter: string) => (state: Count) =>
    Effect.as(Effect.tap(dawdle, () => Effect.sync(() => seen.push(state))), { n: letter.charCodeAt(0), log: [letter] })
  return Graph.make("wide", overCount)
    .node("e", run("e"))
    .node("d", run("d"))
    .node("c", run("c"))
    .node("b", run("b"))
    .node("a", run("a"))
    .node("join", () => Effect.succeed({ log: ["join"] }))
    .edge(Graph.START, letters)
    .edge("a", "join")
    .edge("b", "join")
}

const merging = (rule: Rule) => {
  rule(
    "all nodes of a superstep see the same state; patches merge in the order of declaration, whatever takes longest",
    () =>
      Effect.gen(function*() {
        for (let i = 0; i < 20; i++) {
          const seen: Array<Count> = []
          const runner = yield* Runner.forGraph(wide(seen).build())
          const last = completed(yield* runner.start(`x${i}`, { n: 7, log: ["in"] }))
          assert.deepStrictEqual(seen, letters.map(() => ({ n: 7, log: ["in"] })))
          // a is the last that replaces n.
          assert.deepStrictEqual(last, { n: 97, log: ["in", "e", "d", "c", "b", "a", "join"] })
        }
      })
  )

  rule("a superstep is one checkpoint, and a node that two edges lead to runs once", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(wide([]).build())
      yield* runner.start("x", zero)
      const history = yield* all(runner.history("x", { order: "asc" }))
      assert.deepStrictEqual(history.map(({ next, nodes, source, step }) => [source, step, nodes, next]), [
        ["input", 0, [], ["e", "d", "c", "b", "a"]],
        ["loop", 1, ["e", "d", "c", "b", "a"], ["join"]],
        ["loop", 2, ["join"], []]
      ])
    }))

  rule(
    "without a reducer a field is replaced, with one it is joined; fields that no patch names stay",
    () =>
      Effect.gen(function*() {
        const graph = Graph.make("g", {
          state: Schema.Struct({ sum: Schema.Int, last: Schema.String, kept: Schema.Date }),
          reducers: { sum: (a, b) => a + b }
        })
          .node("a", () => Effect.succeed({ sum: 2, last: "a" }))
          .node("b", () => Effect.succeed({ sum: 40 }))
          .edge(Graph.START, ["a", "b"])
          .build()
        const runner = yield* Runner.forGraph(graph)
        const kept = new Date(5)
        assert.deepStrictEqual(completed(yield* runner.start("x", { sum: 0, last: "", kept })), {
          sum: 42,
          last: "a",
          kept
        })
      })
  )
}

const leading = (rule: Rule) => {
  rule(
    "edges and branches are followed from the merged state, END ends a way and not the others",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const graph = Graph.make("g", overCount)
          .node("a", () => Effect.as(note("a"), { n: 5 }))
          .node("b", () => Effect.as(note("b"), {}))
          .node("c", () => Effect.as(note("c"), {}))
          .node("d", () => Effect.as(note("d"), {}))
          .edge(Graph.START, ["a", "b"])
          .branch("b", ["c", "d", Graph.END], ({ n }) => n === 5 ? ["d", Graph.END] : "c")
          .edge("a", Graph.END)
          .build()
        yield* (yield* Runner.forGraph(graph)).start("x", zero)
        assert.deepStrictEqual(ran.toSorted(), ["a", "b", "d"])
      })
  )

  rule(
    "a branch at the start decides by the input; END there ends before the first node",
    () =>
      Effect.gen(function*() {
        const graph = Graph.make("g", overCount)
          .node("a", () => Effect.succeed({ log: ["a"] }))
          .node("b", () => Effect.succeed({ log: ["b"] }))
          .branch(Graph.START, ["a", "b", Graph.END], ({ n }) => n === 0 ? Graph.END : n === 1 ? "a" : ["a", "b"])
          .build()
        const runner = yield* Runner.forGraph(graph)
        const logs = yield* Effect.forEach(
          [0, 1, 2],
          (n) => Effect.map(runner.start(`x${n}`, { n, log: [] }), (outcome) => completed(outcome).log)
        )
        assert.deepStrictEqual(logs, [[], ["a"], ["a", "b"]])
      })
  )

  rule("a goto patches, and leads instead of the edges; END in it ends", () =>
    Effect.gen(function*() {
      const graph = Graph.make("g", overCount)
        .node("a", ({ n }) => Effect.succeed(n === 0 ? Graph.goto(["c", "d"], { log: ["a"] }) : Graph.goto(Graph.END)))
        .node("b", () => Effect.succeed({ log: ["b"] }))
        .node("c", () => Effect.succeed({ log: ["c"] }))
        .node("d", () => Effect.succeed({ log: ["d"] }))
        .edge(Graph.START, "a")
        .edge("a", "b")
        .build()
      const runner = yield* Runner.forGraph(graph)
      assert.deepStrictEqual(completed(yield* runner.start("x", zero)).log, ["a", "c", "d"])
      assert.deepStrictEqual(completed(yield* runner.start("y", { n: 1, log: [] })).log, [])
    }))

  rule("one node's goto leaves the edges of its siblings", () =>
    Effect.gen(function*() {
      const graph = Graph.make("g", overCount)
        .node("a", () => Effect.succeed(Graph.goto("d", { log: ["a"] })))
        .node("b", () => Effect.succeed({ log: ["b"] }))
        .node("c", () => Effect.succeed({ log: ["c"] }))
        .node("d", () => Effect.succeed({ log: ["d"] }))
        .edge(Graph.START, ["a", "b"])
        .edge("b", "c")
        .build()
      const runner = yield* Runner.forGraph(graph)
      assert.deepStrictEqual(completed(yield* runner.start("x", zero)).log, ["a", "b", "c", "d"])
    }))

  rule(
    "a cycle runs until it leaves, and no further than maxSteps; resume goes on behind what is committed",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const graph = Graph.make("g", overCount)
          .node("add", ({ n }) => Effect.as(note(String(n)), { n: n + 1 }))
          .edge(Graph.START, "add")
          .branch("add", ["add", Graph.END], ({ n }) => n < 7 ? "add" : Graph.END)
          .build()
        const runner = yield* Runner.forGraph(graph, { maxSteps: 3 })
        const error = yield* failing("MaxStepsExceeded", runner.start("x", zero))
        assert.include(error, { executionId: "x", maxSteps: 3 })
        yield* failing("MaxStepsExceeded", runner.resume("x"))
        assert.strictEqual(completed(yield* runner.resume("x")).n, 7)
        assert.deepStrictEqual(ran, ["0", "1", "2", "3", "4", "5", "6"])
      })
  )
}

const retrying = (rule: Rule) =>
  rule(
    "a node's schedule runs it again; its recorded steps are not, what is outside of them is",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        let left = 2
        const graph = Graph.make("g", overCount)
          .node("a", () =>
            Effect.gen(function*() {
              yield* note("body")
              const n = yield* Execution.step("once", Effect.as(note("step"), 41), Schema.Int)
              if (left-- > 0) return yield* Effect.fail("flaky" as const)
              return { n: n + 1 }
            }), { retry: Schedule.recurs(2) })
          .edge(Graph.START, "a")
          .build()
        const runner = yield* Runner.forGraph(graph)
        const attempts = (yield* all(runner.events("x", zero))).flatMap((event) =>
          event._tag === "NodeStarted" ? [event.attempt] : []
        )
        assert.deepStrictEqual([attempts, ran], [[1, 2, 3], ["body", "step", "body", "body"]])
        left = 3
        yield* failing("flaky", runner.start("y", zero))
      })
  )

export const supersteps = (rule: Rule) =>
  describe("supersteps", () => {
    for (const rules of [merging, leading, retrying]) rules(rule)
  })
