import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import type { CheckpointConflict } from "../../src/schema/Errors.js"
import type { Fenced } from "../../src/schema/ExecutionErrors.js"
import { failure, input, range } from "../conformance/Bench.js"
import { type Bench, changesNothing, entry, hour, isAbout, large, type Rule } from "./Bench.js"

const begun = (bench: Bench, options: Parameters<ReturnType<Bench["as"]>["commit"]>[1] = {}) =>
  Effect.gen(function*() {
    yield* bench.as("a").claim()
    yield* bench.as("a").commit(1, options)
    yield* bench.as("a").memo(1, "step", "1")
  })

const moving = (rule: Rule, size: string, state: string) => {
  rule(
    `stores a ${size} checkpoint as the head, in the index and among the executions`,
    (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        assert.strictEqual(yield* bench.as("a").commit(1, { state }), 0)
        assert.strictEqual(yield* bench.as("a").commit(2, { state }), 0)
        assert.deepStrictEqual(yield* bench.ids("run"), ["run@1", "run@2"])
        assert.strictEqual(
          yield* bench.send("GET", bench.checkpointKey("run@2")),
          entry("run", 2, state, "a-2").payload
        )
        assert.isTrue(yield* bench.inExecutions("run"))
        assert.strictEqual(yield* bench.send("EXISTS", `${bench.layout.stagedPrefix}a-2`), 0)
      })
  )

  rule(`drops with a ${size} commit what was recorded under the old head`, (bench) =>
    Effect.gen(function*() {
      yield* begun(bench)
      yield* bench.answer(1, "asked", "yes")
      assert.deepStrictEqual(yield* bench.memos(), { "1:step": "1", "1:asked": "yes" })
      yield* bench.as("a").commit(2, { state })
      assert.deepStrictEqual(yield* bench.memos(), {})
    }))

  rule(
    `keeps with a ${size} commit what was recorded, if it is to; what comes then names its base`,
    (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        const commit = bench.as("a").commit(2, { state, keepMemos: true })
        yield* commit
        assert.deepStrictEqual(yield* bench.memos(), { "1:step": "1" })
        assert.strictEqual(yield* bench.as("a").memo(1, "step", "2", 0, 2), "1")
        assert.strictEqual(yield* bench.as("a").memo(1, "next", "2", 0, 2), "2")
        assert.strictEqual(yield* bench.answer(1, "asked", "yes", { head: 2 }), "yes")
        const recorded = { "1:step": "1", "1:next": "2", "1:asked": "yes" }
        assert.deepStrictEqual(yield* bench.memos(), recorded)
        yield* commit
        assert.deepStrictEqual(yield* bench.memos(), recorded)
        const late = yield* changesNothing(bench, "CheckpointConflict", bench.as("a").memo(1, "late", "1"))
        const { actual, expected } = late as CheckpointConflict
        assert.deepStrictEqual([expected, actual], [1, 2])
        yield* bench.as("a").commit(3, { state })
        assert.deepStrictEqual(yield* bench.memos(), {})
      })
  )

  rule(`lets what a ${size} commit keeps expire with its index`, (bench) =>
    Effect.gen(function*() {
      yield* bench.as("a").claim()
      for (const [version, ttl] of [[1, hour], [2, 5 * hour], [3, 0]] as const) {
        yield* bench.as("a").commit(version, { state, ttl, keepMemos: version > 1 })
        if (version === 1) yield* bench.as("a").memo(1, "step", "1")
        const left = yield* bench.pttl(bench.keys().memos)
        if (ttl === 0) assert.strictEqual(left, -1)
        else isAbout(left, ttl)
      }
    }))

  rule(`with a ${size} payload is Fenced and changes nothing without the lease`, (bench) =>
    Effect.gen(function*() {
      yield* begun(bench)
      const error = yield* changesNothing(bench, "Fenced", bench.as("b").commit(2, { state }))
      assert.strictEqual((error as Fenced).executionId, "run")
      yield* changesNothing(bench, "Fenced", bench.as("a", { executionId: "run2" }).commit(1, { state }), "run", "run2")
      yield* bench.as("b").claim({ steal: true })
      yield* changesNothing(bench, "Fenced", bench.as("a").commit(2, { state }))
      yield* bench.as("b").commit(2, { state })
      yield* changesNothing(bench, "Fenced", bench.as("a").commit(3, { state }))
    }))

  rule(
    `with a ${size} payload is a conflict that changes nothing unless the head is there`,
    (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        for (const expectedVersion of [0, 2, 7]) {
          const commit = bench.as("a").commit(9, { state, expectedVersion })
          const error = yield* changesNothing(bench, "CheckpointConflict", commit)
          const { actual, executionId, expected, isLoss } = error as CheckpointConflict
          assert.deepStrictEqual({ actual, executionId, expected }, {
            actual: 1,
            executionId: "run",
            expected: expectedVersion
          })
          assert.strictEqual(isLoss, expectedVersion > 1)
        }
        const none = bench.as("a").commit(9, { state, expectedVersion: "none" })
        const error = yield* changesNothing(bench, "CheckpointConflict", none)
        const { actual, expected } = error as CheckpointConflict
        assert.deepStrictEqual([expected, actual], [0, 1])
      })
  )

  rule(
    `with a ${size} payload succeeds again, and changes nothing, when it had won`,
    (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        const commit = bench.as("a").commit(2, { state })
        yield* commit
        const before = yield* bench.keyspace("run")
        assert.strictEqual(yield* commit, 0)
        assert.deepStrictEqual(yield* bench.keyspace("run"), before)
      })
  )

  rule(
    `with a ${size} payload, sent again, drops nothing of what was recorded since it won`,
    (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        const commit = bench.as("a").commit(2, { state })
        yield* commit
        yield* bench.as("a").memo(2, "step", "2")
        yield* bench.answer(2, "asked", "yes")
        const before = yield* bench.keyspace("run")
        assert.strictEqual(yield* commit, 0)
        assert.deepStrictEqual(yield* bench.keyspace("run"), before)
        yield* bench.as("a").commit(3)
        yield* bench.as("a").memo(3, "step", "3")
        const later = yield* bench.keyspace("run")
        assert.strictEqual(yield* commit, 0)
        assert.deepStrictEqual(yield* bench.keyspace("run"), later)
      })
  )

  rule(`with a ${size} payload prunes in the same step, and never the head`, (bench) =>
    Effect.gen(function*() {
      yield* bench.as("a").claim()
      for (const version of range(4)) yield* bench.as("a").commit(version, { state })
      yield* bench.as("a").commit(5, { state, maxCheckpoints: 2 })
      assert.deepStrictEqual(yield* bench.ids("run"), ["run@4", "run@5"])
      yield* bench.as("a").commit(6, { state, maxCheckpoints: 1 })
      assert.deepStrictEqual(yield* bench.ids("run"), ["run@6"])
      assert.strictEqual(yield* bench.send("EXISTS", bench.checkpointKey("run@4"), bench.checkpointKey("run@5")), 0)
      assert.strictEqual((yield* bench.run())["token"], "a")
    }))
}

