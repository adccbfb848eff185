import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { CheckpointStore, Graph, Runner } from "effect-checkpoint"
import { all, completed, type Count, failing, overCount, type Rule, zero } from "./Bench.js"
import { ask, inner, link, nestedIn, outer } from "./children.js"

const counting = inner(({ n }) => Effect.succeed({ n: n + 1 }))

const counted = { ...link, output: ({ n }: Count) => ({ n }) }

/** Runs its child until it has counted so far. */
const cycle = <Names extends string, E>(child: Graph.Graph<Count, Names, E>, end: () => number) =>
  Graph.make("cycle", overCount)
    .child("child", child, counted)
    .edge(Graph.START, "child")
    .branch("child", ["child", Graph.END], ({ n }) => n < end() ? "child" : Graph.END)
    .build()

/** The executions below one. */
const below = (executionId: string) =>
  Effect.gen(function*() {
    const store = yield* CheckpointStore.CheckpointStore
    return (yield* all(store.executions())).filter((id) => id.startsWith(`${executionId}/`))
  })

const pruning = (rule: Rule) => {
  rule("children go with the checkpoint that began them, and with their parent", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(cycle(counting, () => 12), { maxCheckpoints: 3 })
      assert.strictEqual(completed(yield* runner.start("x", zero)).n, 12)
      assert.strictEqual((yield* below("x")).length, 2)
      yield* runner.clearCheckpoints("x")
      assert.deepStrictEqual(yield* below("x"), [])
    }))

  rule("with a smaller maxCheckpoints they go with all that is pruned at once", () =>
    Effect.gen(function*() {
      let end = 1_000
      const graph = cycle(counting, () => end)
      const many = yield* Runner.forGraph(graph, { maxCheckpoints: 50, maxSteps: 20 })
      yield* failing("MaxStepsExceeded", many.start("x", zero))
      assert.strictEqual((yield* below("x")).length, 20)
      end = 21
      const few = yield* Runner.forGraph(graph, { maxCheckpoints: 2 })
      assert.strictEqual(completed(yield* few.resume("x")).n, 21)
      assert.strictEqual((yield* few.listCheckpoints("x")).length, 2)
      assert.strictEqual((yield* below("x")).length, 1)
    }))

  rule("with a full history they are all there, and go when it is cleared", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(cycle(counting, () => 30), { maxCheckpoints: Infinity })
      yield* runner.start("x", zero)
      assert.strictEqual((yield* below("x")).length, 30)
      yield* runner.clearCheckpoints("x")
      assert.deepStrictEqual(yield* below("x"), [])
    }))

  rule("those of children go with them", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(cycle(nestedIn(counting), () => 500), { maxCheckpoints: 2, maxSteps: 6 })
      yield* failing("MaxStepsExceeded", runner.start("x", zero))
      assert.strictEqual((yield* below("x")).length, 2 * 1)
      yield* runner.clearCheckpoints("x")
      assert.deepStrictEqual(yield* below("x"), [])
    }))
}

const clearing = (rule: Rule) => {
  rule("a child that waits is cleared with its parent, however deep", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(outer(nestedIn(inner(() => ask))))
      yield* runner.start("x", zero)
      assert.strictEqual((yield* below("x")).length, 2)
      yield* runner.clearCheckpoints("x")
      assert.deepStrictEqual(yield* below("x"), [])
    }))

  rule("a fork in place keeps count of the children that were there", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(cycle(counting, () => 4), { maxCheckpoints: Infinity })
      yield* runner.start("x", zero)
      yield* runner.resumeFrom("x@0000000000000002")
      yield* runner.resumeFrom("x@0000000000000002", { into: "y" })
      assert.deepStrictEqual([(yield* below("x")).length, (yield* below("y")).length], [7, 3])
      yield* runner.clearCheckpoints("x")
      assert.deepStrictEqual([yield* below("x"), (yield* below("y")).length], [[], 3])
      yield* runner.clearCheckpoints("y")
      assert.deepStrictEqual(yield* below("y"), [])
    }))

  rule("a child goes also when its node has gone from the graph", () =>
    Effect.gen(function*() {
      const before = yield* Runner.forGraph(outer(nestedIn(inner(() => ask))))
      yield* before.start("x", zero)
      const renamed = Graph.make("outer", overCount)
        .node("last", () => Effect.succeed({}))
        .edge(Graph.START, "last")
        .build()
      const after = yield* Runner.forGraph(renamed)
      yield* failing("UnknownNode", after.resume("x"))
      yield* after.updateState("x", {}, { asNode: "last" })
      yield* after.clearCheckpoints("x")
      assert.deepStrictEqual(yield* below("x"), [])
    }))
}

export const childPruning = (rule: Rule) =>
  describe("children and the history of their parent", () => {
    for (const rules of [pruning, clearing]) rules(rule)
  })
