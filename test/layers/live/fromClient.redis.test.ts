import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Layer, Logger, Schedule } from "effect"
import { RedisLive, RedisProgram, RedisReply } from "effect-checkpoint"
import { Cluster, Redis as IoRedis, type RedisOptions } from "ioredis"
import * as Proxy from "../../support/Proxy.js"
import { RedisServer } from "../../support/RedisServer.js"
import * as Live from "./support/Live.js"

const safe = { maxRetriesPerRequest: 0 } as const

const options = { retry: Schedule.stop, timeout: "5 seconds" } as const

type Settings = RedisOptions & { readonly replyMapping?: "legacy" | "resp3" }

/** A client of the caller's, closed by the caller. */
const client = (port: number, settings: Settings) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const client = new IoRedis({ host: "127.0.0.1", port, ...settings })
      client.on("error", () => {})
      return client
    }),
    (client) =>
      Effect.sync(() => {
        if (client.status === "reconnecting") client.connect().catch(() => {})
        client.disconnect()
      })
  )

const refused: ReadonlyArray<readonly [option: string, settings: Settings]> = [
  ["maxRetriesPerRequest", {}],
  ["maxRetriesPerRequest", { maxRetriesPerRequest: null }],
  ["maxRetriesPerRequest", { maxRetriesPerRequest: 1 }],
  ["autoResendUnfulfilledCommands", { ...safe, autoResendUnfulfilledCommands: false }],
  ["commandTimeout", { ...safe, commandTimeout: 1_000 }],
  ["keyPrefix", { ...safe, keyPrefix: "app:" }],
  ["enableAutoPipelining", { ...safe, enableAutoPipelining: true }],
  ["stringNumbers", { ...safe, stringNumbers: true }],
  ["replyMapping", { ...safe, protocol: 3, replyMapping: "resp3" }]
]

const logged = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const lines: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => lines.push(`${logLevel.label} ${String(message)}`))
    const value = yield* Effect.provide(effect, Logger.replace(Logger.defaultLogger, logger))
    return { value, lines }
  })

