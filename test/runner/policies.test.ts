import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Schema } from "effect"
import { CheckpointStore, Graph, type GraphRunner, Runner, TestMemory } from "effect-checkpoint"
import { completed, onMemory as rule, overCount, statusOf, zero } from "./Bench.js"

const graph = Graph.make("g", overCount).node("a", () => Effect.succeed({ n: 1 })).edge(Graph.START, "a").build()

const wrong: ReadonlyArray<readonly [name: string, policy: GraphRunner.Policy]> = [
  ["leaseTtl", { leaseTtl: 0 }],
  ["leaseTtl", { leaseTtl: Infinity }],
  ["leaseTtl", { leaseTtl: -1 }],
  ["maxCheckpoints", { maxCheckpoints: 0 }],
  ["maxCheckpoints", { maxCheckpoints: 1.5 }],
  ["maxSteps", { maxSteps: 0 }],
  ["maxSteps", { maxSteps: NaN }],
  ["inlineSleep", { inlineSleep: Infinity }],
  ["inlineSleep", { inlineSleep: -1 }],
  ["saveInterval", { saveInterval: -1 }],
  ["durability", { durability: { to: "replicas", replicas: 0 } }]
]

describe("a policy", () => {
  for (const [option, policy] of wrong) {
    const text = JSON.stringify(policy, (_, value) => typeof value === "number" ? String(value) : value)
    it.effect(`${text} is a ConfigError that names it, for the layer and for a graph`, () =>
      Effect.gen(function*() {
        const layer = Layer.provide(Runner.layer(policy), TestMemory.layer())
        const ofLayer = yield* Effect.flip(Effect.scoped(Layer.build(layer)))
        const ofGraph = yield* Effect.flip(Runner.forGraph(graph, policy)).pipe(
          Effect.provide(Layer.provide(Runner.layer(), TestMemory.layer()))
        )
        for (const error of [ofLayer, ofGraph]) assert.include(String(error), option)
      }))
  }

  it.effect("needs the sorted-set index", () =>
    Effect.gen(function*() {
      const layer = Layer.provide(Runner.layer(), TestMemory.layer({ index: "set" }))
      const exit = yield* Effect.exit(Effect.scoped(Layer.build(layer)))
      assert.isTrue(Exit.isFailure(exit))
      assert.include(String(exit), "sorted-set")
    }))

  rule("of a graph that is undefined leaves the layer's", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(graph, { maxCheckpoints: undefined, leaseTtl: undefined })
      yield* runner.start("x", zero)
      assert.strictEqual((yield* runner.listCheckpoints("x")).length, 1)
    }), { policy: { maxCheckpoints: 1 } })
})

describe("a large state", () => {
  rule("is staged, committed and taken up again, step by step", () =>
    Effect.gen(function*() {
      const line = "x".repeat(20_000)
      const large = Graph.make("large", overCount)
        .node("add", ({ n }) => Effect.succeed({ n: n + 1, log: [line] }))
        .edge(Graph.START, "add")
        .branch("add", ["add", Graph.END], ({ n }) => n < 3 ? "add" : Graph.END)
        .build()
      const runner = yield* Runner.forGraph(large, { maxSteps: 2 })
      yield* Effect.exit(runner.start("x", zero))
      assert.strictEqual(yield* statusOf(runner, "x"), "failed")
      assert.deepStrictEqual(completed(yield* runner.resume("x")), { n: 3, log: [line, line, line] })
      const { layout } = yield* CheckpointStore.CheckpointStore
      const left = [...(yield* (yield* TestMemory.TestMemory).snapshot).keys()]
      assert.deepStrictEqual(left.filter((key) => key.startsWith(layout.stagedPrefix)), [])
    }))
})

describe("the schema of a result", () => {
  rule("that is not met fails the run of a program, typed", () =>
    Effect.gen(function*() {
      const program = Effect.succeed("too long")
      const short = Schema.String.pipe(Schema.maxLength(3))
      const error = yield* Effect.flip(Runner.run(program, { executionId: "x", name: "p", success: short }))
      assert.strictEqual(error._tag, "InvalidPatch")
    }))
})
