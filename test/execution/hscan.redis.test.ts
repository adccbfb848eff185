import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import * as RedisLive from "../../src/layers/RedisLive.js"
import * as TestMemory from "../../src/layers/TestMemory.js"
import { Redis } from "../../src/services/Redis.js"
import * as RedisProgram from "../../src/services/RedisProgram.js"
import * as RedisReply from "../../src/services/RedisReply.js"
import { RedisServer } from "../support/RedisServer.js"

const lines: ReadonlyArray<ReadonlyArray<string | number>> = [
  ["hash", 0],
  ["hash", 0, "COUNT", 1],
  ["hash", 0, "count", 500],
  ["none", 0],
  ["none", 0, "COUNT", 500],
  ["string", 0],
  ["hash"],
  ["hash", "x"],
  ["none", "x"],
  ["hash", 0, "COUNT", 0],
  ["hash", 0, "COUNT", "x"],
  ["hash", 0, "COUNT"],
  ["hash", 0, "SIDEWAYS", 1]
]

const answers = (redis: typeof Redis.Service, line: ReadonlyArray<string | number>) => {
  const send = (name: string, ...args: ReadonlyArray<string | number>) =>
    redis.pipeline(RedisProgram.command(name, args, RedisReply.raw))
  return Effect.gen(function*() {
    yield* send("HSET", "hash", "a", "1", "é\u0000", "2", "b", "")
    yield* send("SET", "string", "x")
    return yield* Effect.match(send("HSCAN", ...line), {
      onFailure: (error) => ({ failed: "code" in error ? error.code : error._tag }),
      onSuccess: (reply) => reply
    })
  })
}

const server = Layer.unwrapEffect(
  Effect.map(RedisServer, ({ url }) => RedisLive.redis({ url: Redacted.make(url) }))
).pipe(Layer.provide(RedisServer.layer()))

describe("HSCAN in memory", () => {
  it.layer(server)((it) => {
    for (const line of lines) {
      it.scoped(`answers ${JSON.stringify(line)} as a server does for a small hash`, () =>
        Effect.gen(function*() {
          const memory = Context.get(yield* Layer.build(TestMemory.redis()), Redis)
          assert.deepStrictEqual(yield* answers(memory, line), yield* answers(yield* Redis, line))
        }))
    }

    it.scoped("gives nothing that MATCH leaves out", () =>
      Effect.gen(function*() {
        const memory = Context.get(yield* Layer.build(TestMemory.redis()), Redis)
        assert.notInclude(JSON.stringify(yield* answers(memory, ["hash", 0, "MATCH", "a*"])), "\"b\"")
      }))
  })
})
