import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Fiber, Stream, TestClock } from "effect"
import * as TestMemory from "../../../src/layers/TestMemory.js"
import { RedisCommandError, RedisConnectionError } from "../../../src/schema/Errors.js"
import { Redis } from "../../../src/services/Redis.js"
import * as RedisProgram from "../../../src/services/RedisProgram.js"
import * as RedisReply from "../../../src/services/RedisReply.js"

const send = (name: string, ...args: ReadonlyArray<RedisProgram.Argument>) =>
  RedisProgram.command(name, args, RedisReply.raw)

const pipeline = <A, E>(program: RedisProgram.RedisProgram<A, E>) =>
  Effect.flatMap(Redis, (redis) => redis.pipeline(program))

const transaction = <A, E>(program: RedisProgram.RedisProgram<A, E>) =>
  Effect.flatMap(Redis, (redis) => redis.transaction(program))

const lost = new RedisConnectionError({ reason: "Closed", outcome: "Unknown", address: "memory" })

const test = <E>(name: string, effect: () => Effect.Effect<void, E, Redis | TestMemory.TestMemory>) =>
  it.effect(name, () => Effect.provide(effect(), TestMemory.redis()))

describe("TestMemory.redis", () => {
  test("keeps any text, as its bytes", () =>
    Effect.gen(function*() {
      const text = "\uFEFFgrüße \u0000\r\n 😀 {}*"
      yield* pipeline(send("SET", text, text))
      assert.strictEqual(yield* pipeline(send("GET", text)), text)
      assert.strictEqual(yield* pipeline(send("STRLEN", text)), Buffer.byteLength(text))
      const bytes = yield* pipeline(RedisProgram.command("GET", [text], RedisReply.bytes, { bytes: true }))
      assert.deepStrictEqual(Buffer.from(bytes), Buffer.from(text))
    }))

  test("keeps bytes that are no text, and shows them as text when asked for text", () =>
    Effect.gen(function*() {
      const bytes = Uint8Array.from({ length: 20_000 }, (_, i) => i % 256)
      yield* pipeline(send("SET", "k", bytes))
      const read = RedisProgram.command("MGET", ["k", "none"], RedisReply.raw, { bytes: true })
      assert.deepStrictEqual(yield* pipeline(read), [bytes, null])
      assert.strictEqual(yield* pipeline(send("GET", "k")), Buffer.from(bytes).toString("utf8"))
    }))

  test("writes half a surrogate pair as U+FFFD, and numbers as digits", () =>
    Effect.gen(function*() {
      yield* pipeline(RedisProgram.all([send("SET", "k", "\ud83d"), send("SET", "n", 1.5), send("INCRBY", "i", 12)]))
      assert.deepStrictEqual(yield* pipeline(send("MGET", "k", "n", "i")), ["\ufffd", "1.5", "12"])
    }))

  test("expires keys on the Effect clock", () =>
    Effect.gen(function*() {
      yield* pipeline(send("SET", "k", "v", "EX", 60))
      yield* TestClock.adjust("59999 millis")
      assert.strictEqual(yield* pipeline(send("PTTL", "k")), 1)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* pipeline(send("GET", "k")), null)
      assert.deepStrictEqual(yield* pipeline(send("TIME")), ["60", "0"])
    }))

  test("gives each command of a pipeline its reply, whatever the others meet", () =>
    Effect.gen(function*() {
      const [list, error, unknown, value] = yield* pipeline(RedisProgram.all([
        send("LPUSH", "l", "x"),
        RedisProgram.either(send("GET", "l")),
        RedisProgram.either(send("NONE")),
        send("INCR", "n")
      ]))
      assert.deepStrictEqual([list, value], [1, 1])
      assert.deepInclude(error, { _tag: "Left" })
      assert.strictEqual(error._tag === "Left" ? error.left.code : "", "WRONGTYPE")
      assert.strictEqual(unknown._tag, "Left")
    }))

  for (const [what, refused] of [["unknown", send("NONE")], ["short", send("GET")]] as const) {
    test(`discards a transaction with an ${what} command`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(transaction(RedisProgram.all([
          send("SET", "k", "v"),
          RedisProgram.either(refused)
        ])))
        assert.instanceOf(error, RedisCommandError)
        assert.strictEqual(error.code, "EXECABORT")
        assert.strictEqual(yield* pipeline(send("GET", "k")), null)
      }))
  }

  test("applies the rest of a transaction when a command fails on its data", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(transaction(RedisProgram.all([
        send("SET", "k", "v"),
        send("INCR", "k"),
        send("SET", "other", "v")
      ])))
      assert.include(String(error), "not an integer")
      assert.strictEqual(yield* pipeline(send("GET", "other")), "v")
    }))

  test("sends nothing for a program without commands", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* transaction(RedisProgram.succeed(1)), 1)
      const memory = yield* TestMemory.TestMemory
      assert.deepStrictEqual(yield* memory.commands, [])
    }))

  test("gives every build an empty keyspace of its own", () =>
    Effect.gen(function*() {
      yield* pipeline(send("SET", "k", "v"))
      const other = yield* Effect.provide(pipeline(send("DBSIZE")), TestMemory.redis())
      assert.strictEqual(other, 0)
    }))
})

