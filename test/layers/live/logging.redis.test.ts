import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Redacted } from "effect"
import { RedisServer } from "../../support/RedisServer.js"
import * as Live from "./support/Live.js"

describe("the log", () => {
  it.scopedLive("tells once that the connection is lost and once that it is back, without a secret", () =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => lines.push(`${logLevel.label} ${String(message)}`))
      const server = yield* RedisServer.make({ requirepass: "s3cret-word" })
      const redis = yield* Effect.provide(
        Live.connect({ port: server.port, password: Redacted.make("s3cret-word") }),
        Logger.replace(Logger.defaultLogger, logger)
      )
      yield* server.kill()
      yield* Effect.forEach([1, 2, 3], () => Effect.flip(redis.pipeline(Live.ping)))
      yield* server.restart()
      yield* Live.recovered(redis)
      yield* Effect.sleep("20 millis")
      const address = `127.0.0.1:${server.port}`
      assert.lengthOf(lines, 2)
      assert.match(lines[0] ?? "", new RegExp(`^WARN Lost the connection to Redis at ${address}`))
      assert.strictEqual(lines[1], `INFO Connected to Redis at ${address} again`)
      assert.notInclude(lines.join(), "s3cret-word")
    }))

  it.scopedLive("says nothing when the layer is released", () =>
    Effect.gen(function*() {
      const lines: Array<unknown> = []
      const logger = Logger.make(({ message }) => lines.push(message))
      const server = yield* RedisServer.make()
      yield* Live.connect({ port: server.port }).pipe(
        Effect.flatMap((redis) => redis.pipeline(Live.ping)),
        Effect.scoped,
        Effect.provide(Logger.replace(Logger.defaultLogger, logger))
      )
      yield* Effect.sleep("50 millis")
      assert.deepStrictEqual(lines, [])
    }))
})
