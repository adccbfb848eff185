import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, Option, Schema, TestClock } from "effect"
import { type CheckpointStore, Execution, Graph, Recovery, Runner, TestMemory } from "effect-checkpoint"
import { completed, failing, launched, notes, onMemory, overCount, statusOf, waitsFor, zero } from "./Bench.js"

const rule = (name: string, body: Parameters<typeof onMemory>[1], store: CheckpointStore.Options = { ttl: "1 hour" }) =>
  onMemory(name, body, { store })

const asking = (body: Effect.Effect<unknown, unknown, Execution.Execution>) =>
  Graph.make("g", overCount)
    .node("a", () => Effect.as(Effect.orDie(body), {}))
    .edge(Graph.START, "a")
    .build()

const ask = Execution.ask("ok", { answer: Schema.Int })
const step = (name: string) => Execution.step(name, Effect.void, Schema.Void)

const keys = Effect.flatMap(
  TestMemory.TestMemory,
  ({ snapshot }) =>
    Effect.map(snapshot, (snapshot) => [...snapshot.keys()].map((key) => key.replace("langgraph:", "")).toSorted())
)

describe("with a ttl", () => {
  rule(
    "what waits goes with all it has recorded and who ran it; only the time to look at it is left, and recovery drops it",
    () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(asking(Effect.zipRight(step("s"), ask)))
        assert.deepStrictEqual(waitsFor(yield* runner.start("x", zero)), ["ask:a:ok"])
        assert.deepStrictEqual(yield* keys, [
          "checkpoint:x@0000000000000001",
          "due:g",
          "execution:x:checkpoints",
          "execution:x:memos",
          "execution:x:run",
          "executions"
        ])
        yield* TestClock.adjust("1 hour")
        assert.deepStrictEqual((yield* keys).filter((key) => key.includes("x")), ["executions"])
        assert.isTrue(Option.isNone(yield* runner.getState("x")))
        yield* failing("ExecutionNotFound", runner.resume("x"))
        assert.notInclude(yield* keys, "due:g")
      })
  )

  rule("progress renews: steps keep the execution alive, and what they recorded with it", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const program = Effect.gen(function*() {
        for (let i = 0; i < 6; i++) {
          yield* Execution.step(`s${i}`, Effect.zipRight(Effect.sleep("40 minutes"), note(`s${i}`)), Schema.Void)
        }
        yield* ask
      })
      const runner = yield* Runner.forGraph(asking(program), { leaseTtl: "30 minutes" })
      const fiber = yield* launched(runner.start("x", zero))
      for (let i = 0; i < 6; i++) yield* TestClock.adjust("40 minutes")
      assert.deepStrictEqual(waitsFor(yield* Fiber.join(fiber)), ["ask:a:ok"])
      yield* TestClock.adjust("59 minutes")
      assert.strictEqual((yield* runner.resume("x", { answer: 1 }))._tag, "Completed")
      assert.strictEqual(ran.length, 6)
    }))

  rule(
    "the heartbeat renews: a node that takes longer than the ttl keeps its execution",
    () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(asking(Effect.sleep("3 hours")), { leaseTtl: "20 minutes" })
        const fiber = yield* launched(runner.start("x", zero))
        for (let i = 0; i < 18; i++) yield* TestClock.adjust("10 minutes")
        completed(yield* Fiber.join(fiber))
      })
  )

  rule(
    "a finished execution is there until its time is over, and can be started anew then",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const runner = yield* Runner.forGraph(asking(note("ran")))
        yield* runner.start("x", zero)
        yield* TestClock.adjust("59 minutes")
        yield* runner.start("x", zero)
        assert.strictEqual(ran.length, 1)
        yield* TestClock.adjust("1 minute")
        completed(yield* runner.start("x", zero))
        assert.strictEqual(ran.length, 2)
      })
  )

  rule("what expired is dropped by recovery", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(asking(Execution.sleep("nap", "90 minutes")))
      yield* runner.start("x", zero)
      yield* Effect.forkScoped(Recovery.daemon(runner, { interval: "5 minutes" }))
      for (let i = 0; i < 10; i++) yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual((yield* keys).filter((key) => key !== "executions"), [])
    }))

  rule("without one nothing expires", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(asking(Effect.zipRight(step("s"), ask)))
      yield* runner.start("x", zero)
      const { snapshot } = yield* TestMemory.TestMemory
      assert.deepStrictEqual([...(yield* snapshot).values()].filter(({ expiresAt }) => expiresAt !== undefined), [])
      yield* TestClock.adjust("10000 days")
      assert.strictEqual(yield* statusOf(runner, "x"), "waiting")
    }), {})
})
