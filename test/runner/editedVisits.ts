import { assert, describe } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { CheckpointStore, Execution, Graph, type GraphRunner, Runner } from "effect-checkpoint"
import {
  all,
  completed,
  type Count,
  current,
  failing,
  idsOf,
  listed,
  notes,
  overCount,
  type Rule,
  statusOf,
  zero
} from "./Bench.js"

const ask = Execution.ask("ok", { answer: Schema.Int })

/** Charges, and stops behind it. */
const charging = (
  note: (what: string) => Effect.Effect<void>,
  stop: Effect.Effect<unknown, never, Execution.Execution>
) =>
  Effect.gen(function*() {
    const key = yield* Execution.idempotencyKey("charge")
    yield* Execution.step("charge", note(key), Schema.Void)
    yield* stop
    yield* note(yield* Execution.idempotencyKey("charge"))
    return { log: ["charged"] }
  }).pipe(Effect.orDie)

const graphOf = (run: (state: Count) => Effect.Effect<Graph.Patch<Count>, never, Execution.Execution>) =>
  Graph.make("g", overCount).node("a", run).node("b", () => Effect.succeed({ log: ["b"] })).edge(Graph.START, "a")
    .edge("a", "b").build()

type Edit = (
  runner: GraphRunner.GraphRunner<Count, "a" | "b", never, never>
) => Effect.Effect<unknown, unknown>

const editsOf: Readonly<Record<string, Edit>> = {
  updateState: (runner) => runner.updateState("x", { n: 5 }),
  saveCheckpoint: (runner) => runner.saveCheckpoint("x", { n: 5, log: [] }),
  "several edits": (runner) =>
    Effect.zipRight(runner.saveCheckpoint("x", zero), Effect.repeatN(runner.updateState("x", { n: 5 }), 12))
}

const staying = (rule: Rule) => {
  for (const [what, edit] of Object.entries(editsOf)) {
    rule(`${what} under a question repeats no step, asks on, and keeps the key`, () =>
      Effect.gen(function*() {
        const { all: seen, note } = notes()
        const runner = yield* Runner.forGraph(graphOf(() => charging(note, Effect.orDie(ask))))
        const [request] = idsOf(yield* runner.start("x", zero))
        yield* edit(runner)
        const { requests, status } = yield* current(runner, "x")
        assert.deepStrictEqual([status, requests.map(({ id }) => id)], ["waiting", [request]])
        assert.deepStrictEqual([yield* listed(runner), yield* runner.due(9)], [{ x: "waiting" }, []])
        yield* runner.answer("x", { answer: 1, request })
        assert.deepStrictEqual([yield* listed(runner), yield* runner.due(9)], [{ x: "ready" }, ["x"]])
        const last = completed(yield* runner.resume("x"))
        assert.deepStrictEqual([last.n, last.log], [5, ["charged", "b"]])
        assert.deepStrictEqual([seen.length, new Set(seen).size], [2, 1])
      }))

    rule(`${what} under a sleep keeps its steps, its key and the time to wake`, () =>
      Effect.gen(function*() {
        const { all: seen, note } = notes()
        const nap = Effect.orDie(Execution.sleep("nap", "1 hour"))
        const runner = yield* Runner.forGraph(graphOf(() => charging(note, nap)))
        const first = yield* runner.start("x", zero)
        const before = yield* all(runner.unfinished)
        yield* edit(runner)
        assert.deepStrictEqual([yield* all(runner.unfinished), yield* statusOf(runner, "x")], [before, "sleeping"])
        assert.deepStrictEqual(yield* runner.resume("x"), first)
        assert.strictEqual(seen.length, 1)
      }))
  }

  rule("an answer that is given stays given, and a finished branch is not run again", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const asking = Effect.map(Effect.orDie(ask), (n) => ({ n }))
      const graph = Graph.make("g", overCount)
        .node("a", () => Effect.as(note("a"), { log: ["a"] }))
        .node("b", () => asking)
        .edge(Graph.START, ["a", "b"])
        .build()
      const runner = yield* Runner.forGraph(graph)
      yield* runner.start("x", zero)
      yield* runner.answer("x", { answer: 4 })
      yield* runner.updateState("x", { log: ["edit"] })
      assert.deepStrictEqual(completed(yield* runner.resume("x")), { n: 4, log: ["edit", "a"] })
      assert.deepStrictEqual(ran, ["a"])
    }))

  rule("in a failed execution it keeps what is recorded, too", () =>
    Effect.gen(function*() {
      const { all: seen, note } = notes()
      const stop = Effect.suspend(() => seen.length === 1 && left-- > 0 ? Effect.die("stop") : Effect.void)
      let left = 1
      const runner = yield* Runner.forGraph(graphOf(() => charging(note, stop)))
      yield* Effect.exit(runner.start("x", zero))
      yield* runner.updateState("x", { n: 5 })
      assert.deepStrictEqual(yield* listed(runner), { x: "failed" })
      completed(yield* runner.resume("x"))
      assert.deepStrictEqual([seen.length, new Set(seen).size], [2, 1])
    }))
}

