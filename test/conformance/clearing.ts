/** Clears of more than one step deletes, by a step that deletes little. */
import { assert, describe } from "@effect/vitest"
import { Chunk, Effect, Option, Stream } from "effect"
import type { CheckpointConflict } from "../../src/schema/Errors.js"
import * as CheckpointProgram from "../../src/services/CheckpointProgram.js"
import { runKey } from "../../src/services/KeyLayout.js"
import type { Command } from "../../src/services/RedisCommand.js"
import * as RedisProgram from "../../src/services/RedisProgram.js"
import * as RedisReply from "../../src/services/RedisReply.js"
import { type Bench, failure, input, range, type Rule } from "./Bench.js"

const doomedKey = ({ indexKey, layout }: Bench, run: string, level = 1) =>
  indexKey(run).slice(0, -layout.indexSuffix.length) + layout.doomedSuffix + (level > 1 ? `:${level}` : "")

const ids = (count: number) => range(count).map((version) => `a${version}`)

const fill = ({ store }: Bench, count: number) => store.saveAll(ids(count).map((id, i) => input(id, "run", i + 1)))

/** A clear that has deleted `limit` checkpoints when its client is gone. */
const begun = ({ layout, redis }: Bench, limit: number) => redis.pipeline(CheckpointProgram.clear(layout, "run", limit))

const swept = ({ layout, redis }: Bench, limit: number) =>
  Effect.repeat(redis.pipeline(CheckpointProgram.sweep(layout, "run", limit)), { until: (left) => left === 0 })

const typeOf = ({ send }: Bench, key: string) => send("TYPE", key)

const existing = ({ store }: Bench, all: ReadonlyArray<string>) =>
  Effect.map(store.loadAll(all), (found) => all.filter((id) => found.has(id)))

