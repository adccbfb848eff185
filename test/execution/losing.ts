import { assert, describe } from "@effect/vitest"
import { Chunk, Effect, Stream } from "effect"
import type { RedisCommandError } from "../../src/schema/Errors.js"
import { dueKey, runKey } from "../../src/services/KeyLayout.js"
import { failure, input } from "../conformance/Bench.js"
import { type Bench, changesNothing, hour, large, type Rule } from "./Bench.js"

const begun = (bench: Bench) =>
  Effect.gen(function*() {
    yield* bench.as("a").claim()
    yield* bench.as("a").commit(1)
    yield* bench.as("a").commit(2, { ttl: hour })
    yield* bench.as("a").memo(2, "step", "1")
  })

const ways: Readonly<Record<string, (bench: Bench) => Effect.Effect<unknown, unknown>>> = {
  clear: ({ store }) => store.clear("run"),
  "deletes of all": ({ store }) => Effect.all([store.delete("run@1"), store.delete("run@2")]),
  "expiry of all, met by latest": ({ expire, store }) => Effect.zipRight(expire("run@1", "run@2"), store.latest("run")),
  "expiry of all, met by list": ({ expire, store }) => Effect.zipRight(expire("run@1", "run@2"), store.list("run")),
  "expiry of all, met by executions": ({ expire, store }) =>
    Effect.zipRight(expire("run@1", "run@2"), Stream.runDrain(store.executions())),
  "moving all away": ({ store }) =>
    Effect.all([store.save(input("run@1", "elsewhere", 1)), store.save(input("run@2", "elsewhere", 2))])
}

export const losing = (rule: Rule) =>
  describe("without checkpoints", () => {
    for (const [name, lose] of Object.entries(ways)) {
      rule(`by ${name} nothing is left but the time to look at it, and its runner is fenced`, (bench) =>
        Effect.gen(function*() {
          yield* begun(bench)
          yield* lose(bench)
          const keys = ((yield* bench.keyspace("run")) as ReadonlyArray<{ readonly key: string }>).map(({ key }) =>
            key
          )
          const { due, executions } = bench.keys()
          const elsewhere = name === "moving all away"
            ? [bench.indexKey("elsewhere"), executions, bench.checkpointKey("run@1"), bench.checkpointKey("run@2")]
            : []
          assert.sameMembers(keys.filter((key) => key !== bench.indexKey("elsewhere")), [
            due,
            ...elsewhere.filter((key) => key !== bench.indexKey("elsewhere"))
          ])
          yield* changesNothing(bench, "Fenced", bench.as("a").commit(3))
          yield* changesNothing(bench, "Fenced", bench.as("a").commit(1, { state: large }))
          yield* changesNothing(bench, "Fenced", bench.as("a").memo(2, "step", "2"))
          assert.isFalse(yield* bench.as("a").renew)
          assert.deepInclude(yield* bench.as("b").claim(), { epoch: 1, claims: 1 })
          yield* bench.as("b").commit(1, { expectedVersion: "none" })
          assert.deepStrictEqual(yield* bench.memos(), {})
        }))
    }

    rule("by the expiry of its index nothing is left but the time to look at it, and its runner is fenced", (bench) =>
      Effect.gen(function*() {
        const runner = bench.as("a", { lease: 10 })
        yield* runner.claim()
        yield* runner.commit(1, { ttl: 40 })
        yield* runner.memo(1, "step", "1")
        yield* bench.elapse(60)
        const left = (yield* bench.keyspace("run")) as ReadonlyArray<{ readonly key: string }>
        assert.deepStrictEqual(
          left.map(({ key }) =>
            key
          ).filter((key) => key !== bench.keys().executions),
          [bench.keys().due]
        )
        yield* failure("Fenced", runner.commit(2))
        yield* failure("Fenced", runner.memo(1, "step", "2"))
      }))

    rule("of a claim that found none, a clear takes the claim too", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        assert.strictEqual(yield* bench.store.clear("run"), 0)
        yield* changesNothing(bench, "Fenced", bench.as("a").commit(1))
      }))

    rule("a delete that leaves one keeps the runner and what it has recorded", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.store.delete("run@1")
        assert.deepStrictEqual(yield* bench.memos(), { "2:step": "1" })
        yield* bench.as("a").commit(3)
      }))

    rule("one execution cleared leaves another's runner", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        const other = bench.as("b", { executionId: "run2" })
        yield* other.claim()
        yield* other.commit(1)
        yield* other.memo(1, "step", "1")
        yield* bench.store.clear("run")
        assert.deepStrictEqual(yield* bench.memos("run2"), { "1:step": "1" })
        yield* other.commit(2)
      }))
  })

const names: ReadonlyArray<string> = [
  "a:b:c",
  "*",
  "[a-z]",
  "{tag}",
  "}{",
  "nul\u0000inside",
  "\r\n*1\r\n$4\r\n",
  "é😀",
  "__proto__",
  "-1",
  "+inf",
  "(1",
  "x:run",
  "x:memos",
  "x:checkpoints",
  "x",
  ":run",
  "execution:x:run",
  "due:graph",
  "'; return 1 --",
  "a\"b\\c",
  "é".repeat(512)
]

