import { assert, describe } from "@effect/vitest"
import { Effect, Either, Option } from "effect"
import type { CheckpointConflict } from "../../src/schema/Errors.js"
import { failure, input, plain, range, type Rule } from "./Bench.js"

const large = "x".repeat(20_000)

/** An id that tells its execution: a program of it is one step on a cluster, too. */
const first = "run@0000000000000001"

export const comparing = (rule: Rule) =>
  describe("expectedVersion", () => {
    rule("writes when the head is there, 0 for no checkpoint", ({ ids, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("a", "run", 1), { expectedVersion: 0 })
        yield* store.save(input("b", "run", 5), { expectedVersion: 1 })
        assert.deepStrictEqual(yield* ids("run"), ["a", "b"])
      }))

    rule("fails with both versions and changes nothing when it is not", ({ checkpointKey, dump, indexKey, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("a", "run", 3))
        const keys = [checkpointKey("a"), checkpointKey("b"), indexKey("run")]
        const before = yield* dump(...keys)
        for (const [expectedVersion, isLoss] of [[0, false], [2, false], [7, true]] as const) {
          for (const state of ["small", large]) {
            const save = store.save(input("b", "run", 9, { state }), { expectedVersion })
            const error = yield* Effect.flip(save) as Effect.Effect<CheckpointConflict>
            assert.deepInclude(error, {
              _tag: "CheckpointConflict",
              executionId: "run",
              expected: expectedVersion,
              actual: 3
            })
            assert.strictEqual(error.isLoss, isLoss)
          }
        }
        assert.deepStrictEqual(yield* dump(...keys), before)
      }))

    rule("compares with the highest version that lives", ({ expire, ids, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("a", "run", 1))
        yield* store.save(input("b", "run", 2), { ttl: "1 hour" })
        yield* expire("b")
        yield* store.save(input("c", "run", 3), { expectedVersion: 1 })
        assert.deepStrictEqual(yield* ids("run"), ["a", "c"])
      }))

    rule("lets exactly one of many concurrent writers win", ({ store }) =>
      Effect.gen(function*() {
        yield* store.save(input("a", "run", 1))
        const exits = yield* Effect.forEach(range(20), (i) =>
          Effect.either(store.save(input(`w${i}`, "run", 2), { expectedVersion: 1 })), { concurrency: "unbounded" })
        assert.strictEqual(exits.filter(Either.isRight).length, 1)
        assert.strictEqual(yield* store.count("run"), 2)
      }))

    rule("0 matches a head at version 0 too: versions start at 1", ({ ids, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("zero", "run", 0))
        yield* store.save(input("b", "run", 1), { expectedVersion: 0 })
        assert.deepStrictEqual(yield* ids("run"), ["zero", "b"])
        yield* failure("CheckpointConflict", store.save(input("c", "run", 2), { expectedVersion: 0 }))
      }))

    rule("needs a version above it, an execution, and an integer", ({ send, store }) =>
      Effect.gen(function*() {
        const save = (version: number, expectedVersion: number, run: string | undefined = "run") =>
          failure("CheckpointEncodeError", store.save(input("a", run, version), { expectedVersion }))
        assert.include((yield* save(2, 2)).message, "not above expectedVersion 2")
        assert.include((yield* save(1, 2)).message, "not above expectedVersion 2")
        for (const wrong of [NaN, 0.5, Infinity, 2 ** 53]) {
          yield* save(9, wrong)
        }
        const orphan = store.save({ id: "a", nodeName: "n", state: 1, version: 1 }, { expectedVersion: 0 })
        assert.include((yield* failure("CheckpointEncodeError", orphan)).message, "executionId")
        assert.strictEqual(yield* send("EXISTS", store.layout.executions), 0)
      }))

    for (const [size, state] of [["small", "x"], ["staged", large]] as const) {
      rule(`a won ${size} write that is repeated succeeds, and nothing changes`, (bench) =>
        Effect.gen(function*() {
          const { checkpointKey, dump, indexKey, redis, store } = bench
          const program = yield* store.saveProgram(input(first, "run", 1, { state }), { expectedVersion: 0 })
          yield* redis.pipeline(program)
          const before = yield* dump(checkpointKey(first), indexKey("run"))
          yield* redis.pipeline(program)
          yield* redis.transaction(program)
          assert.deepStrictEqual(yield* dump(checkpointKey(first), indexKey("run")), before)
          yield* store.save(input("b", "run", 2), { expectedVersion: 1 })
          yield* redis.pipeline(program)
          assert.strictEqual(yield* store.count("run"), 2)
        }))

      rule(`an equal ${size} write by somebody else is a conflict, not a repetition`, ({ redis, store }) =>
        Effect.gen(function*() {
          const checkpoint = input(first, "run", 1, { state })
          const mine = yield* store.saveProgram(checkpoint, { expectedVersion: 0 })
          const theirs = yield* store.saveProgram(checkpoint, { expectedVersion: 0 })
          yield* redis.pipeline(mine)
          yield* failure("CheckpointConflict", redis.pipeline(theirs))
        }))
    }
  })

