import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as Proxy from "./Proxy.js"
import * as RawRedis from "./RawRedis.js"
import { RedisServer } from "./RedisServer.js"

const setup = Effect.gen(function*() {
  const redis = yield* RedisServer
  yield* redis.cli("FLUSHALL")
  const proxy = yield* Proxy.make({ target: redis.port })
  const client = yield* RawRedis.connect({ port: proxy.port })
  yield* client.send("PING")
  proxy.resetStats()
  return { redis, proxy, client }
})

const set = (value: string) => ["SET", "k", value] as const

describe("Proxy", () => {
  it.layer(RedisServer.layer())((it) => {
    it.scoped("counts a pipeline as one round trip, and commands that wait for each other as many", () =>
      Effect.gen(function*() {
        const { client, proxy } = yield* setup
        yield* client.pipeline([["PING"], ["PING"], ["PING"]])
        const bytes = RawRedis.encode(["PING"]).length * 3
        assert.deepStrictEqual(proxy.stats(), {
          roundTrips: 1,
          bytesToServer: bytes,
          bytesToClient: 3 * "+PONG\r\n".length,
          connections: 0
        })
        yield* client.send("PING")
        yield* client.send("PING")
        assert.strictEqual(proxy.stats().roundTrips, 3)
        yield* RawRedis.call({ port: proxy.port }, "PING")
        assert.strictEqual(proxy.stats().connections, 1)
      }))

    it.scoped("passes large requests and replies whole", () =>
      Effect.gen(function*() {
        const { client } = yield* setup
        const large = "x".repeat(5_000_000)
        yield* client.send("SET", "large", large)
        assert.strictEqual(yield* client.send("GET", "large"), large)
      }))

    it.scoped("CutBeforeRequest: the server sees nothing, the next connection works", () =>
      Effect.gen(function*() {
        const { client, proxy, redis } = yield* setup
        yield* proxy.arm({ _tag: "CutBeforeRequest" })
        yield* Effect.flip(client.send(...set("v")))
        yield* proxy.struck()
        assert.strictEqual(yield* redis.cli("EXISTS", "k"), 0)
        assert.strictEqual(yield* RawRedis.call({ port: proxy.port }, ...set("v")), "OK")
      }))

    it.scoped("CutInRequest: the server sees that many bytes", () =>
      Effect.gen(function*() {
        const { client, proxy, redis } = yield* setup
        const first = RawRedis.encode(set("first")).length
        yield* proxy.arm({ _tag: "CutInRequest", bytes: first + 5 })
        yield* Effect.flip(client.pipeline([set("first"), set("second")]))
        yield* proxy.struck()
        assert.strictEqual(yield* redis.cli("GET", "k"), "first")
      }))

    it.scoped("CutBeforeReply: the server has done it, the client does not know", () =>
      Effect.gen(function*() {
        const { client, proxy, redis } = yield* setup
        yield* proxy.arm({ _tag: "CutBeforeReply" })
        yield* Effect.flip(client.send(...set("v")))
        yield* proxy.struck()
        assert.strictEqual(yield* redis.cli("GET", "k"), "v")
        assert.strictEqual(proxy.stats().bytesToClient, "+OK\r\n".length)
      }))

    it.scoped("CutInReply: the client gets that many bytes", () =>
      Effect.gen(function*() {
        const { client, proxy } = yield* setup
        yield* proxy.arm({ _tag: "CutInReply", bytes: "+PONG\r\n+PO".length })
        const first = yield* Effect.fork(Effect.either(client.send("PING")))
        const second = yield* Effect.fork(Effect.either(client.send("PING")))
        const [left, right] = yield* Effect.all([Fiber.join(first), Fiber.join(second)])
        assert.deepStrictEqual([left._tag, right._tag], ["Right", "Left"])
      }))

    it.scoped("StallRequest and StallReply hold bytes back until resume", () =>
      Effect.gen(function*() {
        const { client, proxy, redis } = yield* setup
        const request = yield* stalled(proxy, { _tag: "StallRequest" }, client.send(...set("one")))
        assert.strictEqual(yield* redis.cli("EXISTS", "k"), 0)
        yield* proxy.resume()
        assert.strictEqual(yield* Fiber.join(request), "OK")
        const reply = yield* stalled(proxy, { _tag: "StallReply" }, client.send(...set("two")))
        yield* Effect.repeat(redis.cli("GET", "k"), { until: (value) => value === "two" })
        assert.isNull(reply.unsafePoll())
        yield* proxy.resume()
        assert.strictEqual(yield* Fiber.join(reply), "OK")
      }))

    it.scoped("Split, Delay and Drop pass that many bytes of a request and its reply; the rest comes, waits, or is lost", () =>
      Effect.gen(function*() {
        const { client, proxy, redis } = yield* setup
        const last = RawRedis.encode(set("v")).length - 1
        for (const bytes of [0, 1, last]) {
          yield* proxy.arm({ _tag: "SplitInRequest", bytes })
          assert.strictEqual(yield* client.send(...set("v")), "OK")
          yield* proxy.arm({ _tag: "SplitInReply", bytes: Math.min(bytes, 4) })
          assert.strictEqual(yield* client.send("GET", "k"), "v")
          const request = yield* stalled(proxy, { _tag: "DelayInRequest", bytes }, client.send(...set("w")))
          assert.strictEqual(yield* redis.cli("GET", "k"), "v")
          yield* proxy.resume()
          assert.strictEqual(yield* Fiber.join(request), "OK")
          const reply = yield* stalled(proxy, { _tag: "DelayInReply", bytes: 1 }, client.send(...set("v")))
          assert.isNull(reply.unsafePoll())
          yield* proxy.resume()
          assert.strictEqual(yield* Fiber.join(reply), "OK")
        }
        const reply = yield* stalled(proxy, { _tag: "DropInReply", bytes: 2 }, client.send(...set("w")))
        assert.strictEqual(yield* redis.cli("GET", "k"), "w")
        yield* proxy.resume()
        assert.isNull(reply.unsafePoll())
        yield* Fiber.interrupt(reply)
        const other = yield* RawRedis.connect({ port: proxy.port })
        const request = yield* stalled(proxy, { _tag: "DropInRequest", bytes: last }, other.send(...set("x")))
        yield* proxy.resume()
        assert.strictEqual(yield* redis.cli("GET", "k"), "w")
        assert.isNull(request.unsafePoll())
        yield* Fiber.interrupt(request)
      }))

    it.scoped("pause holds every connection, also new ones, until resume", () =>
      Effect.gen(function*() {
        const { client, proxy } = yield* setup
        yield* proxy.pause()
        const old = yield* Effect.fork(client.send("PING"))
        const young = yield* Effect.fork(RawRedis.call({ port: proxy.port }, "PING"))
        yield* Effect.repeat(
          Effect.async<number>((resume) => {
            setImmediate(() => resume(Effect.sync(() => proxy.stats().roundTrips)))
          }),
          { until: (n) => n === 2 }
        )
        assert.strictEqual(proxy.stats().bytesToClient, 0)
        yield* proxy.resume()
        assert.deepStrictEqual([yield* Fiber.join(old), yield* Fiber.join(young)], ["PONG", "PONG"])
      }))

    it.scoped("refuse turns new connections away and keeps the open ones, accept takes them again", () =>
      Effect.gen(function*() {
        const { client, proxy } = yield* setup
        yield* proxy.refuse()
        assert.match((yield* Effect.flip(RawRedis.call({ port: proxy.port }, "PING"))).message, /ECONNREFUSED/)
        assert.strictEqual(yield* client.send("PING"), "PONG")
        yield* proxy.accept()
        assert.strictEqual(yield* RawRedis.call({ port: proxy.port }, "PING"), "PONG")
      }))

    it.scoped("cutAll ends every connection", () =>
      Effect.gen(function*() {
        const { client, proxy } = yield* setup
        yield* proxy.cutAll({ reset: true })
        yield* Effect.flip(client.send("PING"))
        assert.strictEqual(yield* RawRedis.call({ port: proxy.port }, "PING"), "PONG")
      }))

    it.scoped("disarm forgets a fault", () =>
      Effect.gen(function*() {
        const { client, proxy } = yield* setup
        yield* proxy.arm({ _tag: "CutBeforeRequest" })
        yield* proxy.disarm()
        assert.strictEqual(yield* client.send("PING"), "PONG")
      }))
  })
})

const stalled = (
  proxy: Proxy.Proxy,
  fault: Proxy.Fault,
  command: Effect.Effect<RawRedis.Reply, RawRedis.RawRedisError>
) =>
  Effect.gen(function*() {
    yield* proxy.arm(fault)
    const fiber = yield* Effect.fork(command)
    yield* proxy.struck()
    return fiber
  })
