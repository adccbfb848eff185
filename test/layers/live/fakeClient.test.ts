import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Schedule } from "effect"
import { RedisLive, RedisProgram, RedisReply, RedisScript } from "effect-checkpoint"
import { type Answer, FakeClient, reply } from "./support/FakeClient.js"
import * as Live from "./support/Live.js"

const script = RedisScript.make({ name: "script", lua: "return 1" })
const scripted = RedisProgram.script(script, [], [], RedisReply.ignored)
const both = RedisProgram.zip(Live.incr("n"), scripted)

const connect = (answer: Answer) =>
  Effect.gen(function*() {
    const client = new FakeClient(answer)
    const layer = RedisLive.redisFromClient(client, { retry: Schedule.stop })
    return { client, redis: yield* Live.build(layer) }
  })

/** Knows no script, and closes as soon as it has said so. */
const forgetful = Effect.gen(function*() {
  const it = yield* connect(async (name) => {
    if (name === "incr") return 1
    if (name === "eval") return null
    it.client.stream.writable = false
    setImmediate(() => it.client.close())
    throw reply("NOSCRIPT No matching script")
  })
  yield* it.redis.pipeline(scripted)
  return it
})

describe("a client that misbehaves", () => {
  it.scopedLive("a script that cannot be sent again is Unknown when a command before it was applied", () =>
    Effect.gen(function*() {
      const { redis } = yield* forgetful
      const error = yield* Live.failure("2 seconds", redis.pipeline(both))
      Live.assertConnectionError(error, { reason: "Closed", outcome: "Unknown" })
    }))

  it.scopedLive("and NotSent when it was alone", () =>
    Effect.gen(function*() {
      const { redis } = yield* forgetful
      const error = yield* Live.failure("2 seconds", redis.pipeline(scripted))
      Live.assertConnectionError(error, { reason: "Closed", outcome: "NotSent" })
    }))

  it.scopedLive("a command that it refuses to write is NotSent", () =>
    Effect.gen(function*() {
      const { redis } = yield* connect(() =>
        Promise.reject(new Error("Stream isn't writeable and enableOfflineQueue options is false"))
      )
      const error = yield* Live.failure("2 seconds", redis.pipeline(Live.incr("n")))
      Live.assertConnectionError(error, { reason: "Closed", outcome: "NotSent" })
    }))

  it.scopedLive("an exception while it writes is a defect, and the connection is dropped", () =>
    Effect.gen(function*() {
      const { client, redis } = yield* connect(() => {
        throw new RangeError("Invalid string length")
      })
      const exit = yield* Effect.exit(redis.pipeline(Live.incr("n")))
      assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
      assert.isFalse(client.stream.writable)
    }))

  it.scopedLive("an EXEC that fails for another reason than EXECABORT drops the connection, which may be in MULTI", () =>
    Effect.gen(function*() {
      const { client, redis } = yield* connect((name) =>
        name === "exec" ? Promise.reject(reply("NOPERM no right to EXEC")) : Promise.resolve("QUEUED")
      )
      const error = yield* Live.failure("2 seconds", redis.transaction(Live.incr("n")))
      Live.assertCommandError(error, { command: "EXEC", code: "NOPERM" })
      assert.isFalse(client.stream.writable)
    }))

  it.scopedLive("a reply is told from a lost connection also where a bundler renamed the classes", () =>
    Effect.gen(function*() {
      const { redis } = yield* connect((name) =>
        Promise.reject(
          name === "incr" ? reply("WRONGTYPE of key", "a") : Object.assign(new Error("Command aborted"), { name: "b" })
        )
      )
      const refused = yield* Live.failure("2 seconds", redis.pipeline(Live.incr("n")))
      Live.assertCommandError(refused, { command: "INCR", code: "WRONGTYPE" })
      const lost = yield* Live.failure("2 seconds", redis.pipeline(Live.get("n")))
      Live.assertConnectionError(lost, { reason: "Closed", outcome: "Unknown" })
    }))

  it.scopedLive("no error carries the command that ioredis leaves on its errors", () =>
    Effect.gen(function*() {
      const { redis } = yield* connect((name) =>
        Promise.reject(name === "get" ? Object.assign(reply("Command aborted", "AbortError")) : reply("ERR no"))
      )
      for (const program of [Live.get("k"), Live.set("k", "payload")]) {
        const error = yield* Effect.flip(redis.pipeline(program))
        const cause = Reflect.get(error, "cause")
        const { inspect } = yield* Effect.promise(() => import("node:util"))
        assert.notInclude(inspect(error, { depth: 9, showHidden: true }) + inspect(cause, { depth: 9 }), "payload")
      }
    }))
})