export const appending = (rule: Rule) =>
  describe("append", () => {
    rule("gives the next version, an id that tells its execution, and what is stored", ({ store }) =>
      Effect.gen(function*() {
        yield* store.save(input("own", "run", 41))
        const appended = yield* store.append("run", { nodeName: "n", state: { n: 1 }, metadata: { by: "me" } })
        assert.strictEqual(appended.version, 42)
        assert.match(appended.id, /^run@0*42$/)
        assert.deepStrictEqual(plain(appended), plain(yield* store.load(appended.id)))
      }))

    rule("starts at version 1", ({ store }) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* store.append("run", { nodeName: "n", state: 1 })).version, 1)
      }))

    rule("gives what is stored also when the metadata names another execution", ({ store }) =>
      Effect.gen(function*() {
        const appended = yield* store.append("run", { nodeName: "n", state: 1, metadata: { execution_id: "other" } })
        assert.deepStrictEqual(plain(appended), plain(yield* store.load(appended.id)))
      }))

    rule("follows the living head when the highest has expired", ({ expire, store }) =>
      Effect.gen(function*() {
        yield* store.append("run", { nodeName: "n", state: 1 })
        const second = yield* store.append("run", { nodeName: "n", state: 2 }, { ttl: "1 hour" })
        yield* expire(second.id)
        assert.strictEqual((yield* store.append("run", { nodeName: "n", state: 3 })).version, 2)
      }))

    rule("loses with after when somebody was first, and then changes nothing", ({ ids, store }) =>
      Effect.gen(function*() {
        const first = yield* store.append("run", { nodeName: "n", state: 1 })
        const second = yield* store.append("run", { nodeName: "n", state: 2, after: first })
        const error = yield* failure(
          "CheckpointConflict",
          store.append("run", { nodeName: "n", state: 3, after: first })
        )
        const { actual, executionId, expected } = error as CheckpointConflict
        assert.deepStrictEqual({ actual, executionId, expected }, { actual: 2, executionId: "run", expected: 1 })
        assert.deepStrictEqual(yield* ids("run"), [first.id, second.id])
      }))

    for (const state of ["same", large]) {
      rule(`loses nothing of 25 concurrent appends of equal states of ${state.length} characters`, ({ store }) =>
        Effect.gen(function*() {
          const appended = yield* Effect.forEach(
            range(25),
            () =>
              store.append("run", { nodeName: "n", state }),
            { concurrency: "unbounded" }
          )
          const versions = appended.map((it) =>
            it.version
          ).toSorted((a, b) =>
            a - b
          )
          assert.deepStrictEqual(versions, range(25))
          assert.strictEqual(yield* store.count("run"), 25)
          assert.strictEqual(Option.getOrThrow(yield* store.latest("run")).version, 25)
        }))
    }

    rule("says what is wrong before it asks for the head", ({ store }) =>
      Effect.gen(function*() {
        yield* failure("CheckpointEncodeError", store.append("", { nodeName: "n", state: 1 }))
        yield* failure("CheckpointEncodeError", store.append("run", { nodeName: "n", state: 1n }))
        yield* failure("CheckpointEncodeError", store.append("run", { nodeName: "n", state: 1 }, { ttl: -1 }))
        const after = { version: Number.MAX_SAFE_INTEGER }
        yield* failure("CheckpointEncodeError", store.append("run", { nodeName: "n", state: 1, after }))
      }))
  })
