import { assert, describe, layer } from "@effect/vitest"
import { Effect, Either, Fiber } from "effect"
import { type Redis, RedisProgram, RedisReply, RedisScript } from "effect-checkpoint"
import * as Proxy from "../../support/Proxy.js"
import { RedisServer } from "../../support/RedisServer.js"
import * as Live from "./support/Live.js"

/** Appends its argument to a list, so that order and repetition show. */
const push = RedisScript.make({ name: "push", lua: "return redis.call('RPUSH', KEYS[1], ARGV[1])" })
const look = RedisScript.make({ name: "look", repeatable: true, lua: "return redis.call('LLEN', KEYS[1])" })

const pushing = (value: string) => RedisProgram.script(push, ["list"], [value], RedisReply.integer)
const looking = RedisProgram.script(look, ["list"], [], RedisReply.integer)
const plain = (value: string) => RedisProgram.command("RPUSH", ["list", value], RedisReply.integer)
const length = RedisProgram.command("LLEN", ["list"], RedisReply.integer)
const flush = RedisProgram.command("SCRIPT", ["FLUSH"], RedisReply.ignored)

const setup = Effect.gen(function*() {
  const server = yield* RedisServer
  yield* server.cli("FLUSHALL")
  yield* server.cli("SCRIPT", "FLUSH")
  const proxy = yield* Proxy.make({ target: server.port })
  const redis = yield* Live.connect({ port: proxy.port })
  proxy.resetStats()
  return { server, proxy, redis, list: server.cli("LRANGE", "list", 0, -1) }
})

/** How often the server has run a command since it was last asked. */
const calls = (name: string) =>
  Effect.gen(function*() {
    const server = yield* RedisServer
    const stats = String(yield* server.cli("INFO", "commandstats"))
    return Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
  })

const resetCalls = Effect.flatMap(RedisServer, (server) => server.cli("CONFIG", "RESETSTAT"))