describe("a client of the caller's", () => {
  for (const [option, settings] of refused) {
    it.scopedLive(`B1, B5, B11, B12, B16: ${JSON.stringify(settings)} is refused: ConfigError about ${option}`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(
          Layer.build(RedisLive.redisFromClient(yield* client(1, { lazyConnect: true, ...settings })))
        )
        assert.propertyVal(error, "_op", "InvalidData")
        assert.deepStrictEqual(Reflect.get(error, "path"), [option])
      }))
  }

  it.scopedLive("a Cluster client is refused", () =>
    Effect.gen(function*() {
      const cluster = new Cluster([{ host: "127.0.0.1", port: 1 }], { lazyConnect: true })
      // A Cluster is no RedisClient by its type; who casts it gets a ConfigError.
      const given = cluster as unknown as RedisLive.RedisClient
      const error = yield* Effect.flip(Layer.build(RedisLive.redisFromClient(given)))
      assert.propertyVal(error, "_op", "InvalidData")
    }))

  layer(RedisServer.layer(), { excludeTestServices: true })((it) => {
    it.scoped("is used as it is, connected if it waits for that, and neither closed nor changed", () =>
      Effect.gen(function*() {
        const { port } = yield* RedisServer
        for (const settings of [safe, { ...safe, lazyConnect: true }]) {
          const theirs = yield* client(port, settings)
          const listeners = () => theirs.eventNames().map((name) => [name, theirs.listenerCount(name)])
          const before = listeners()
          const redis = yield* Effect.scoped(Effect.gen(function*() {
            const redis = yield* Live.build(RedisLive.redisFromClient(theirs, options))
            assert.strictEqual(yield* redis.pipeline(Live.ping), "PONG")
            return redis
          }))
          yield* Effect.sleep("20 millis")
          assert.strictEqual(theirs.status, "ready")
          assert.deepStrictEqual(listeners(), before)
          const error = yield* Live.failure("2 seconds", redis.pipeline(Live.ping))
          Live.assertConnectionError(error, { reason: "Closed", outcome: "NotSent" })
        }
      }))

    it.scoped("of ioredis 6 in RESP3 gives the same replies", () =>
      Effect.gen(function*() {
        const server = yield* RedisServer
        yield* server.cli("FLUSHALL")
        const program = RedisProgram.all([
          RedisProgram.command("ZADD", ["z", 1.5, "a", "inf", "b"], RedisReply.raw),
          RedisProgram.command("ZRANGE", ["z", 0, -1, "WITHSCORES"], RedisReply.raw),
          RedisProgram.command("ZSCORE", ["z", "a"], RedisReply.raw),
          RedisProgram.command("HSET", ["h", "2", "x", "1", "y"], RedisReply.raw),
          RedisProgram.command("HGETALL", ["h"], RedisReply.raw),
          RedisProgram.command("SADD", ["s", "m"], RedisReply.raw),
          RedisProgram.command("SMEMBERS", ["s"], RedisReply.raw),
          RedisProgram.command("CONFIG", ["GET", "port"], RedisReply.raw),
          RedisProgram.command("GET", ["none"], RedisReply.raw),
          RedisProgram.command("ZPOPMIN", ["z", 2], RedisReply.raw)
        ])
        const expected = [
          2,
          ["a", "1.5", "b", "inf"],
          "1.5",
          2,
          ["2", "x", "1", "y"],
          1,
          ["m"],
          ["port", String(server.port)],
          null,
          ["a", "1.5", "b", "inf"]
        ]
        const theirs = yield* Live.build(RedisLive.redisFromClient(yield* client(server.port, safe), options))
        const ours = yield* Live.connect({ port: server.port })
        for (const redis of [theirs, ours]) {
          for (const send of [redis.pipeline, redis.transaction]) {
            yield* server.cli("FLUSHALL")
            assert.deepStrictEqual<unknown>(yield* send(program), expected)
          }
          assert.deepStrictEqual(
            yield* redis.pipeline(RedisProgram.command("HGETALL", ["h"], RedisReply.raw)),
            ["2", "x", "1", "y"]
          )
        }
      }))

    it.scoped("B16: a lost reply is Unknown, and the command is not sent again", () =>
      Effect.gen(function*() {
        const server = yield* RedisServer
        yield* server.cli("DEL", "n")
        const proxy = yield* Proxy.make({ target: server.port })
        const redis = yield* Live.build(RedisLive.redisFromClient(yield* client(proxy.port, safe), options))
        yield* proxy.arm({ _tag: "CutBeforeReply" })
        const error = yield* Live.failure("4 seconds", redis.pipeline(Live.incr("n")))
        Live.assertConnectionError(error, { reason: "Closed", outcome: "Unknown" })
        yield* Live.recovered(redis)
        assert.strictEqual(yield* server.cli("GET", "n"), "1")
      }))

    it.scoped("B21: its own socketTimeout: Timeout and Unknown, applied at most once", () =>
      Effect.gen(function*() {
        const server = yield* RedisServer
        yield* server.cli("DEL", "n")
        const theirs = yield* client(server.port, { ...safe, socketTimeout: 300 })
        const redis = yield* Live.build(RedisLive.redisFromClient(theirs, options))
        yield* server.kill("SIGSTOP")
        const error = yield* Live.failure("4 seconds", redis.pipeline(Live.incr("n")))
        Live.assertConnectionError(error, { reason: "Timeout", outcome: "Unknown" })
        yield* server.kill("SIGCONT")
        yield* Live.recovered(redis)
        assert.strictEqual(yield* server.cli("GET", "n"), "1")
      }))

    it.scoped("B9, B24: one that the caller disconnects, or that gives up: Closed and NotSent, at once", () =>
      Effect.gen(function*() {
        const { port } = yield* RedisServer
        const theirs = yield* client(port, safe)
        const redis = yield* Live.build(RedisLive.redisFromClient(theirs, options))
        theirs.disconnect()
        for (let i = 0; i < 2; i++) {
          const error = yield* Live.failure("2 seconds", redis.pipeline(Live.ping))
          Live.assertConnectionError(error, { reason: "Closed", outcome: "NotSent" })
        }
        yield* Effect.promise(() => theirs.connect())
        assert.strictEqual(yield* redis.pipeline(Live.ping), "PONG")
      }))

    it.scoped("B9: one that has ended fails the layer", () =>
      Effect.gen(function*() {
        const { port } = yield* RedisServer
        const theirs = yield* client(port, { ...safe, lazyConnect: true })
        theirs.disconnect()
        const error = yield* Live.failure("2 seconds", Layer.build(RedisLive.redisFromClient(theirs, options)))
        Live.assertConnectionError(error, { reason: "Closed", outcome: "NotSent" })
      }))

    it.scoped("with doubtful settings is used with a warning that names them", () =>
      Effect.gen(function*() {
        const { port } = yield* RedisServer
        const theirs = yield* client(port, { ...safe, enableReadyCheck: false, reconnectOnError: () => false })
        const { lines } = yield* logged(Live.build(RedisLive.redisFromClient(theirs, options)))
        assert.lengthOf(lines, 2)
        assert.match(lines.join("\n"), /WARN reconnectOnError[^]*WARN enableReadyCheck/)
      }))
  })

  it.scopedLive("B33: without its ready check, LOADING is the command's error; the default retry waits", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make({ config: ["enable-debug-command yes", "rdbcompression no"] })
      const theirs = yield* client(server.port, { ...safe, enableReadyCheck: false })
      const hasty = yield* Live.build(RedisLive.redisFromClient(theirs, options))
      const patient = yield* Live.build(RedisLive.redisFromClient(theirs, {}))
      yield* server.cli("DEBUG", "POPULATE", 2000, "key", 20_000)
      yield* server.cli("CONFIG", "SET", "key-load-delay", 300)
      yield* Effect.ignore(server.cli("CONFIG", "SET", "loading-process-events-interval-bytes", 1024))
      const reload = yield* Effect.fork(Effect.ignore(server.cli("DEBUG", "RELOAD")))
      yield* Effect.sleep("200 millis")
      const error = yield* Live.failure("2 seconds", hasty.pipeline(Live.incr("n")))
      Live.assertCommandError(error, { command: "INCR", code: "LOADING" })
      assert.strictEqual(yield* Live.within("10 seconds", patient.pipeline(Live.incr("n"))), 1)
      yield* reload
    }))
})
