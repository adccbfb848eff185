/** What is said of a cluster only: an id stays where it was saved first. */
import { assert, describe } from "@effect/vitest"
import { Chunk, Effect, Option, Stream } from "effect"
import { locatorKey } from "../../src/internal/keys.js"
import type { RedisCommandError } from "../../src/schema/Errors.js"
import { type Bench, failure, input, type Rule } from "./Bench.js"

const refused = (save: ReturnType<Bench["store"]["save"]>) =>
  Effect.gen(function*() {
    const error = yield* failure("RedisCommandError", save)
    assert.strictEqual((error as RedisCommandError).code, "ELSEWHERE")
    assert.include(error.message, "another id")
  })

export const staying = (rule: Rule) =>
  describe("an id on a cluster", () => {
    for (const [what, to] of [["another execution", "to"], ["none", undefined]] as const) {
      rule(`is refused under ${what}, and nothing changes`, ({ ids, store }) =>
        Effect.gen(function*() {
          yield* store.save(input("a", "from", 1, { state: "first" }))
          yield* refused(store.save(input("a", to, 2)))
          assert.strictEqual((yield* store.load("a")).state, "first")
          assert.deepStrictEqual([yield* ids("from"), yield* ids("to")], [["a"], []])
        }))
    }

    rule("without an execution is refused under one", ({ ids, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("a", undefined, 1))
        yield* refused(store.save(input("a", "to", 2)))
        assert.isTrue(Option.isNone((yield* store.load("a")).executionId))
        assert.deepStrictEqual(yield* ids("to"), [])
      }))

    rule("comes back under its execution after it was deleted or cleared", ({ ids, store }) =>
      Effect.gen(function*() {
        for (const remove of [store.delete("a"), store.clear("run")]) {
          yield* store.save(input("a", "run", 1))
          yield* remove
          assert.isFalse(yield* store.exists("a"))
          assert.isFalse(yield* store.delete("a"))
        }
        yield* store.save(input("a", "run", 1))
        assert.deepStrictEqual(yield* ids("run"), ["a"])
      }))

    rule("of the form of another execution is refused before anything is sent", ({ store }) =>
      Effect.gen(function*() {
        for (const executionId of ["b", undefined]) {
          const error = yield* failure("CheckpointEncodeError", store.save(input("a@0000000000000001", executionId, 1)))
          assert.include(error.message, "another id")
        }
      }))

    rule("that does not tell its execution makes no program", ({ store }) =>
      Effect.gen(function*() {
        const error = yield* failure("CheckpointEncodeError", store.saveProgram(input("a", "run", 1)))
        assert.include(error.message, "use save")
      }))

    rule("whose locator leads to nothing is not found, and free to be saved there", ({ layout, send, store }) =>
      Effect.gen(function*() {
        yield* send("SET", locatorKey(layout, "a"), "run")
        yield* failure("CheckpointNotFound", store.load("a"))
        assert.deepStrictEqual([yield* store.exists("a"), yield* store.delete("a")], [false, false])
        assert.strictEqual((yield* store.loadAll(["a"])).size, 0)
        yield* store.save(input("a", "run", 1))
        assert.strictEqual((yield* store.load("a")).version, 1)
      }))

    rule("has a locator that outlives it", ({ layout, pttl, storeWith }) =>
      Effect.gen(function*() {
        const store = yield* storeWith({ ttl: "1 hour" })
        yield* store.save(input("a", "run", 1))
        assert.isAbove(yield* pttl(locatorKey(layout, "a")), 3_600_000)
        yield* store.save(input("a", "run", 1), { ttl: 0 })
        assert.strictEqual(yield* pttl(locatorKey(layout, "a")), -1)
        yield* store.save(input("a", "run", 1))
        assert.strictEqual(yield* pttl(locatorKey(layout, "a")), -1)
        yield* (yield* storeWith({ ttl: "1 hour", refreshOnRead: true })).save(input("b", "run", 2))
        assert.strictEqual(yield* pttl(locatorKey(layout, "b")), -1)
      }))

    rule("an execution that was named and not saved is in no list", ({ layout, send, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("a", "run", 1))
        yield* send("ZADD", layout.executions, 5, "old", 3, "older")
        assert.deepStrictEqual(Chunk.toArray(yield* Stream.runCollect(store.executions())), ["run"])
      }))
  })
