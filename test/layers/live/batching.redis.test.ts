import { assert, describe, layer } from "@effect/vitest"
import { Effect, Either, Fiber, Redacted } from "effect"
import { Errors, RedisProgram, RedisReply, RedisScript } from "effect-checkpoint"
import * as Proxy from "../../support/Proxy.js"
import { RedisServer } from "../../support/RedisServer.js"
import * as Live from "./support/Live.js"

/** Appends its argument to a list and says how long that is, so that order and repetition show. */
const push = RedisScript.make({
  name: "push",
  batchable: true,
  lua: `local length = redis.call('RPUSH', KEYS[1], ARGV[1])
if ARGV[1] == 'nothing' then return nil end
if ARGV[1] == 'refused' then return redis.error_reply('CUSTOM no') end
return length`
})

/** The same in the form whose definitions are made once. */
const pushing = RedisScript.make({
  name: "pushing",
  batchable: true,
  lua: `local function push(KEYS, ARGV) return redis.call('RPUSH', KEYS[1], ARGV[1]) end
return push(KEYS, ARGV)`
})

const both = [push, pushing]

const onto = (script: RedisScript.RedisScript, key: string, value: string) =>
  RedisProgram.script(script, [key], [value], RedisReply.nullable(RedisReply.integer))

const setup = Effect.gen(function*() {
  const server = yield* RedisServer
  yield* server.cli("FLUSHALL")
  yield* server.cli("SCRIPT", "FLUSH")
  const proxy = yield* Proxy.make({ target: server.port })
  const redis = yield* Live.connect({ port: proxy.port })
  const together = <A, E>(programs: ReadonlyArray<RedisProgram.RedisProgram<A, E>>) =>
    Effect.forEach(programs, (program) => Effect.either(redis.pipeline(program)), { concurrency: "unbounded" })
  return { server, proxy, redis, together, list: (key: string) => server.cli("LRANGE", key, 0, -1) }
})

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

/** How many commands with a script the server has run since it was last asked. */
const scripts = Effect.gen(function*() {
  const server = yield* RedisServer
  const stats = String(yield* server.cli("INFO", "commandstats"))
  yield* server.cli("CONFIG", "RESETSTAT")
  return [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0)
})

const right = <A>(value: A) => Either.right(value)