export const vanishing = (rule: Rule) =>
  describe("a clear whose client is gone half-way", () => {
    rule("has hidden the execution from every verb that names it", (bench) =>
      Effect.gen(function*() {
        const { indexKey, inExecutions, store } = bench
        yield* fill(bench, 5)
        yield* store.save(input("other", "another", 1))
        assert.deepStrictEqual(yield* begun(bench, 2), { removed: 5, left: 3 })
        assert.deepStrictEqual([yield* store.list("run"), yield* store.count("run")], [[], 0])
        assert.isTrue(Option.isNone(yield* store.latest("run")))
        assert.isTrue(Chunk.isEmpty(yield* Stream.runCollect(store.stream("run"))))
        assert.deepStrictEqual([yield* inExecutions("run"), yield* inExecutions("another")], [false, true])
        assert.strictEqual(yield* typeOf(bench, indexKey("run")), "none")
        assert.deepStrictEqual(yield* existing(bench, ["other"]), ["other"])
      }))

    rule("leaves what is found by its id alone, until it is deleted", (bench) =>
      Effect.gen(function*() {
        const { store } = bench
        yield* fill(bench, 5)
        yield* begun(bench, 0)
        assert.strictEqual((yield* store.load("a3")).id, "a3")
        assert.isTrue(yield* store.exists("a3"))
        assert.isTrue(yield* store.delete("a3"))
        assert.isFalse(yield* store.delete("a3"))
        assert.deepStrictEqual(yield* existing(bench, ids(5)), ["a1", "a2", "a4", "a5"])
      }))

    rule("is finished by the next, which counts none of it", (bench) =>
      Effect.gen(function*() {
        const { store } = bench
        yield* fill(bench, 5)
        yield* begun(bench, 1)
        assert.strictEqual(yield* store.clear("run"), 0)
        assert.deepStrictEqual(yield* existing(bench, ids(5)), [])
        assert.strictEqual(yield* typeOf(bench, doomedKey(bench, "run")), "none")
      }))

    rule("is finished by saves, 100 at a time, which keep what they save", (bench) =>
      Effect.gen(function*() {
        const { layout, send, store } = bench
        yield* fill(bench, 130)
        yield* begun(bench, 10)
        yield* store.save(input("a130", "run", 1, { state: "anew" }))
        const left = yield* send(layout.index === "set" ? "SCARD" : "ZCARD", doomedKey(bench, "run"))
        assert.strictEqual(left, 20)
        yield* store.save(input("b", "run", 2))
        assert.deepStrictEqual(yield* existing(bench, ids(130)), ["a130"])
        assert.strictEqual((yield* store.load("a130")).state, "anew")
        assert.deepStrictEqual([...(yield* bench.ids("run"))], ["a130", "b"])
        assert.strictEqual(yield* typeOf(bench, doomedKey(bench, "run")), "none")
      }))

    rule("counts what was there, but for expired ones that it meets", (bench) =>
      Effect.gen(function*() {
        yield* fill(bench, 5)
        yield* bench.expire("a1")
        assert.strictEqual(yield* bench.store.clear("run"), 4)
        yield* fill(bench, 5)
        yield* bench.expire("a5")
        const { removed } = yield* begun(bench, 0)
        assert.strictEqual(removed, 5)
        assert.strictEqual(yield* swept(bench, 2), 0)
      }))

    rule("neither keeps nor loses who begins anew with the execution", (bench) =>
      Effect.gen(function*() {
        const { cluster, layout, send, store } = bench
        yield* fill(bench, 3)
        yield* begun(bench, 0)
        yield* send("SET", runKey(layout, "run"), "mine")
        yield* store.delete("a1")
        if (!cluster) yield* store.save(input("a2", "another", 1))
        yield* swept(bench, 1)
        assert.strictEqual(yield* send("GET", runKey(layout, "run")), "mine")
      }))

    rule("does not refuse a save for a checkpoint of another type, which stays", (bench) =>
      Effect.gen(function*() {
        const { checkpointKey, send, store } = bench
        yield* fill(bench, 3)
        yield* begun(bench, 0)
        yield* send("DEL", checkpointKey("a2"))
        yield* send("SADD", checkpointKey("a2"), "x")
        yield* store.save(input("b", "run", 1))
        assert.deepStrictEqual([...(yield* bench.ids("run"))], ["b"])
        assert.strictEqual((yield* failure("RedisCommandError", store.clear("run"))).message.slice(0, 9), "WRONGTYPE")
        yield* send("DEL", checkpointKey("a2"))
        assert.strictEqual(yield* store.clear("run"), 0)
        assert.deepStrictEqual(yield* existing(bench, ids(3)), [])
      }))

    rule("makes writes fail and change nothing when its key holds another type", (bench) =>
      Effect.gen(function*() {
        const { send, store } = bench
        yield* fill(bench, 2)
        yield* send("SET", doomedKey(bench, "run"), "x")
        for (const write of [store.save(input("b", "run", 3)), store.clear("run")]) {
          yield* failure("RedisCommandError", write)
        }
        assert.deepStrictEqual([...(yield* bench.ids("run"))], ["a1", "a2"])
        assert.isFalse(yield* store.exists("b"))
      }))
  })

export const anew = (rule: Rule) =>
  describe("what is saved anew while a clear is half-way", () => {
    rule("under the same id in the same execution stays", (bench) =>
      Effect.gen(function*() {
        yield* fill(bench, 120)
        yield* begun(bench, 1)
        yield* bench.store.save(input("a119", "run", 7, { state: "anew" }))
        yield* swept(bench, 5)
        assert.deepStrictEqual(yield* existing(bench, ids(120)), ["a119"])
        assert.strictEqual((yield* bench.store.load("a119")).state, "anew")
        assert.deepStrictEqual([...(yield* bench.ids("run"))], ["a119"])
      }))

    rule("does not bring back a clear's place for a second one: both are deleted", (bench) =>
      Effect.gen(function*() {
        const { store } = bench
        yield* fill(bench, 400)
        yield* begun(bench, 1)
        // Not by saveAll, whose saves may share a command.
        for (const [i, id] of ["a400", "b", "c"].entries()) yield* store.save(input(id, "run", i + 1))
        assert.deepStrictEqual(yield* begun(bench, 1), { removed: 3, left: 101 })
        assert.deepStrictEqual(
          (yield* bench.dump(doomedKey(bench, "run"), doomedKey(bench, "run", 2))).map(({ type }) => type !== "none"),
          [true, true]
        )
        yield* store.save(input("a399", "run", 1))
        yield* swept(bench, 30)
        assert.deepStrictEqual(yield* existing(bench, [...ids(400), "b", "c"]), ["a399"])
      }))

    rule("of an execution that expires is outlived by what is left of it", (bench) =>
      Effect.gen(function*() {
        const { pttl, store, storeWith } = bench
        yield* store.saveAll(ids(230).map((id, i) => input(id, "run", i)), { ttl: "1 hour" })
        yield* begun(bench, 1)
        const hour = yield* pttl(doomedKey(bench, "run"))
        assert.isTrue(hour > 0 && hour <= 3_600_000)
        const renewing = yield* storeWith({ ttl: "5 hours", refreshOnRead: true })
        yield* renewing.load("a230")
        assert.isAbove(yield* pttl(doomedKey(bench, "run")), 3_600_000)
        yield* store.save(input("b", "run", 1))
        yield* store.save(input("c", "run", 2))
        yield* begun(bench, 1)
        assert.strictEqual(yield* pttl(doomedKey(bench, "run")), -1)
        yield* store.clear("run")
        assert.deepStrictEqual(yield* existing(bench, [...ids(230), "b", "c"]), [])
      }))
  })

