import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, Effect, Layer, Redacted } from "effect"
import { RedisLive, RedisProgram, RedisReply } from "effect-checkpoint"
import * as path from "node:path"
import { RedisServer } from "../../support/RedisServer.js"
import * as Live from "./support/Live.js"

const secret = "s3cret-word"

const wrong: ReadonlyArray<readonly [name: string, options: RedisLive.Options, option: string]> = [
  ["another protocol", Live.url(`http://:${secret}@localhost`), "url"],
  ["no protocol", Live.url(`localhost:6379:${secret}`), "url"],
  ["a port that is none", Live.url(`redis://:${secret}@localhost:99999`), "url"],
  ["port 0", Live.url(`redis://:${secret}@localhost:0`), "port"],
  ["a database that is no number", Live.url(`redis://:${secret}@localhost/abc`), "url"],
  ["a deeper path", Live.url(`redis://:${secret}@localhost/1/2`), "url"],
  ["a query", Live.url(`redis://:${secret}@localhost/1?db=2`), "url"],
  ["a password that is not percent-encoded", Live.url(`redis://:${secret}%zz@localhost`), "url"],
  ["a user without a password", Live.url("redis://app@localhost"), "password"],
  ["a negative port", { port: -1 }, "port"],
  ["a fraction of a port", { port: 6379.5 }, "port"],
  ["a negative database", { db: -1 }, "db"],
  ["a fraction of a database", { db: 1.5 }, "db"],
  ["a negative timeout", { timeout: -1 }, "timeout"],
  ["a negative timeout in words", { timeout: "-5 seconds" }, "timeout"],
  ["a timeout of nothing", { timeout: 0 }, "timeout"],
  ["a timeout without end", { timeout: Infinity }, "timeout"],
  ["a timeout longer than a timer can be", { timeout: "30 days" }, "timeout"],
  ["a timeout that is no duration", { timeout: "soon" as "1 second" }, "timeout"],
  ["a negative connectTimeout", { connectTimeout: "-1 millis" }, "connectTimeout"],
  ["a negative closeTimeout", { closeTimeout: -1 }, "closeTimeout"],
  ["no reconnectDelay", { reconnectDelay: 0 }, "reconnectDelay"],
  ["a clientName of two words", { clientName: "two words" }, "clientName"]
]

const provide = (url: string) => ConfigProvider.fromMap(new Map([["REDIS_URL", url]]))

describe("options", () => {
  for (const [name, options, option] of wrong) {
    it.scopedLive(`${name}: ConfigError about ${option}, without the URL`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(Layer.build(RedisLive.redis({ password: undefined, ...options })))
        assert.propertyVal(error, "_op", "InvalidData")
        assert.deepStrictEqual(Reflect.get(error, "path"), [option])
        assert.notInclude(String(error) + JSON.stringify(error), secret)
      }))
  }

  it.scopedLive("a URL gives user, password, port and database, percent-decoded", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const password = "p@ss:w/o?r#d %"
      yield* server.cli("ACL", "SETUSER", "user@home", "on", `>${password}`, "~*", "+@all")
      const credentials = `${encodeURIComponent("user@home")}:${encodeURIComponent(password)}`
      const redis = yield* Live.connect({
        ...Live.url(`redis://${credentials}@127.0.0.1:${server.port}/3`),
        host: undefined,
        clientName: "orders"
      })
      yield* redis.pipeline(Live.set("k", "v"))
      assert.strictEqual(yield* redis.pipeline(RedisProgram.command("ACL", ["WHOAMI"], RedisReply.string)), "user@home")
      const client = yield* redis.pipeline(RedisProgram.command("CLIENT", ["INFO"], RedisReply.string))
      assert.match(client, /name=orders /)
      assert.match(client, /db=3 /)
      assert.isNull(yield* server.cli("GET", "k"))
    }))

  it.scopedLive("a field beside the URL wins over that part of it", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make({ requirepass: "right" })
      const redis = yield* Live.connect({
        ...Live.url("redis://:wrong@example.invalid:1/5"),
        host: "127.0.0.1",
        port: server.port,
        password: Redacted.make("right"),
        db: 0
      })
      yield* redis.pipeline(Live.set("k", "v"))
      assert.strictEqual(yield* server.cli("GET", "k"), "v")
    }))

  it.scopedLive("a Unix socket, by URL or path", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make({ config: ["unixsocket redis.sock"] })
      const socket = path.join(server.dir, "redis.sock")
      for (const options of [{ path: socket }, { ...Live.url(`unix://${socket}`), host: undefined }]) {
        const redis = yield* Live.connect(options)
        assert.strictEqual(yield* redis.pipeline(Live.ping), "PONG")
      }
    }))

  it.scopedLive("redisConfig reads options from the configuration, and fails with its errors", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const layer = RedisLive.redisConfig({
        url: Config.redacted("REDIS_URL"),
        timeout: Config.duration("REDIS_TIMEOUT").pipe(Config.withDefault("5 seconds"))
      })
      const redis = yield* Effect.withConfigProvider(Live.build(layer), provide(server.url))
      assert.strictEqual(yield* redis.pipeline(Live.ping), "PONG")
      const bad = yield* Effect.flip(Effect.withConfigProvider(Live.build(layer), provide(`nonsense ${secret}`)))
      assert.propertyVal(bad, "_op", "InvalidData")
      assert.notInclude(String(bad), secret)
      const missing = yield* Effect.flip(
        Effect.withConfigProvider(Live.build(layer), ConfigProvider.fromMap(new Map()))
      )
      assert.propertyVal(missing, "_op", "MissingData")
    }))
})
