import { assert, describe } from "@effect/vitest"
import { Effect, Option, Schema, Stream } from "effect"
import { CheckpointStore, Execution, Graph, KeyLayout, Runner } from "effect-checkpoint"
import { all, completed, type Count, current, failing, overCount, type Rule, send, statusOf, zero } from "./Bench.js"

/** Adds 1 until `to`. */
const counting = (to: number, name = "count") =>
  Graph.make(name, overCount)
    .node("add", ({ n }) => Effect.succeed({ n: n + 1, log: [String(n)] }))
    .edge(Graph.START, "add")
    .branch("add", ["add", Graph.END], ({ n }) => n < to ? "add" : Graph.END)
    .build()

const versions = (snapshots: ReadonlyArray<{ readonly version: number }>) => snapshots.map(({ version }) => version)

const keeping = (rule: Rule) => {
  for (const [maxCheckpoints, kept] of [[undefined, 10], [1, 1], [3, 3], [Infinity, 13]] as const) {
    rule(
      `maxCheckpoints ${maxCheckpoints} keeps the newest ${kept} of 13, in the commit`,
      () =>
        Effect.gen(function*() {
          const runner = yield* Runner.forGraph(counting(12), { maxCheckpoints })
          assert.strictEqual(completed(yield* runner.start("x", zero)).n, 12)
          const listed = versions(yield* runner.listCheckpoints("x"))
          assert.deepStrictEqual(listed, Array.from({ length: kept }, (_, i) => 14 - kept + i))
          assert.strictEqual((yield* current(runner, "x")).state.log.length, 12)
        })
    )
  }

  rule("each checkpoint is complete: pruned to one, a run that failed goes on", () =>
    Effect.gen(function*() {
      let left = 1
      const graph = Graph.make("g", overCount)
        .node("add", ({ n }) => n === 5 && left-- > 0 ? Effect.fail("stop") : Effect.succeed({ n: n + 1 }))
        .edge(Graph.START, "add")
        .branch("add", ["add", Graph.END], ({ n }) => n < 9 ? "add" : Graph.END)
        .build()
      const runner = yield* Runner.forGraph(graph, { maxCheckpoints: 1 })
      yield* failing("stop", runner.start("x", zero))
      assert.strictEqual(completed(yield* runner.resume("x")).n, 9)
    }))
}

const reading = (rule: Rule) => {
  rule(
    "history streams the newest first, list the oldest; both take an order, a limit and a place",
    () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(counting(4))
        yield* runner.start("x", zero)
        assert.deepStrictEqual(versions(yield* all(runner.history("x"))), [5, 4, 3, 2, 1])
        assert.deepStrictEqual(versions(yield* all(runner.history("x", { order: "asc", limit: 2 }))), [1, 2])
        const listed = yield* runner.listCheckpoints("x")
        assert.deepStrictEqual(versions(listed), [1, 2, 3, 4, 5])
        const before = { version: 3, id: listed[2]!.checkpointId }
        assert.deepStrictEqual(versions(yield* runner.listCheckpoints("x", { order: "desc", before, limit: 1 })), [2])
        assert.deepStrictEqual(versions(yield* all(Stream.take(runner.history("x"), 1))), [5])
      })
  )

  rule("loadCheckpoint gives what history gives", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(counting(3))
      yield* runner.start("x", zero)
      for (const snapshot of yield* all(runner.history("x"))) {
        assert.deepStrictEqual(yield* runner.loadCheckpoint(snapshot.checkpointId), snapshot)
      }
    }))

  rule("one that no runner wrote fails what reads it, and is left out with skip", () =>
    Effect.gen(function*() {
      const store = yield* CheckpointStore.CheckpointStore
      const runner = yield* Runner.forGraph(counting(3))
      yield* runner.start("x", zero)
      yield* store.append("x", { nodeName: "other", state: 1 })
      yield* failing("CheckpointDecodeError", all(runner.history("x")))
      yield* failing("CheckpointDecodeError", runner.getState("x"))
      assert.deepStrictEqual(versions(yield* all(runner.history("x", { onDecodeError: "skip" }))), [4, 3, 2, 1])
      assert.deepStrictEqual(versions(yield* runner.listCheckpoints("x", { onDecodeError: "skip" })), [1, 2, 3, 4])
    }))
}

