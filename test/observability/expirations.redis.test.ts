/** Ids of checkpoints as they expire: by TestClock in memory, by keyspace notifications from a server. */
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Fiber, Schedule, Stream, TestClock } from "effect"
import { CheckpointStore, RedisLive, TestMemory } from "effect-checkpoint"
import { RedisServer } from "../support/RedisServer.js"

const save = (store: CheckpointStore.Service, id: string, ttl?: string) =>
  store.save(
    { id, executionId: "e", nodeName: "n", state: null, version: 1 },
    // The test's own strings are durations.
    ttl === undefined ? {} : { ttl: ttl as "1 minute" }
  )

describe("expirations", () => {
  it.effect("are the ids of checkpoints, not of other keys, as time passes in memory", () =>
    Effect.gen(function*() {
      const store = yield* CheckpointStore.CheckpointStore
      const first = yield* Effect.fork(Stream.runCollect(Stream.take(store.expirations, 2)))
      yield* save(store, "short", "1 minute")
      yield* save(store, "kept")
      yield* TestClock.adjust("2 minutes")
      yield* save(store, "later", "1 minute")
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(first)), ["short", "later"])
    }).pipe(Effect.provide(TestMemory.layer())))

  it.scopedLive("come from a server that publishes them", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make({ config: ["notify-keyspace-events Ex"] })
      const program = Effect.gen(function*() {
        const store = yield* CheckpointStore.CheckpointStore
        const first = yield* Effect.fork(Stream.runCollect(Stream.take(store.expirations, 1)))
        // Saved until one expires while somebody listens: notifications are not replayed.
        let saved = 0
        yield* Effect.suspend(() => save(store, `short-${saved++}`, "20 millis")).pipe(
          Effect.repeat({ schedule: Schedule.spaced("20 millis"), until: () => first.unsafePoll() !== null })
        )
        return Chunk.toReadonlyArray(yield* Fiber.join(first))
      })
      const [id] = yield* Effect.provide(program, RedisLive.layer({ port: server.port, prefix: "shop:" }))
      assert.match(id ?? "", /^short-\d+$/)
    }))

  it.scopedLive("fail with the remedy on a server that does not publish them", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const program = Effect.flatMap(CheckpointStore.CheckpointStore, (store) =>
        Effect.flip(Stream.runDrain(store.expirations)))
      const error = yield* Effect.provide(program, RedisLive.layer({ port: server.port }))
      assert.deepInclude(error, { _tag: "RedisCommandError", code: "NOTIFY" })
      assert.include(error.message, "notify-keyspace-events")
    }))
})