describe("expirations", () => {
  test("come within 100 ms of the deadline, without any command", () =>
    Effect.gen(function*() {
      const { expirations } = yield* Redis
      const keys = yield* Effect.fork(Stream.runCollect(Stream.take(expirations, 2)))
      yield* pipeline(send("SET", "ä", "v", "PX", 1000))
      yield* pipeline(send("SET", "later", "v", "PX", 2000))
      yield* TestClock.adjust("1999 millis")
      assert.isTrue((yield* Fiber.poll(keys))._tag === "None")
      yield* TestClock.adjust("101 millis")
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(keys)), ["ä", "later"])
    }))

  test("come to every listener, also those that a command meets first", () =>
    Effect.gen(function*() {
      const { expirations } = yield* Redis
      const listen = Effect.fork(Stream.runCollect(Stream.take(expirations, 1)))
      const [first, second] = yield* Effect.all([listen, listen])
      yield* pipeline(send("SET", "k", "v", "PX", 10))
      yield* TestClock.adjust("10 millis")
      assert.strictEqual(yield* pipeline(send("GET", "k")), null)
      for (const fiber of [first, second]) {
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(fiber)), ["k"])
      }
    }))
})

describe("TestMemory", () => {
  test("failNext fails as many programs as asked, before they are applied", () =>
    Effect.gen(function*() {
      const memory = yield* TestMemory.TestMemory
      yield* memory.failNext(lost, { times: 2 })
      assert.strictEqual(yield* Effect.flip(pipeline(send("INCR", "n"))), lost)
      assert.strictEqual(yield* Effect.flip(transaction(send("INCR", "n"))), lost)
      assert.strictEqual(yield* pipeline(send("INCR", "n")), 1)
    }))

  test("failNext with applied loses the reply only", () =>
    Effect.gen(function*() {
      const memory = yield* TestMemory.TestMemory
      yield* memory.failNext(lost, { applied: true })
      assert.strictEqual(yield* Effect.flip(pipeline(send("INCR", "n"))), lost)
      assert.strictEqual(yield* pipeline(send("INCR", "n")), 2)
    }))

  test("snapshot shows every type and its deadline", () =>
    Effect.gen(function*() {
      const memory = yield* TestMemory.TestMemory
      yield* pipeline(RedisProgram.all([
        send("SET", "string", "ä", "PX", 50),
        send("RPUSH", "list", "ö", "a"),
        send("SADD", "set", "ü"),
        send("HSET", "hash", "é", "è"),
        send("ZADD", "zset", "2", "ß", "inf", "b", "1", "c"),
        send("SET", "gone", "v", "PX", 10)
      ]))
      yield* TestClock.adjust("20 millis")
      assert.deepStrictEqual(
        yield* memory.snapshot,
        new Map<string, TestMemory.Entry>([
          ["string", { type: "string", value: "ä", expiresAt: 50 }],
          ["list", { type: "list", value: ["ö", "a"], expiresAt: undefined }],
          ["set", { type: "set", value: new Set(["ü"]), expiresAt: undefined }],
          ["hash", { type: "hash", value: new Map([["é", "è"]]), expiresAt: undefined }],
          ["zset", { type: "zset", value: [["c", 1], ["ß", 2], ["b", Infinity]], expiresAt: undefined }]
        ])
      )
    }))

  test("commands counts round trips and names what each sent", () =>
    Effect.gen(function*() {
      const memory = yield* TestMemory.TestMemory
      yield* pipeline(RedisProgram.all([send("INCR", "n"), send("INCR", "n")]))
      yield* memory.failNext(lost)
      yield* Effect.ignore(transaction(send("GET", "n")))
      assert.deepStrictEqual(yield* memory.commands, [
        { kind: "pipeline", commands: ["INCR", "INCR"] },
        { kind: "transaction", commands: ["GET"] }
      ])
    }))

  test("clear forgets keys, round trips and failures to come", () =>
    Effect.gen(function*() {
      const memory = yield* TestMemory.TestMemory
      yield* pipeline(send("INCR", "n"))
      yield* memory.failNext(lost)
      yield* memory.clear
      assert.deepStrictEqual(yield* memory.commands, [])
      assert.strictEqual((yield* memory.snapshot).size, 0)
      assert.strictEqual(yield* pipeline(send("INCR", "n")), 1)
    }))
})