/** On one server an id may be saved in another execution. */
export const movedAway = (rule: Rule) =>
  describe("what moves away while a clear is half-way", () => {
    rule("into another execution, or none, stays", (bench) =>
      Effect.gen(function*() {
        const { store } = bench
        yield* fill(bench, 5)
        yield* begun(bench, 1)
        yield* store.save(input("a4", "another", 1, { state: "moved" }))
        yield* store.save(input("a5", undefined, 1))
        assert.strictEqual(yield* store.clear("run"), 0)
        assert.deepStrictEqual(yield* existing(bench, ids(5)), ["a4", "a5"])
        assert.deepStrictEqual([...(yield* bench.ids("another"))], ["a4"])
      }))

    rule("and comes back stays", (bench) =>
      Effect.gen(function*() {
        const { store } = bench
        yield* fill(bench, 150)
        yield* begun(bench, 1)
        yield* store.save(input("a150", "another", 1))
        yield* store.save(input("a150", "run", 2))
        yield* store.clear("another")
        yield* swept(bench, 20)
        assert.deepStrictEqual([...(yield* bench.ids("run"))], ["a150"])
      }))
  })

/** Compare-and-set and copies, which need the sorted set. */
export const headless = (rule: Rule) =>
  describe("an execution whose clear is half-way", () => {
    for (const size of ["small", "staged"]) {
      rule(`is empty to a guarded save, and to one that won before and is sent again (${size})`, (bench) =>
        Effect.gen(function*() {
          const { redis, store } = bench
          const state = size === "small" ? 1 : "x".repeat(9_000)
          yield* fill(bench, 5)
          const won = yield* store.saveProgram(input("run@0000000000000006", "run", 6, { state }), {
            expectedVersion: 5
          })
          yield* redis.pipeline(won)
          yield* redis.pipeline(won)
          // As if what was staged had expired.
          const { commands } = RedisProgram.compile(won)
          const commit = commands.at(-1) as Extract<Command, { _tag: "Script" }>
          const alone = redis.pipeline(RedisProgram.script(commit.script, commit.keys, commit.args, RedisReply.raw))
          assert.deepStrictEqual(yield* alone, ["ok", 0, "again"])
          yield* begun(bench, 1)
          // A codec may have made it small.
          if (commands.length > 1) {
            assert.include((yield* failure("RedisCommandError", alone)).message, "STAGED")
          }
          const error: object = yield* failure("CheckpointConflict", redis.pipeline(won))
          assert.strictEqual((error as Partial<CheckpointConflict>).actual, 0)
          yield* store.save(input("b", "run", 1), { expectedVersion: 0 })
          assert.deepStrictEqual([...(yield* bench.ids("run"))], ["b"])
        }))
    }

    rule("begins at version 1 again, and copies into it stay", (bench) =>
      Effect.gen(function*() {
        const { store } = bench
        for (const n of range(150)) {
          yield* store.append("run", { nodeName: "n", state: { n } })
        }
        yield* begun(bench, 1)
        yield* store.save(input("x", "from", 149))
        yield* store.save(input("y", "from", 150))
        assert.strictEqual(yield* store.copy("from", "run"), 2)
        yield* swept(bench, 10)
        assert.deepStrictEqual([...(yield* bench.ids("run"))], ["run@0000000000000149", "run@0000000000000150"])
        yield* begun(bench, 0)
        assert.strictEqual((yield* store.append("run", { nodeName: "n", state: 1 })).version, 1)
      }))
  })
