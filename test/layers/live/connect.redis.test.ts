import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { freePort, RedisServer } from "../../support/RedisServer.js"
import * as Live from "./support/Live.js"
import * as Peers from "./support/Peers.js"

const notSent = { outcome: "NotSent" } as const

/** How building a layer fails, before its `connectTimeout` unless the peer is silent. */
const buildFailure = (options: Parameters<typeof Live.connect>[0]) =>
  Live.failure("4 seconds", Effect.scoped(Live.connect({ connectTimeout: "5 seconds", ...options })))

const open = () => process.getActiveResourcesInfo().filter((resource) => /TCPSocket|Timeout/.test(resource)).length

describe("building the layer", () => {
  it.scopedLive("B1, B2, B3: nobody listens: Refused at the first attempt", () =>
    Effect.gen(function*() {
      const port = yield* freePort
      const error = yield* buildFailure({ port })
      Live.assertConnectionError(error, { reason: "Refused", ...notSent })
      assert.propertyVal(error, "address", `127.0.0.1:${port}`)
      assert.match(String(Reflect.get(error, "cause")), /ECONNREFUSED/)
    }))

  it.scopedLive("B1: a Unix socket that does not exist: Refused", () =>
    Effect.gen(function*() {
      const error = yield* buildFailure({ path: "/nonexistent/redis.sock" })
      Live.assertConnectionError(error, { reason: "Refused", ...notSent })
      assert.propertyVal(error, "address", "/nonexistent/redis.sock")
    }))

  it.scopedLive("B6: a name that does not resolve: Dns", () =>
    Effect.gen(function*() {
      const error = yield* buildFailure({ host: "no-such-host.invalid" })
      Live.assertConnectionError(error, { reason: "Dns", ...notSent })
    }))

  it.scopedLive("B7: a peer that accepts and never answers: Timeout at connectTimeout", () =>
    Effect.gen(function*() {
      const port = yield* Peers.silent
      const error = yield* Live.failure("1 second", Live.connect({ port, connectTimeout: "300 millis" }))
      Live.assertConnectionError(error, { reason: "Timeout", ...notSent })
    }))

  it.scopedLive("B7: the same with TLS: Tls, as from a port that does not speak it", () =>
    Effect.gen(function*() {
      const port = yield* Peers.silent
      const error = yield* Live.failure("1 second", Live.connect({ port, tls: true, connectTimeout: "300 millis" }))
      Live.assertConnectionError(error, { reason: "Tls", ...notSent })
    }))

  it.scopedLive("B8: a web server: Protocol", () =>
    Effect.gen(function*() {
      const error = yield* buildFailure({ port: yield* Peers.web })
      Live.assertConnectionError(error, { reason: "Protocol", ...notSent })
    }))

  it.scopedLive("B9: a peer that hangs up: Closed", () =>
    Effect.gen(function*() {
      const error = yield* buildFailure({ port: yield* Peers.closing })
      Live.assertConnectionError(error, { reason: "Closed", ...notSent })
    }))

  it.scopedLive("B26, B27: no password, a wrong one, a wrong user: Authentication", () =>
    Effect.gen(function*() {
      const { port } = yield* RedisServer.make({ requirepass: "right" })
      const wrong = Redacted.make("wr0ng-secret")
      for (const options of [{}, { password: wrong }, { username: "nobody", password: wrong }, { db: 3 }]) {
        const error = yield* buildFailure({ port, ...options })
        Live.assertConnectionError(error, { reason: "Authentication", ...notSent })
        assert.notInclude(JSON.stringify(error) + String(Reflect.get(error, "cause")), "wr0ng-secret")
      }
      yield* Live.connect({ port, password: Redacted.make("right") })
    }))

  it.scopedLive("B28: a user without the right to SELECT: Authentication", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      yield* server.cli("ACL", "SETUSER", "app", "on", ">secret", "~*", "+@all", "-select")
      const error = yield* buildFailure({
        port: server.port,
        db: 1,
        username: "app",
        password: Redacted.make("secret")
      })
      Live.assertConnectionError(error, { reason: "Authentication", ...notSent })
    }))

  it.scopedLive("B29: a user without the right to INFO, PING and CLIENT works", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      yield* server.cli("ACL", "SETUSER", "app", "on", ">secret", "~*", "+get", "+set")
      const redis = yield* Live.connect({
        port: server.port,
        username: "app",
        password: Redacted.make("secret"),
        clientName: "app"
      })
      yield* redis.pipeline(Live.set("k", "v"))
      assert.strictEqual(yield* server.cli("GET", "k"), "v")
    }))

  it.scopedLive("B30: no free client slot: TooManyClients", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make({ requirepass: "right" })
      const only = yield* server.connect
      yield* only.send("CONFIG", "SET", "maxclients", 1)
      const password = Redacted.make("right")
      for (const options of [{}, { password }, { password, db: 2, clientName: "app" }]) {
        const error = yield* buildFailure({ port: server.port, ...options })
        Live.assertConnectionError(error, { reason: "TooManyClients", ...notSent })
      }
    }))

  it.scopedLive("a database that the server does not have: RedisCommandError, not database 0", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const error = yield* buildFailure({ port: server.port, db: 99 })
      Live.assertCommandError(error, { command: "SELECT", code: "ERR", message: /DB index is out of range/ })
    }))

  it.scopedLive("B33: a server that loads for longer than connectTimeout: Timeout; a shorter load is waited for", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make({ config: ["enable-debug-command yes"] })
      yield* server.cli("DEBUG", "POPULATE", 2000, "key", 20_000)
      yield* server.cli("CONFIG", "SET", "key-load-delay", 600)
      yield* Effect.ignore(server.cli("CONFIG", "SET", "loading-process-events-interval-bytes", 1024))
      const reload = yield* Effect.fork(Effect.ignore(server.cli("DEBUG", "RELOAD")))
      yield* Effect.sleep("200 millis")
      const error = yield* Live.failure("1 second", Live.connect({ port: server.port, connectTimeout: "400 millis" }))
      Live.assertConnectionError(error, { reason: "Timeout", ...notSent })
      const redis = yield* Live.connect({ port: server.port, connectTimeout: "10 seconds" })
      assert.strictEqual(yield* redis.pipeline(Live.ping), "PONG")
      yield* reload
    }))

  it.scopedLive("B37: a server that is busy with a script: RedisCommandError BUSY, retryable", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make({ config: ["lua-time-limit 50"] })
      const loop = yield* Effect.fork(Effect.ignore(server.cli("EVAL", "while true do end", 0)))
      yield* Effect.sleep("200 millis")
      const error = yield* buildFailure({ port: server.port })
      Live.assertCommandError(error, { command: "INFO", code: "BUSY" })
      assert.propertyVal(error, "retryable", true)
      yield* server.cli("SCRIPT", "KILL")
      yield* loop
      yield* Live.connect({ port: server.port })
    }))

  it.scopedLive("a layer that was not built leaves neither sockets nor timers", () =>
    Effect.gen(function*() {
      const silent = yield* Peers.silent
      const refusing = yield* freePort
      const before = open()
      yield* Effect.all(
        [{ port: silent }, { port: refusing }, { host: "no-such-host.invalid" }].map((options) =>
          Effect.flip(Effect.scoped(Live.connect({ connectTimeout: "200 millis", ...options })))
        ),
        { concurrency: "unbounded" }
      )
      const closed = Effect.repeat(Effect.delay(Effect.sync(open), "10 millis"), { until: (count) => count <= before })
      yield* Live.within("1.5 seconds", closed)
    }))
})
