import { assert, describe, it } from "@effect/vitest"
import { Chunk, DateTime, Effect, Option, Stream, TestClock } from "effect"
import * as TestMemory from "../../src/layers/TestMemory.js"
import { CheckpointStore, type ExecutionsOptions, type Options } from "../../src/services/CheckpointStore.js"
import { idsOf, input, range } from "./Bench.js"

const test = (
  name: string,
  options: Options,
  body: (store: typeof CheckpointStore.Service) => Effect.Effect<void, unknown, TestMemory.TestMemory>
) => it.effect(name, () => Effect.provide(Effect.flatMap(CheckpointStore, body), TestMemory.layer(options)))

const executionsOf = (store: typeof CheckpointStore.Service, options?: ExecutionsOptions) =>
  Effect.map(Stream.runCollect(store.executions(options)), Chunk.toReadonlyArray)

describe("as time passes", () => {
  test("a checkpoint lives up to its last millisecond", {}, (store) =>
    Effect.gen(function*() {
      yield* store.save(input("a", "run", 1), { ttl: "1 minute" })
      yield* TestClock.adjust("59999 millis")
      assert.isTrue(yield* store.exists("a"))
      yield* TestClock.adjust("1 millis")
      assert.isFalse(yield* store.exists("a"))
      assert.isTrue(Option.isNone(yield* store.latest("run")))
      assert.strictEqual(yield* store.count("run"), 0)
    }))

  test("0.2 milliseconds are 1, and not never", {}, (store) =>
    Effect.gen(function*() {
      yield* store.save(input("a", "run", 1), { ttl: 0.2 })
      assert.isTrue(yield* store.exists("a"))
      yield* TestClock.adjust("1 millis")
      assert.isFalse(yield* store.exists("a"))
    }))

  test(
    "the index outlives its longest member: a short save after a long one hides nothing",
    {},
    (store) =>
      Effect.gen(function*() {
        yield* store.save(input("long", "run", 1), { ttl: "60 seconds" })
        yield* store.save(input("short", "run", 2), { ttl: "100 millis" })
        yield* TestClock.adjust("59 seconds")
        assert.deepStrictEqual(idsOf(yield* store.list("run")), ["long"])
        yield* TestClock.adjust("1 seconds")
        assert.deepStrictEqual(yield* store.list("run"), [])
      })
  )

  test("the index never expires with a persistent member", { ttl: "1 minute" }, (store) =>
    Effect.gen(function*() {
      yield* store.save(input("mortal", "run", 1))
      yield* store.save(input("eternal", "run", 2), { ttl: 0 })
      yield* store.save(input("mortal too", "run", 3))
      yield* TestClock.adjust("365 days")
      assert.deepStrictEqual(idsOf(yield* store.list("run")), ["eternal"])
    }))

  test(
    "reads keep what they read alive with refreshOnRead",
    { ttl: "1 minute", refreshOnRead: true },
    (store) =>
      Effect.gen(function*() {
        yield* store.save(input("read", "run", 1))
        yield* store.save(input("unread", "run", 2))
        for (const _ of range(5)) {
          yield* TestClock.adjust("50 seconds")
          yield* store.load("read")
        }
        assert.deepStrictEqual(idsOf(yield* store.list("run")), ["read"])
      })
  )

  test(
    "nothing of an expired execution is left once it was looked at",
    { ttl: "1 minute" },
    (store) =>
      Effect.gen(function*() {
        const memory = yield* TestMemory.TestMemory
        yield* store.save(input("a", "run", 1))
        yield* store.save(input("large", "run", 2, { state: "x".repeat(20_000) }))
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(Chunk.toArray(yield* Stream.runCollect(store.executions())), [])
        assert.strictEqual((yield* memory.snapshot).size, 0)
      })
  )

  test("an execution moves to the front with a save, and before looks back", {}, (store) =>
    Effect.gen(function*() {
      for (const run of ["a", "b", "a"]) {
        yield* TestClock.adjust("1 second")
        yield* store.append(run, { nodeName: "n", state: 1 })
      }
      assert.deepStrictEqual(yield* executionsOf(store), ["a", "b"])
      assert.deepStrictEqual(yield* executionsOf(store, { before: DateTime.unsafeMake(3000) }), ["b"])
    }))

  test("timestamps are the Effect clock's", {}, (store) =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_700_000_000_123)
      const { id, timestamp } = yield* store.append("run", { nodeName: "n", state: 1 })
      assert.strictEqual(DateTime.toEpochMillis(timestamp), 1_700_000_000_123)
      assert.strictEqual(DateTime.toEpochMillis((yield* store.load(id)).timestamp), 1_700_000_000_123)
    }))
})
