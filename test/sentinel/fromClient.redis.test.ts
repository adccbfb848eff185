/** A client of the caller's that asks sentinels. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Logger, Schedule } from "effect"
import { CheckpointStore, RedisLive } from "effect-checkpoint"
import { Redis as IoRedis } from "ioredis"
import * as Live from "../layers/live/support/Live.js"
import { RedisServer } from "../support/RedisServer.js"
import * as Sentinels from "../support/Sentinels.js"

const clientOf = (sentinels: ReadonlyArray<{ readonly port: number }>, failoverDetector = true) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const client = new IoRedis({
        sentinels: sentinels.map(({ port }) => ({ host: "127.0.0.1", port })),
        name: Sentinels.name,
        maxRetriesPerRequest: 0,
        failoverDetector
      })
      client.on("error", () => {})
      return client
    }),
    (client) => Effect.sync(() => client.disconnect())
  )

const silent = Effect.provide(Logger.remove(Logger.defaultLogger))

const patience = Schedule.spaced("50 millis").pipe(Schedule.upTo("45 seconds"))

describe("a client of the caller's that asks sentinels", () => {
  it.scopedLive("carries the store from the master to the one that replaces it, and stays the caller's", () =>
    Effect.gen(function*() {
      const group = yield* Sentinels.make()
      const client = yield* clientOf(group.sentinels)
      const scoped = Effect.gen(function*() {
        const context = yield* Layer.build(RedisLive.fromClient(client, { prefix: "shop:", retry: patience }))
        const store = Context.get(context, CheckpointStore.CheckpointStore)
        const first = yield* store.append("e", { nodeName: "n", state: 1 })
        assert.strictEqual(yield* group.master.cli("EXISTS", "shop:executions"), 1)
        yield* Effect.repeat(group.master.cli("WAIT", 2, 1000), { until: (count) => count === 2, times: 20 })
        yield* group.master.kill()
        const second = yield* store.append("e", { nodeName: "n", state: 2, after: first })
        const found = yield* Effect.forEach(group.replicas, (one) => one.cli("EXISTS", `shop:checkpoint:${second.id}`))
        assert.include(found, 1)
        assert.deepStrictEqual((yield* store.list("e")).map(({ state }) => state), [1, 2])
      })
      yield* Effect.scoped(scoped)
      assert.strictEqual(yield* Effect.promise(() => client.ping()), "PONG")
    }).pipe(silent))

  it.scopedLive("is named by its master in errors, and warned of when it would stay with an old one", () =>
    Effect.gen(function*() {
      const master = yield* RedisServer.make()
      const sentinel = yield* RedisServer.make({
        args: ["--sentinel"],
        config: [`sentinel monitor ${Sentinels.name} 127.0.0.1 ${master.port} 1`]
      })
      const lines: Array<string> = []
      const logger = Logger.make(({ message }) => lines.push(String(message)))
      const open = (failoverDetector: boolean) =>
        Effect.flatMap(
          clientOf([sentinel], failoverDetector),
          (client) =>
            Live.build(RedisLive.redisFromClient(client, { retry: Schedule.stop })).pipe(
              Effect.provide(Logger.replace(Logger.defaultLogger, logger))
            )
        )
      const redis = yield* open(true)
      assert.deepStrictEqual(lines, [])
      yield* open(false)
      assert.match(lines.join("\n"), /^failoverDetector of the given Redis client is off: after a failover/)
      yield* sentinel.kill()
      yield* master.kill()
      const error = yield* Effect.flip(redis.pipeline(Live.ping)).pipe(
        Effect.repeat({
          until: (error) => Reflect.get(error, "reason") === "Refused",
          schedule: Schedule.intersect(Schedule.spaced("20 millis"), Schedule.recurs(250))
        }),
        Effect.zipRight(Effect.flip(redis.pipeline(Live.ping)))
      )
      Live.assertConnectionError(error, { reason: "Refused", outcome: "NotSent" })
      assert.propertyVal(error, "address", `sentinel ${Sentinels.name}`)
    }).pipe(silent))
})
