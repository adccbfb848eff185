/** What is in other slots is written first: whatever dies in between leaves names that lead to nothing. */
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Layer, Option, Schema, Stream, TestClock } from "effect"
import { CheckpointStore, Errors, Execution, Graph, KeyLayout, Redis, Runner, TestMemory } from "effect-checkpoint"
import { plan, settle } from "../../src/internal/programs/placing.js"

const store = TestMemory.layer({ prefix: "p:", cluster: true })

const runner = Runner.layer().pipe(Layer.provideMerge(store))

const lost = new Errors.RedisConnectionError({ reason: "Closed", outcome: "NotSent", address: "memory" })

const checkpoint = { id: "cp", executionId: "run", nodeName: "n", state: 1, version: 1 }

const executions = Effect.flatMap(
  CheckpointStore.CheckpointStore,
  (it) => Effect.map(Stream.runCollect(it.executions()), Chunk.toArray)
)

const sent = Effect.flatMap(
  TestMemory.TestMemory,
  (memory) => Effect.map(memory.commands, (trips) => trips.map(({ commands }) => commands.join(" ")))
)

/** The next program but `n` fails, as when the process dies before it. */
const dyingAfter = (n: number) =>
  Layer.effect(
    Redis.Redis,
    Effect.map(Redis.Redis, (redis) => {
      let left = n
      return Redis.Redis.of({
        ...redis,
        pipeline: (program) => Effect.suspend(() => left-- > 0 ? redis.pipeline(program) : Effect.fail(lost))
      })
    })
  )

/** The same effect in a process that dies after `n` programs. */
const diesAfter = <A, E, R>(n: number, effect: Effect.Effect<A, E, R>) =>
  Effect.exit(effect).pipe(
    Effect.provide(Layer.fresh(
      Runner.layer().pipe(
        Layer.provideMerge(CheckpointStore.layer({ prefix: "p:", cluster: true })),
        Layer.provideMerge(dyingAfter(n))
      )
    ))
  )

const save = Effect.flatMap(CheckpointStore.CheckpointStore, (it) => it.save(checkpoint))

describe("a save on a cluster", () => {
  it.effect("names the execution and the place before, once a process, and keeps the name in front", () =>
    Effect.gen(function*() {
      yield* save
      yield* save
      const it = yield* CheckpointStore.CheckpointStore
      yield* it.append("run", { nodeName: "n", state: 2, after: { version: 1 } })
      assert.deepStrictEqual(yield* sent, ["locate touch", "save touch", "locate", "save touch", "save touch"])
    }).pipe(Effect.provide(store)))

  it.effect("that dies behind that leaves nothing that is found, and can be made again", () =>
    Effect.gen(function*() {
      const it = yield* CheckpointStore.CheckpointStore
      yield* diesAfter(1, save)
      assert.strictEqual((yield* Effect.flip(it.load("cp")))._tag, "CheckpointNotFound")
      assert.deepStrictEqual([yield* it.exists("cp"), yield* it.count("run")], [false, 0])
      assert.deepStrictEqual(yield* executions, [])
      yield* save
      assert.deepStrictEqual(yield* executions, ["run"])
    }).pipe(Effect.provide(store)))
})

const graph = Graph.make("g", { state: Schema.Struct({ n: Schema.Int }) })
  .node("ask", () => Effect.map(Execution.ask("ok", { answer: Schema.Int }), (n) => ({ n })))
  .edge(Graph.START, "ask")
  .edge("ask", Graph.END)
  .build()

const start = Effect.flatMap(Runner.forGraph(graph), (it) => it.start("x", { n: 0 }))
const answer = Effect.flatMap(Runner.forGraph(graph), (it) => it.answer("x", { answer: 7 }))
const due = Effect.flatMap(Runner.forGraph(graph), (it) => it.due(10))

const layout = KeyLayout.make({ prefix: "p:", cluster: true })

describe("when somebody is to look at an execution", () => {
  it.effect("is settled by who planned it last, and made earlier by anybody", () =>
    Effect.gen(function*() {
      const redis = yield* Redis.Redis
      const settled = (by: string, at: string | null) => redis.pipeline(settle(layout, "g", "x", by, at))
      const mine = yield* redis.pipeline(plan(layout, "g", "x", 1_000))
      yield* TestClock.adjust("1 second")
      const theirs = yield* redis.pipeline(plan(layout, "g", "x", 1_000))
      assert.strictEqual(theirs.before, String(Number(mine.at)))
      assert.isFalse(yield* settled(mine.at, null))
      assert.isFalse(yield* settled(mine.at, "inf"))
      assert.isTrue(yield* settled(mine.at, "1500"))
      assert.isFalse(yield* settled(theirs.at, null))
      assert.isTrue(yield* settled("1500", null))
    }).pipe(Effect.provide(TestMemory.redis())))
})

describe("a run on a cluster", () => {
  it.effect("is among the unfinished before it is claimed", () =>
    Effect.gen(function*() {
      yield* start
      const trips = yield* sent
      assert.deepStrictEqual(trips.slice(0, 2), ["plan touch", "claim latest HSCAN"])
      assert.deepStrictEqual(trips.slice(-2), ["release ZSCORE", "settle"])
    }).pipe(Effect.provide(runner)))

  it.effect("that waits is not due, and is once it is answered", () =>
    Effect.gen(function*() {
      yield* start
      assert.deepStrictEqual(yield* due, [])
      yield* answer
      assert.deepStrictEqual(yield* due, ["x"])
      const it = yield* Runner.forGraph(graph)
      const outcome = yield* it.resume("x")
      assert.isTrue(outcome._tag === "Completed")
      assert.deepStrictEqual(yield* due, [])
      assert.deepStrictEqual(Chunk.toArray(yield* Stream.runCollect(it.unfinished)), [])
    }).pipe(Effect.provide(runner)))

  /** Programs until the run is over: of a process that died after any of them nothing is forgotten. */
  it.effect("is due again by the end of the lease, whenever its process died", () =>
    Effect.gen(function*() {
      yield* diesAfter(Infinity, start)
      const programs = (yield* sent).length
      for (let n = 1; n <= programs; n++) {
        const memory = yield* TestMemory.TestMemory
        yield* memory.clear
        yield* diesAfter(n, start)
        yield* TestClock.adjust("1 hour")
        const it = yield* Runner.forGraph(graph)
        // Behind the last one it waits.
        assert.deepStrictEqual(yield* due, n === programs ? [] : ["x"], `after ${n} programs`)
        yield* Effect.ignore(it.resume("x"))
        assert.deepStrictEqual(yield* due, [], `settled, after ${n} programs`)
      }
    }).pipe(Effect.provide(runner)))

  it.effect("that is answered by a process that dies is due, whether the answer came or not", () =>
    Effect.gen(function*() {
      yield* diesAfter(Infinity, start)
      const before = (yield* sent).length
      yield* diesAfter(Infinity, answer)
      const programs = (yield* sent).length - before
      for (let n = 1; n <= programs; n++) {
        const memory = yield* TestMemory.TestMemory
        yield* memory.clear
        yield* start
        yield* diesAfter(n, answer)
        const it = yield* Runner.forGraph(graph)
        const outcome = yield* Effect.map(it.getState("x"), (state) => Option.getOrThrow(state).requests.length)
        if (outcome === 0) assert.deepStrictEqual(yield* due, ["x"], `after ${n} programs`)
      }
    }).pipe(Effect.provide(runner)))
})
