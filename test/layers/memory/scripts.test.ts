import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as TestMemory from "../../../src/layers/TestMemory.js"
import { RedisCommandError } from "../../../src/schema/Errors.js"
import { Redis } from "../../../src/services/Redis.js"
import * as RedisProgram from "../../../src/services/RedisProgram.js"
import * as RedisReply from "../../../src/services/RedisReply.js"
import * as RedisScript from "../../../src/services/RedisScript.js"

const run = (
  model: RedisScript.Model | undefined,
  keys: ReadonlyArray<string> = [],
  args: ReadonlyArray<string> = []
) =>
  Effect.flatMap(Redis, (redis) =>
    redis.pipeline(
      RedisProgram.script(RedisScript.make({ name: "probe", lua: "", model }), keys, args, RedisReply.raw)
    ))

const get = (key: string) =>
  Effect.flatMap(Redis, (redis) => redis.pipeline(RedisProgram.command("GET", [key], RedisReply.raw)))

const test = <E>(name: string, effect: () => Effect.Effect<void, E, Redis | TestMemory.TestMemory>) =>
  it.effect(name, () => Effect.provide(effect(), TestMemory.redis()))

describe("scripts in memory", () => {
  test("get keys and arguments as bytes and reply with text", () =>
    Effect.gen(function*() {
      const reply = yield* run(
        (redis, [key = ""], [value = ""]) => {
          redis.call("SET", key, value)
          return [key.length, value, redis.call("GET", key)]
        },
        ["ä"],
        ["😀"]
      )
      assert.deepStrictEqual(reply, [2, "😀", "😀"])
      assert.strictEqual(yield* get("ä"), "😀")
    }))

  test("end at a failing call; what was written stays", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(run((redis) => {
        redis.call("SET", "k", "v")
        redis.call("LPUSH", "k", "x")
        return redis.call("SET", "k", "never")
      }))
      assert.instanceOf(error, RedisCommandError)
      assert.deepInclude(error, { command: "probe", code: "WRONGTYPE" })
      assert.strictEqual(yield* get("k"), "v")
    }))

  test("go on after a failing pcall", () =>
    Effect.gen(function*() {
      const reply = yield* run((redis) => redis.pcall("NONE") instanceof RedisCommandError ? "failed" : "done")
      assert.strictEqual(reply, "failed")
    }))

  test("fail with an error that the model returns, by its code", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(run(() => RedisCommandError.fromReply("", "CONFLICT 3")))
      assert.deepInclude(error, { command: "probe", code: "CONFLICT" })
    }))

  test("reply as Lua's values do", () =>
    Effect.gen(function*() {
      const untyped = [true, false, undefined, null, 1.9, -1.9, "x", [new Uint8Array([0xc3, 0xa4])]]
      const model = () => untyped as unknown as RedisReply.Reply
      assert.deepStrictEqual(yield* run(model), [1, null, null, null, 1, -1, "x", ["ä"]])
    }))

  test("pass numbers as digits, and see one instant", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* run((redis) => [redis.call("INCRBY", "n", 41), redis.call("TIME")]), [41, [
        "0",
        "0"
      ]])
    }))

  test("fail by name without a model", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(run(undefined))
      assert.deepInclude(error, { command: "probe", code: "ERR" })
      assert.include(String(error), "script 'probe' has no model for the in-memory interpreter")
    }))

  test("show a bug in a model as a defect", () =>
    Effect.gen(function*() {
      const bug = new TypeError("bug")
      const exit = yield* Effect.exit(run(() => {
        throw bug
      }))
      assert.strictEqual(exit._tag === "Failure" && exit.cause._tag === "Die" ? exit.cause.defect : undefined, bug)
    }))
})
