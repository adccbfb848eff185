import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, Schema, TestClock } from "effect"
import { CheckpointStore, Execution, Graph, Recovery, Runner, TestMemory } from "effect-checkpoint"
import { all, listed, noReply, notes, onMemory as rule, overCount, statusOf, zero } from "./Bench.js"
import { dies, graphOf, recovering } from "./recoveries.js"

/** Its second version sleeps. */
const version = (stateVersion: number) =>
  Graph.make("p", { ...overCount, stateVersion, migrations: {} })
    .node("a", () => Effect.as(stateVersion === 2 ? Execution.sleep("nap", "1 minute") : Effect.void, {}))
    .edge(Graph.START, "a")
    .build()

describe("recovery", () => {
  rule(
    "one that has killed more than maxClaims processes is ExecutionStuck: it counts as failed; resume tries again",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        let broken = true
        const { runner } = yield* recovering((id) => Effect.suspend(() => broken ? Effect.fail("x") : note(id)), {
          maxClaims: 3
        })
        yield* Effect.exit(runner.start("x", {}))
        for (let i = 0; i < 3; i++) {
          yield* dies("x", 10)
          yield* TestClock.adjust("11 millis")
        }
        yield* dies("x", 10)
        yield* TestClock.adjust("5 seconds")
        assert.deepStrictEqual([ran, yield* listed(runner)], [[], { x: "failed" }])
        broken = false
        yield* runner.resume("x")
        assert.deepStrictEqual(ran, ["x"])
      })
  )

  rule("what does not exist any more is dropped, what another graph runs is left to it", () =>
    Effect.gen(function*() {
      const store = yield* CheckpointStore.CheckpointStore
      const memory = yield* TestMemory.TestMemory
      const other = yield* Runner.forGraph(Graph.fromProgram("q", Schema.Void, () => Execution.sleep("nap", "1 day")))
      const first = yield* Runner.forGraph(graphOf(() => Execution.sleep("nap", "1 minute")))
      yield* Effect.forEach(["gone", "moved"], (id) => first.start(id, {}))
      yield* Effect.forEach(["gone", "moved"], (id) => store.clear(id))
      yield* other.start("moved", {})
      const { runner } = yield* recovering(() => Effect.void)
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual([yield* listed(runner), yield* listed(other)], [{}, { moved: "sleeping" }])
      const before = (yield* memory.commands).length
      yield* TestClock.adjust("1 minute")
      assert.isAtMost((yield* memory.commands).length - before, 61 + 2)
    }))

  rule("what cannot be read is left alone for a minute, and then tried again", () =>
    Effect.gen(function*() {
      const memory = yield* TestMemory.TestMemory
      const newer = yield* Runner.forGraph(version(2))
      yield* newer.start("x", zero)
      const older = yield* Runner.forGraph(version(1))
      yield* Effect.forkScoped(Recovery.daemon(older))
      yield* TestClock.adjust("65 seconds")
      const claims = Effect.map(
        memory.commands,
        (sent) => sent.filter(({ commands }) => commands[0] === "claim").length
      )
      const before = yield* claims
      yield* TestClock.adjust("10 minutes")
      assert.isAtLeast((yield* claims) - before, 9)
      assert.isAtMost((yield* claims) - before, 10)
      assert.deepStrictEqual((yield* all(newer.unfinished)).map(({ executionId }) => executionId), ["x"])
    }))

  rule("interrupted, it gives back what it runs, to be gone on with at once", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const { daemon, runner } = yield* recovering(() =>
        ran.length === 0
          ? Effect.zipRight(note("asleep"), Execution.sleep("nap", "1 minute"))
          : Effect.zipRight(note("hangs"), Effect.never)
      )
      yield* runner.start("x", {})
      yield* TestClock.adjust("62 seconds")
      assert.deepStrictEqual([ran, yield* statusOf(runner, "x")], [["asleep", "hangs"], "running"])
      yield* Fiber.interrupt(daemon)
      assert.strictEqual(yield* statusOf(runner, "x"), "ready")
    }))

  rule("two daemons do not do one thing twice", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const program = (id: string) =>
        Effect.zipRight(Execution.sleep("nap", "1 minute"), Effect.zipRight(Effect.sleep(500), note(id)))
      const { runner } = yield* recovering(program)
      yield* recovering(program)
      const ids = Array.from({ length: 15 }, (_, i) => `x${i}`)
      yield* Effect.forEach(ids, (id) => runner.start(id, {}))
      yield* TestClock.adjust("70 seconds")
      assert.deepStrictEqual(ran.toSorted(), ids.toSorted())
    }))

  rule("a graph's layer recovers while it lives", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const graph = graphOf((id) => Effect.zipRight(Execution.sleep("nap", "1 minute"), note(id)))
      const runner = yield* Runner.forGraph(graph)
      yield* runner.start("x", {})
      yield* Effect.provide(TestClock.adjust("62 seconds"), Recovery.layer(graph))
      assert.deepStrictEqual(ran, ["x"])
    }))

  rule("a storage that is away is tried again", () =>
    Effect.gen(function*() {
      const memory = yield* TestMemory.TestMemory
      const { all: ran, note } = notes()
      const { runner } = yield* recovering((id) => Effect.zipRight(Execution.sleep("nap", "1 minute"), note(id)))
      yield* runner.start("x", {})
      yield* memory.failNext(noReply, { times: 80 })
      yield* TestClock.adjust("3 minutes")
      assert.deepStrictEqual(ran, ["x"])
    }))
})