export const committing = (rule: Rule) =>
  describe("commit", () => {
    moving(rule, "small", "small")
    moving(rule, "staged", large)

    rule("starts an execution with no checkpoint, by 0 or by none", (bench) =>
      Effect.gen(function*() {
        for (const expectedVersion of [0, "none"] as const) {
          const runner = bench.as("a", { executionId: `by ${expectedVersion}` })
          yield* runner.claim()
          yield* runner.commit(1, { expectedVersion })
          assert.deepStrictEqual(yield* bench.ids(`by ${expectedVersion}`), [`by ${expectedVersion}@1`])
        }
      }))

    rule("by a slow sole owner whose lease has run out succeeds, and so does its memo", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a", { lease: 20 }).claim()
        yield* bench.elapse(30)
        yield* bench.as("a").commit(1)
        assert.strictEqual(yield* bench.as("a").memo(1, "step", "1"), "1")
        assert.deepStrictEqual(yield* bench.due(), ["run"])
      }))

    rule("keeps the lease as it is, and begins to count claims anew", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        yield* bench.as("b").claim({ steal: true })
        const before = yield* bench.run()
        yield* bench.as("b").commit(1)
        assert.deepStrictEqual(yield* bench.run(), { ...before, claims: "0" })
        assert.strictEqual(String(yield* bench.dueAt()), before["until"])
      }))

    rule("keeps what is answered while it runs", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.answer(1, "asked", "yes")
        yield* bench.as("a").commit(2)
        yield* bench.as("a").release({ status: "waiting" })
        assert.deepStrictEqual(yield* bench.due(), ["run"])
      }))

    rule("compares with the head that lives, and counts the expired entries that it drops", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.as("a").commit(2, { ttl: hour })
        yield* bench.expire("run@2")
        assert.strictEqual(yield* bench.as("a").commit(3, { expectedVersion: 1 }), 1)
        assert.deepStrictEqual(yield* bench.indexed("run"), ["run@1", "run@3"])
      }))

    rule("moves a checkpoint that another execution held, and drops the runner of an execution left empty", (bench) =>
      Effect.gen(function*() {
        yield* bench.store.save(input("run@1", "old", 1))
        yield* bench.as("o", { executionId: "old" }).claim()
        yield* bench.as("o", { executionId: "old" }).memo(1, "step", "1")
        yield* bench.as("a").claim()
        yield* bench.as("a").commit(1)
        assert.deepStrictEqual(yield* bench.ids("run"), ["run@1"])
        assert.deepStrictEqual([yield* bench.run("old"), yield* bench.memos("old")], [{}, {}])
        assert.strictEqual((yield* bench.run())["token"], "a")
        yield* failure("Fenced", bench.as("o", { executionId: "old" }).memo(1, "step", "2"))
      }))

    rule("loses to a save of the store that was first, and the store to it", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.store.save(input("theirs", "run", 2), { expectedVersion: 1 })
        yield* changesNothing(bench, "CheckpointConflict", bench.as("a").commit(2))
        yield* bench.as("a").commit(3)
        yield* failure("CheckpointConflict", bench.store.save(input("x", "run", 3), { expectedVersion: 2 }))
      }))

    rule("lets one of many writers with the same token and head win", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        const exits = yield* Effect.forEach(
          range(12),
          (i) =>
            Effect.either(bench.as("a").commit(2, { writeId: `w${i}`, state: i % 2 === 0 ? "small" : large })),
          { concurrency: "unbounded" }
        )
        assert.strictEqual(
          exits.filter(({ _tag }) =>
            _tag === "Right"
          ).length,
          1
        )
        assert.deepStrictEqual(yield* bench.ids("run"), ["run@1", "run@2"])
      }))

    rule("works in a transaction, beside other commands", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        for (const state of ["small", large]) {
          yield* bench.as("a").commit(state === large ? 2 : 1, { state })
        }
        assert.deepStrictEqual(yield* bench.ids("run"), ["run@1", "run@2"])
      }))
  })