const graphs = ["", ...names.slice(1).toReversed()]

export const hostile = (rule: Rule) =>
  describe("names", () => {
    rule("of executions and graphs may be anything, and do not meet", (bench) =>
      Effect.gen(function*() {
        const runners = names.map((executionId, i) => bench.as(`token ${i}`, { executionId, graph: graphs[i]! }))
        for (const runner of runners) {
          assert.deepInclude(yield* runner.claim(), { epoch: 1, claims: 1 })
          yield* runner.commit(1)
          assert.strictEqual(yield* runner.memo(1, "step", "1"), "1")
        }
        for (const [i, runner] of runners.entries()) {
          const [executionId, graph] = [names[i]!, graphs[i]!]
          assert.deepInclude(yield* bench.run(executionId), { token: `token ${i}`, graph })
          assert.deepStrictEqual(yield* bench.memos(executionId), { "1:step": "1" })
          yield* runner.release({ status: "waiting" })
          assert.deepStrictEqual(yield* bench.due(10, graph), [])
          assert.strictEqual(yield* bench.answer(1, "asked", "é", { executionId, graph }), "é")
          assert.deepStrictEqual(yield* bench.due(10, graph), [executionId])
        }
        for (const [i, runner] of runners.entries()) {
          const executionId = names[i]!
          yield* runner.claim()
          assert.strictEqual(yield* bench.store.delete(`${executionId}@1`), true)
          assert.deepStrictEqual([yield* bench.run(executionId), yield* bench.memos(executionId)], [{}, {}])
          yield* failure("Fenced", runner.memo(1, "step", "1"))
          if (i + 1 < names.length) assert.notDeepEqual(yield* bench.run(names[i + 1]!), {})
        }
      }))

    rule("of prefixes keep what they hold apart", (bench) =>
      Effect.gen(function*() {
        const theirs = yield* bench.storeWith({ prefix: `é{x}:${bench.prefix}` })
        yield* begun(bench)
        assert.notStrictEqual(runKey(theirs.layout, "run"), runKey(bench.layout, "run"))
        yield* theirs.save(input("run@1", "run", 1))
        yield* theirs.clear("run")
        yield* bench.as("a").commit(3)
        assert.strictEqual(yield* bench.send("EXISTS", runKey(theirs.layout, "run"), dueKey(theirs.layout, "graph")), 0)
        assert.deepStrictEqual(Chunk.toArray(yield* Stream.runCollect(theirs.executions())), [])
      }))
  })

const steps: Readonly<Record<string, (bench: Bench) => Effect.Effect<unknown, unknown>>> = {
  claim: (bench) => bench.as("a").claim(),
  "a steal": (bench) => bench.as("b").claim({ steal: true }),
  renew: (bench) => bench.as("a").renew,
  "release as completed": (bench) => bench.as("a").release({ status: "completed" }),
  "release as restore": (bench) => bench.as("a").release({ status: "restore", delay: 1 }),
  "release as waiting": (bench) => bench.as("a").release({ status: "waiting" }),
  "release as sleeping": (bench) => bench.as("a").release({ status: "sleeping", at: 1 }),
  commit: (bench) => bench.as("a").commit(3, { maxCheckpoints: 1 }),
  "a large commit": (bench) => bench.as("a").commit(3, { state: large, maxCheckpoints: 1 }),
  memo: (bench) => bench.as("a").memo(2, "other", "1", 9 * hour),
  answer: (bench) => bench.answer(2, "other", "1"),
  due: (bench) => bench.due()
}

/** The steps that read or write a key. */
const touching: Readonly<Record<string, ReadonlyArray<string>>> = {
  run: Object.keys(steps).filter((name) => name !== "due"),
  due: Object.keys(steps).filter((name) => !["commit", "a large commit", "memo"].includes(name)),
  memos: ["commit", "a large commit", "memo", "answer"],
  index: ["commit", "a large commit", "memo", "answer"],
  executions: ["commit", "a large commit"],
  head: ["commit", "a large commit", "memo", "answer"]
}

export const wrongTypes = (rule: Rule) =>
  describe("a key of another type", () => {
    for (const [which, names] of Object.entries(touching)) {
      for (const name of names) {
        rule(`as ${which} refuses ${name}, and nothing changes`, (bench) =>
          Effect.gen(function*() {
            yield* begun(bench)
            const keys: Readonly<Record<string, string>> = { ...bench.keys(), head: bench.checkpointKey("run@2") }
            yield* bench.send("DEL", keys[which]!)
            yield* bench.send("RPUSH", keys[which]!, "of", "another", "type")
            const staged = `${bench.layout.stagedPrefix}a-3`
            const kept = (all: ReadonlyArray<unknown>) =>
              all.filter((it) => (it as { readonly key: string }).key !== staged)
            const before = kept(yield* bench.keyspace("run"))
            const error = yield* failure("RedisCommandError", steps[name]!(bench))
            assert.strictEqual((error as RedisCommandError).code, "WRONGTYPE")
            assert.deepStrictEqual(kept(yield* bench.keyspace("run")), before)
          }))
      }
    }
  })