const forking = (rule: Rule) => {
  rule(
    "resumeFrom in place appends a fork with its parent, runs on from the old state, and removes nothing",
    () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(counting(3))
        yield* runner.start("x", zero)
        const from = "x@0000000000000002"
        assert.deepStrictEqual(completed(yield* runner.resumeFrom(from)), { n: 3, log: ["0", "1", "2"] })
        const history = yield* all(runner.history("x", { order: "asc" }))
        assert.deepStrictEqual(
          history.map(({ parentId, source, state, version }) => [version, source, state.n, Option.getOrNull(parentId)]),
          [
            [1, "input", 0, null],
            [2, "loop", 1, "x@0000000000000001"],
            [3, "loop", 2, "x@0000000000000002"],
            [4, "loop", 3, "x@0000000000000003"],
            [5, "fork", 1, from],
            [6, "loop", 2, "x@0000000000000005"],
            [7, "loop", 3, "x@0000000000000006"]
          ]
        )
        assert.deepInclude(history[4], { step: 1, nodes: ["add"], next: ["add"] })
      })
  )

  rule(
    "into a new execution it leaves the old one; into one that exists it is a CheckpointConflict",
    () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(counting(3))
        yield* runner.start("x", zero)
        const before = yield* all(runner.history("x"))
        assert.strictEqual(completed(yield* runner.resumeFrom("x@0000000000000003", { into: "y" })).n, 3)
        assert.deepStrictEqual(yield* all(runner.history("x")), before)
        const [fork] = yield* all(runner.history("y", { order: "asc" }))
        assert.deepStrictEqual([fork?.version, Option.getOrNull(fork!.parentId)], [1, "x@0000000000000003"])
        yield* failing("CheckpointConflict", runner.resumeFrom("x@0000000000000003", { into: "y" }))
        assert.strictEqual(yield* statusOf(runner, "y"), "completed")
      })
  )

  rule("a fork does its steps again, with other keys", () =>
    Effect.gen(function*() {
      const keys: Array<string> = []
      const graph = Graph.make("g", overCount)
        .node("pay", () =>
          Effect.flatMap(Execution.idempotencyKey("pay"), (key) =>
            Effect.as(
              Execution.step(
                "pay",
                Effect.sync(() => keys.push(key)),
                Schema.Number
              ),
              {}
            )))
        .edge(Graph.START, "pay")
        .build()
      const runner = yield* Runner.forGraph(graph)
      yield* runner.start("x", zero)
      yield* runner.resumeFrom("x@0000000000000001")
      yield* runner.resumeFrom("x@0000000000000001", { into: "y" })
      assert.deepStrictEqual([keys.length, new Set(keys).size], [3, 3])
    }))
}

const clearing = (rule: Rule) => {
  rule(
    "clearCheckpoints leaves nothing of it in the keyspace, and counts its checkpoints",
    () =>
      Effect.gen(function*() {
        const ask = Effect.as(Execution.ask("ok", { answer: Schema.Int }), {})
        const child = Graph.make("child", overCount).node("ask", () => ask).edge(Graph.START, "ask").build()
        const link = { input: (state: Count) => state, output: () => ({}) }
        const graph = Graph.make("g", overCount)
          .node("ask", () => Effect.zipRight(Execution.step("s", Effect.void, Schema.Void), ask))
          .node("done", () => Effect.succeed({}))
          .child("child", child, link)
          .edge(Graph.START, ["ask", "done", "child"])
          .build()
        const runner = yield* Runner.forGraph(graph)
        yield* runner.start("x", zero)
        yield* runner.start("x2", zero)
        assert.strictEqual(yield* runner.clearCheckpoints("x"), 1)
        const store = yield* CheckpointStore.CheckpointStore
        const { layout } = store
        const left = yield* Stream.runCollect(store.executions())
        assert.deepStrictEqual(Array.from(left).filter((id) => !id.startsWith("x2")), [])
        const { checkpointKey, indexKey, memosKey, runKey } = KeyLayout
        for (const keyOf of [runKey, memosKey, indexKey]) {
          assert.strictEqual(yield* send("EXISTS", keyOf(layout, "x")), 0)
        }
        assert.strictEqual(yield* send("EXISTS", checkpointKey(layout, "x@0000000000000001")), 0)
        assert.deepStrictEqual(yield* send("ZRANGE", `${layout.duePrefix}g`, 0, -1), ["x2"])
        assert.strictEqual(yield* statusOf(runner, "x2"), "waiting")
        assert.strictEqual(yield* runner.clearCheckpoints("x"), 0)
      })
  )
}

export const histories = (rule: Rule) =>
  describe("histories", () => {
    for (const rules of [keeping, reading, forking, clearing]) rules(rule)
  })
