import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Exit, Fiber, Redacted, Scope, Stream } from "effect"
import { type Redis, RedisProgram, RedisReply } from "effect-checkpoint"
import { RedisServer } from "../../support/RedisServer.js"
import * as Live from "./support/Live.js"

const expiring = (key: string) => RedisProgram.command("SET", [key, "v", "PX", 20], RedisReply.ignored)

const events = ["notify-keyspace-events Ex"]

/** Collects the first keys that expire, from the moment that the server has a subscriber. */
const first = (redis: Redis.Service, count: number) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(Stream.runCollect(Stream.take(redis.expirations, count)))
    const patterns = RedisProgram.command("PUBSUB", ["NUMPAT"], RedisReply.integer)
    yield* Effect.repeat(redis.pipeline(patterns), { until: (count) => count > 0 })
    return fiber
  })

describe("expirations", () => {
  it.scopedLive("are the keys of this database as they expire, on a connection that ends with the stream", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make({ config: events })
      const redis = yield* Live.connect({ port: server.port, db: 2 })
      const other = yield* Live.connect({ port: server.port })
      const fiber = yield* first(redis, 2)
      yield* other.pipeline(expiring("elsewhere"))
      yield* redis.pipeline(expiring("one"))
      yield* Effect.sleep("200 millis")
      yield* redis.pipeline(expiring("two"))
      const keys = yield* Live.within("10 seconds", Fiber.join(fiber))
      assert.deepStrictEqual(Chunk.toReadonlyArray(keys), ["one", "two"])
      yield* Effect.sleep("50 millis")
      assert.strictEqual(yield* server.cli("PUBSUB", "NUMPAT"), 0)
    }))

  it.scopedLive("fail with the remedy on a server that does not publish them", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const redis = yield* Live.connect({ port: server.port })
      for (const flags of ["", "Kx", "Eg"]) {
        yield* server.cli("CONFIG", "SET", "notify-keyspace-events", flags)
        const error = yield* Live.failure("3 seconds", Stream.runDrain(redis.expirations))
        Live.assertCommandError(error, {
          command: "PSUBSCRIBE",
          code: "NOTIFY",
          message: /CONFIG SET notify-keyspace-events Ex/
        })
      }
    }))

  it.scopedLive("come also where CONFIG is not allowed; NOPERM where the channel is not", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make({ config: events })
      const user = { port: server.port, username: "app", password: Redacted.make("secret") }
      yield* server.cli("ACL", "SETUSER", "app", "on", ">secret", "~*", "allchannels", "+@all", "-config")
      const redis = yield* Live.connect(user)
      const fiber = yield* first(redis, 1)
      yield* redis.pipeline(expiring("one"))
      yield* Live.within("10 seconds", Fiber.join(fiber))
      yield* server.cli("ACL", "SETUSER", "app", "resetchannels")
      const again = yield* Live.connect(user)
      const error = yield* Live.failure("3 seconds", Stream.runDrain(again.expirations))
      Live.assertCommandError(error, { command: "PSUBSCRIBE", code: "NOPERM" })
    }))

  it.scopedLive("end with a typed error when the connection goes", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make({ config: events })
      const redis = yield* Live.connect({ port: server.port })
      const fiber = yield* first(redis, 1)
      yield* server.kill()
      const error = yield* Live.failure("3 seconds", Fiber.join(fiber))
      Live.assertConnectionError(error, { reason: "Closed", outcome: "NotSent" })
      const down = yield* Live.failure("3 seconds", Stream.runDrain(redis.expirations))
      Live.assertConnectionError(down, { reason: "Refused", outcome: "NotSent" })
    }))

  it.scopedLive("end with the layer, and do not begin after it", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make({ config: events })
      const scope = yield* Scope.make()
      const redis = yield* Scope.extend(Live.connect({ port: server.port }), scope)
      const fiber = yield* first(redis, 1)
      yield* Scope.close(scope, Exit.void)
      const closed = { reason: "Closed", outcome: "NotSent" } as const
      Live.assertConnectionError(yield* Live.failure("3 seconds", Fiber.join(fiber)), closed)
      Live.assertConnectionError(yield* Live.failure("3 seconds", Stream.runDrain(redis.expirations)), closed)
      assert.strictEqual(yield* server.cli("PUBSUB", "NUMPAT"), 0)
    }))
})