describe("calls of one script by many fibers", () => {
  layer(RedisServer.layer(), { excludeTestServices: true })((it) => {
    it.scoped.each(both)(
      "go as one command for 4, then for half of what is under way, each with its reply: $name",
      (script) =>
        Effect.gen(function*() {
          const { list, together } = yield* setup
          yield* scripts
          const replies = yield* together(numbers(40).map((i) => onto(script, "list", String(i))))
          assert.deepStrictEqual(replies, numbers(40).map((i) => right(i + 1)))
          assert.deepStrictEqual(yield* list("list"), numbers(40).map(String))
          // 4, 4, 4, 6, 9 and the other 13.
          assert.strictEqual(yield* scripts, 6)
        })
    )

    it.scoped("go alone where a fiber is alone, and with others only if they have the same form", () =>
      Effect.gen(function*() {
        const { redis, together } = yield* setup
        yield* scripts
        yield* redis.pipeline(onto(push, "list", "1"))
        assert.strictEqual(yield* scripts, 1)
        const longer = RedisProgram.script(push, ["other"], ["1", "2"], RedisReply.integer)
        yield* together([onto(push, "list", "2"), longer, onto(pushing, "list", "3"), onto(push, "list", "4")])
        assert.strictEqual(yield* scripts, 3)
      }))

    it.scoped("of one pipeline keep their order beside others, and so go as one command or each alone", () =>
      Effect.gen(function*() {
        const { list, redis } = yield* setup
        const mixed = [onto(push, "list", "a"), onto(pushing, "list", "b"), onto(push, "list", "c")]
        yield* redis.pipeline(RedisProgram.all(mixed))
        assert.deepStrictEqual(yield* list("list"), ["a", "b", "c"])
        yield* scripts
        yield* redis.pipeline(RedisProgram.forEach(numbers(129), (i) => onto(push, "long", String(i))))
        assert.deepStrictEqual(yield* list("long"), numbers(129).map(String))
        assert.strictEqual(yield* scripts, 129)
      }))

    it.scoped("of one pipeline too", () =>
      Effect.gen(function*() {
        const { proxy, redis } = yield* setup
        proxy.resetStats()
        yield* scripts
        const replies = yield* redis.pipeline(RedisProgram.forEach(numbers(100), (i) => onto(push, "list", String(i))))
        assert.deepStrictEqual(replies, numbers(100).map((i) => i + 1))
        assert.deepStrictEqual([yield* scripts, proxy.stats().roundTrips], [1, 1])
      }))

    it.scoped.each(both)("have errors of their own: $name", (script) =>
      Effect.gen(function*() {
        const { list, server, together } = yield* setup
        yield* server.cli("SET", "text", "no list")
        const replies = yield* together([
          onto(script, "list", "1"),
          onto(script, "text", "2"),
          onto(script, "list", "3")
        ])
        const [first, second, third] = replies
        assert.deepStrictEqual([first, third], [right(1), right(2)])
        const error = Either.getOrThrow(Either.flip(second!))
        assert.instanceOf(error, Errors.RedisCommandError)
        assert.deepStrictEqual([error.code, error.command], ["WRONGTYPE", script.name])
        assert.match(error.message, /^WRONGTYPE Operation against a key .*\(one of "text"\)$/)
        assert.deepStrictEqual(yield* list("list"), ["1", "3"])
      }))

    it.scoped("may give nothing, and errors that are replies", () =>
      Effect.gen(function*() {
        const { together } = yield* setup
        const replies = yield* together(["1", "nothing", "refused", "2"].map((value) => onto(push, "list", value)))
        assert.deepStrictEqual([replies[0], replies[1], replies[3]], [right(1), right(null), right(4)])
        assert.strictEqual(Either.getOrThrow(Either.flip(replies[2]!)).message, "CUSTOM no")
      }))

    it.scoped("run once when the server has forgotten the script", () =>
      Effect.gen(function*() {
        const { list, server, together } = yield* setup
        const four = (from: number) => together(numbers(4).map((i) => onto(push, "list", String(from + i))))
        yield* four(0)
        yield* server.cli("SCRIPT", "FLUSH")
        assert.deepStrictEqual(yield* four(4), numbers(4).map((i) => right(5 + i)))
        assert.deepStrictEqual(yield* list("list"), numbers(8).map(String))
        yield* four(8)
        yield* scripts
        yield* four(12)
        assert.strictEqual(yield* scripts, 1)
      }))

    it.scoped("are refused for their own keys only", () =>
      Effect.gen(function*() {
        const { list, server } = yield* setup
        yield* server.cli("ACL", "SETUSER", "some", "on", ">secret", "resetkeys", "~mine:*", "+@all")
        const redis = yield* Live.connect({ port: server.port, username: "some", password: Redacted.make("secret") })
        const programs = ["mine:1", "theirs", "mine:1"].map((key) => onto(push, key, "x"))
        const replies = yield* Effect.forEach(programs, (program) => Effect.either(redis.pipeline(program)), {
          concurrency: "unbounded"
        })
        assert.deepStrictEqual([replies[0], replies[2]], [right(1), right(2)])
        const error = Either.getOrThrow(Either.flip(replies[1]!))
        assert.strictEqual(error._tag === "RedisCommandError" && error.code, "NOPERM")
        assert.deepStrictEqual([yield* list("mine:1"), yield* list("theirs")], [["x", "x"], []])
      }))

    it.scoped("are all unknown when the reply is lost", () =>
      Effect.gen(function*() {
        const { list, proxy, together } = yield* setup
        yield* together([onto(push, "warm", "1"), onto(push, "warm", "2")])
        yield* proxy.arm({ _tag: "CutBeforeReply" })
        const replies = yield* together(numbers(5).map((i) => onto(push, "list", String(i))))
        for (const reply of replies) {
          const error = Either.getOrThrow(Either.flip(reply))
          assert.strictEqual(error._tag === "RedisConnectionError" && error.outcome, "Unknown")
        }
        assert.deepStrictEqual(yield* list("list"), numbers(5).map(String))
      }))

    it.scoped("are not sent again for a fiber that was interrupted before they were refused", () =>
      Effect.gen(function*() {
        const { list, proxy, redis, server, together } = yield* setup
        yield* together([onto(push, "warm", "1"), onto(push, "warm", "2")])
        yield* server.cli("SCRIPT", "FLUSH")
        yield* proxy.arm({ _tag: "StallRequest" })
        const fibers = numbers(3).map((i) => Effect.runFork(redis.pipeline(onto(push, "list", String(i)))))
        yield* proxy.struck()
        yield* Fiber.interrupt(fibers[1]!)
        yield* proxy.resume()
        yield* Effect.forEach(fibers, Fiber.await)
        assert.deepStrictEqual(yield* list("list"), ["0", "2"])
      }))

    it.scoped("are not sent for a fiber that is interrupted before they leave", () =>
      Effect.gen(function*() {
        const { list, redis } = yield* setup
        const fibers = numbers(3).map((i) => Effect.runFork(redis.pipeline(onto(push, "list", String(i)))))
        fibers[1]!.unsafeInterruptAsFork(fibers[1]!.id())
        yield* Effect.forEach(fibers, Fiber.await)
        assert.deepStrictEqual(yield* list("list"), ["0", "2"])
      }))
  })
})
