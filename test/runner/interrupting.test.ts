import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Random, Schedule, Schema } from "effect"
import { CheckpointStore, Execution, Graph, type Redis, Runner, TestMemory } from "effect-checkpoint"
import { yielding } from "../conformance/Bench.js"
import { completed, notes, onMemory as rule, overCount, statusOf, zero } from "./Bench.js"

type Note = (what: string) => Effect.Effect<void>

const some = Effect.flatMap(Random.nextIntBetween(0, 6), (turns) => Effect.repeatN(Effect.yieldNow(), turns))

const tick = Effect.promise(() => new Promise(setImmediate))

/** Digests of inputs come from outside of the fibers, so some of the time must be the event loop's. */
const instant = Effect.gen(function*() {
  const ticks = yield* Random.nextIntBetween(0, 12)
  const turns = yield* Random.nextIntBetween(0, 40)
  for (let i = 0; i < ticks; i++) yield* tick
  for (let i = 0; i < turns; i++) yield* Effect.yieldNow()
})

/** Side effects in steps, in whole nodes, in branches, under a retry and in a child. */
const graphOf = (note: Note) => {
  const step = (name: string) => Execution.step(name, Effect.zipRight(some, note(name)), Schema.Void)
  const child = Graph.make("child", overCount)
    .node("c1", () => Effect.as(note("c1"), {}))
    .node("c2", () => Effect.as(Effect.orDie(step("c2")), { log: ["c2"] }))
    .edge(Graph.START, "c1")
    .edge("c1", "c2")
    .build()
  return Graph.make("g", overCount)
    .node("a", () => Effect.zipRight(some, Effect.as(note("a"), { log: ["a"] })))
    .node("b", () => Effect.as(Effect.zipRight(Effect.orDie(step("b1")), Effect.orDie(step("b2"))), { log: ["b"] }))
    .node("d", () => Effect.zipRight(some, Effect.as(note("d"), { log: ["d"] })), { retry: Schedule.recurs(1) })
    .child("e", child, { input: () => zero, output: ({ log }) => ({ log }) })
    .node("f", () => Effect.zipRight(some, Effect.as(note("f"), { n: 1 })))
    .edge(Graph.START, "a")
    .edge("a", ["b", "d", "e"])
    .edge("b", "f")
    .build()
}

const once = ["a", "b1", "b2", "c1", "c2", "d", "f"]

const slow = Layer.provideMerge(
  CheckpointStore.layer(),
  yielding(TestMemory.redis() as Layer.Layer<Redis.Redis>)
)

describe("a graceful interruption", () => {
  for (const autoSave of [true, false]) {
    it.effect(
      `at 300 random instants repeats nothing that was done, and gives back at once${
        autoSave ? "" : ", with commits kept back"
      }`,
      () =>
        Effect.gen(function*() {
          const { all: ran, note } = notes()
          const runner = yield* Runner.forGraph(graphOf(note), { autoSave })
          let interruptions = 0
          for (let i = 0; interruptions < 300; i++) {
            ran.length = 0
            const id = `x${i}`
            for (;;) {
              const fiber = yield* Effect.fork(runner.start(id, zero))
              yield* instant
              const exit = yield* Fiber.interrupt(fiber)
              if (Exit.isSuccess(exit)) {
                assert.deepStrictEqual(completed(exit.value), { n: 1, log: ["a", "b", "d", "c2"] })
                break
              }
              assert.isTrue(Exit.isInterrupted(exit), String(exit))
              interruptions++
            }
            assert.deepStrictEqual([i, ran.toSorted()], [i, once])
            assert.strictEqual(yield* statusOf(runner, id), "completed")
          }
        }).pipe(Effect.provide(Layer.provide(Runner.layer(), slow))),
      240_000
    )
  }

  rule("of a step that is done records it; of one that is not leaves it to be done", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const program = Effect.gen(function*() {
        yield* Execution.step("done", Effect.uninterruptible(note("done")), Schema.Void)
        if (ran.length === 1) yield* Execution.step("cut", Effect.zipRight(note("cut"), Effect.never), Schema.Void)
        return ran.length
      })
      const options = { executionId: "x", name: "p", success: Schema.Int }
      const fiber = yield* Effect.fork(Runner.run(program, options))
      while (ran.length < 2) yield* tick
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(completed(yield* Runner.run(program, options)), 2)
      assert.deepStrictEqual(ran, ["done", "cut"])
    }))
})