const leaving = (rule: Rule) => {
  rule(
    "asNode begins anew: the question is gone, the steps run with another key, and it is due at once",
    () =>
      Effect.gen(function*() {
        const { all: seen, note } = notes()
        const graph = Graph.make("g", overCount)
          .node("a", () => charging(note, Effect.orDie(ask)))
          .edge(Graph.START, "a")
          .edge("a", "a")
          .build()
        const runner = yield* Runner.forGraph(graph)
        const [request] = idsOf(yield* runner.start("x", zero))
        yield* runner.updateState("x", {}, { asNode: "a" })
        assert.deepStrictEqual([yield* listed(runner), yield* runner.due(9)], [{ x: "ready" }, ["x"]])
        yield* failing("NotWaiting", runner.answer("x", { answer: 1, request }))
        assert.strictEqual(idsOf(yield* runner.resume("x")).length, 1)
        assert.deepStrictEqual([seen.length, new Set(seen).size], [2, 2])
      })
  )

  rule("asNode in front of a gate waits there; out of a sleep it is due at once", () =>
    Effect.gen(function*() {
      const graph = Graph.make("g", overCount)
        .node("a", ({ n }) => n === 0 ? Effect.as(Execution.sleep("nap", "1 hour"), {}) : Effect.succeed({}))
        .node("b", () => Effect.succeed({ log: ["b"] }), { interruptBefore: ({ n }) => n === 1 })
        .edge(Graph.START, "a")
        .edge("a", "b")
        .build()
      const runner = yield* Runner.forGraph(graph)
      for (const [n, status, due] of [[1, "waiting", []], [2, "ready", ["2"]]] as const) {
        const id = String(n)
        assert.strictEqual((yield* runner.start(id, zero))._tag, "Sleeping")
        yield* runner.updateState(id, { n }, { asNode: "a" })
        assert.deepInclude(yield* listed(runner), { [id]: status })
        assert.deepStrictEqual<ReadonlyArray<string>>(yield* runner.due(9), due)
      }
      assert.deepStrictEqual(completed(yield* runner.resume("2")).log, ["b"])
    }))

  rule("an edit that opens the gate by its predicate leaves it due at once", () =>
    Effect.gen(function*() {
      const graph = Graph.make("g", overCount)
        .node("a", () => Effect.succeed({ log: ["a"] }), { interruptBefore: ({ n }) => n === 0 })
        .edge(Graph.START, "a")
        .build()
      const runner = yield* Runner.forGraph(graph)
      assert.strictEqual(idsOf(yield* runner.start("x", zero)).length, 1)
      yield* runner.updateState("x", { n: 1 })
      assert.deepStrictEqual([yield* listed(runner), yield* runner.due(9)], [{ x: "ready" }, ["x"]])
      assert.deepStrictEqual(completed(yield* runner.resume("x")).log, ["a"])
    }))
}

const withChildren = (rule: Rule) =>
  rule("a child goes on under its edited parent, however often, and is gone with it", () =>
    Effect.gen(function*() {
      const { all: seen, note } = notes()
      const link = { input: ({ n }: Count): Count => ({ n, log: [] }), output: ({ log }: Count) => ({ log }) }
      const graph = Graph.make("parent", overCount)
        .child("child", graphOf(() => charging(note, Effect.orDie(ask))), link)
        .edge(Graph.START, "child")
        .build()
      const runner = yield* Runner.forGraph(graph, { maxCheckpoints: 2 })
      const store = yield* CheckpointStore.CheckpointStore
      const children = Effect.map(all(store.executions()), (ids) => ids.filter((id) => id.includes("/")))
      for (const id of ["x", "y"]) {
        const waits = idsOf(yield* runner.start(id, zero))
        for (const n of [1, 2, 3, 4]) yield* runner.updateState(id, { n })
        const { requests, status } = yield* current(runner, id)
        assert.deepStrictEqual([status, requests.map(({ id }) => id)], ["waiting", waits])
        assert.strictEqual((yield* children).length, 1)
        if (id === "x") {
          const last = completed(yield* runner.resume(id, { answer: 1 }))
          assert.deepStrictEqual(last, { n: 4, log: ["charged", "b"] })
        } else yield* runner.clearCheckpoints(id)
        assert.deepStrictEqual(yield* children, [])
      }
      assert.strictEqual(seen.length, 3)
    }))

export const editedVisits = (rule: Rule) =>
  describe("edits of what waits", () => {
    for (const rules of [staying, leaving, withChildren]) rules(rule)
  })