describe("scripts", () => {
  layer(RedisServer.layer(), { excludeTestServices: true })((it) => {
    it.scoped("go with their source the first time and by digest later, one round trip each", () =>
      Effect.gen(function*() {
        const { proxy, redis } = yield* setup
        yield* resetCalls
        for (const expected of [1, 2, 3]) {
          assert.strictEqual(yield* redis.pipeline(pushing("x")), expected)
          assert.strictEqual(proxy.stats().roundTrips, expected)
        }
        assert.deepStrictEqual([yield* calls("eval"), yield* calls("evalsha")], [1, 2])
      }))

    it.scoped("that are called by many fibers at once go with their source once", () =>
      Effect.gen(function*() {
        const { redis } = yield* setup
        yield* resetCalls
        yield* Effect.all(Array.from({ length: 100 }, () => redis.pipeline(pushing("x"))), { concurrency: "unbounded" })
        assert.deepStrictEqual([yield* calls("eval"), yield* calls("evalsha")], [1, 99])
      }))

    it.scoped("go with their source again after a reconnect", () =>
      Effect.gen(function*() {
        const { proxy, redis } = yield* setup
        yield* redis.pipeline(pushing("a"))
        yield* proxy.cutAll()
        yield* Live.recovered(redis)
        yield* resetCalls
        yield* redis.pipeline(pushing("b"))
        assert.deepStrictEqual([yield* calls("eval"), yield* calls("evalsha")], [1, 0])
      }))

    it.scoped("B43: alone, a script that was flushed is sent again with its source, and runs once", () =>
      Effect.gen(function*() {
        const { list, redis, server } = yield* setup
        yield* redis.pipeline(pushing("a"))
        yield* server.cli("SCRIPT", "FLUSH")
        assert.strictEqual(yield* redis.pipeline(pushing("b")), 2)
        yield* server.cli("SCRIPT", "FLUSH")
        yield* Effect.all(["c", "c", "c"].map((value) => redis.pipeline(pushing(value))), { concurrency: "unbounded" })
        assert.deepStrictEqual(yield* list, ["a", "b", "c", "c", "c"])
      }))

    it.scoped("B43: flushed, in every position of a pipeline: each command runs once, in order", () =>
      Effect.gen(function*() {
        const { redis, server } = yield* setup
        const shapes = [
          [pushing("1"), plain("2"), plain("3")],
          [plain("1"), pushing("2"), plain("3")],
          [plain("1"), plain("2"), pushing("3")],
          [pushing("1"), pushing("2"), pushing("3")],
          [plain("1"), pushing("2"), pushing("3")]
        ]
        for (const shape of shapes) {
          yield* redis.pipeline(pushing("0"))
          yield* server.cli("SCRIPT", "FLUSH")
          yield* server.cli("DEL", "list")
          assert.deepStrictEqual(yield* redis.pipeline(RedisProgram.all(shape)), [1, 2, 3])
          assert.deepStrictEqual(yield* server.cli("LRANGE", "list", 0, -1), ["1", "2", "3"])
        }
      }))

    it.scoped("B43: flushed, with commands after it that may run twice: replies are as of one run", () =>
      Effect.gen(function*() {
        const { proxy, redis, server } = yield* setup
        yield* redis.pipeline(pushing("a"))
        yield* redis.pipeline(looking)
        yield* server.cli("SCRIPT", "FLUSH")
        proxy.resetStats()
        const program = RedisProgram.all([plain("b"), pushing("c"), length, looking])
        assert.deepStrictEqual(yield* redis.pipeline(program), [2, 3, 3, 3])
        assert.strictEqual(proxy.stats().roundTrips, 2)
        assert.deepStrictEqual(yield* server.cli("LRANGE", "list", 0, -1), ["a", "b", "c"])
        yield* redis.pipeline(program)
        assert.strictEqual(proxy.stats().roundTrips, 3)
      }))

    it.scoped("B43: flushed by a command of the pipeline itself: NOSCRIPT in its place when a replay is not safe", () =>
      Effect.gen(function*() {
        const { list, redis } = yield* setup
        const program = RedisProgram.all([
          RedisProgram.either(pushing("1")),
          RedisProgram.either(flush),
          RedisProgram.either(pushing("2")),
          RedisProgram.either(plain("3"))
        ])
        const results = yield* redis.pipeline(program)
        const [first, flushed, second, third] = results
        assert.deepStrictEqual([first, flushed, second, third].map((result) => result._tag), [
          "Right",
          "Right",
          "Left",
          "Right"
        ])
        Live.assertCommandError(Either.isLeft(second) ? second.left : undefined, {
          command: "push",
          code: "NOSCRIPT"
        })
        assert.deepStrictEqual(yield* list, ["1", "3"])
        assert.strictEqual(yield* redis.pipeline(pushing("4")), 3)
      }))

    it.scoped("B8, B43: in a transaction a flushed script runs, now and later", () =>
      Effect.gen(function*() {
        const { list, redis, server } = yield* setup
        yield* redis.pipeline(pushing("0"))
        for (const expected of [[2, 3], [4, 5]]) {
          yield* server.cli("SCRIPT", "FLUSH")
          const program = RedisProgram.all([plain("x"), pushing("y")])
          assert.deepStrictEqual(yield* redis.transaction(program), expected)
        }
        assert.lengthOf((yield* list) as ReadonlyArray<unknown>, 5)
      }))

    it.scoped("a reply lost while a flushed script is sent again: Unknown, since what came before it is applied", () =>
      Effect.gen(function*() {
        const { list, proxy, redis, server } = yield* setup
        yield* redis.pipeline(pushing("a"))
        yield* server.cli("SCRIPT", "FLUSH")
        yield* cutSecondTrip(redis, proxy)
        assert.includeMembers((yield* list) as Array<string>, ["a", "b"])
      }))

    it.scoped("a script whose source does not compile: its error, every time", () =>
      Effect.gen(function*() {
        const { redis } = yield* setup
        const broken = RedisScript.make({ name: "broken", lua: "this is not Lua" })
        for (let i = 0; i < 2; i++) {
          const error = yield* Effect.flip(redis.pipeline(RedisProgram.script(broken, [], [], RedisReply.ignored)))
          Live.assertCommandError(error, { command: "broken", code: "ERR", message: /Error compiling script/ })
        }
      }))

    it.scoped("an error inside the array that a script returns is an error at its place", () =>
      Effect.gen(function*() {
        const { redis } = yield* setup
        const mixed = RedisScript.make({ name: "mixed", lua: "return {1, redis.error_reply('MYCODE why'), {'x'}}" })
        const reply = yield* redis.pipeline(RedisProgram.script(mixed, [], [], RedisReply.raw))
        const [one, error, nested] = reply as ReadonlyArray<unknown>
        assert.deepStrictEqual([one, nested], [1, ["x"]])
        Live.assertCommandError(error, { command: "mixed", code: "MYCODE" })
      }))
  })
})

/** The proxy cuts the second burst: the first gets NOSCRIPT, the second is the replay. */
const cutSecondTrip = (redis: Redis.Service, proxy: Proxy.Proxy) =>
  Effect.gen(function*() {
    yield* proxy.arm({ _tag: "StallReply" })
    const fiber = yield* Effect.fork(Effect.flip(redis.pipeline(RedisProgram.zip(plain("b"), pushing("c")))))
    yield* proxy.struck()
    yield* proxy.arm({ _tag: "CutBeforeReply" })
    yield* proxy.resume()
    const error = yield* Live.within("5 seconds", Fiber.join(fiber))
    Live.assertConnectionError(error, { reason: "Closed", outcome: "Unknown" })
  })
