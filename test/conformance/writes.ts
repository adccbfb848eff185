import { assert, describe } from "@effect/vitest"
import { DateTime, Effect, Option, Schema } from "effect"
import * as RedisProgram from "../../src/services/RedisProgram.js"
import * as RedisReply from "../../src/services/RedisReply.js"
import { idsOf, input, plain, range, type Rule } from "./Bench.js"

const everything = {
  id: "cp",
  executionId: "run",
  nodeName: "→ node",
  state: { text: "é😀\u0000", none: null, deep: [{ n: 0.1 }], yes: true },
  metadata: { event: "step", nested: { a: [1, "2"] } },
  timestamp: DateTime.unsafeMake("2024-02-29T12:34:56.789Z"),
  version: 7,
  unknownFields: { parent: { id: "x" }, list: [1] }
} as const

const incr = (key: string) => RedisProgram.command("INCR", [key], RedisReply.integer)

export const saving = (rule: Rule) =>
  describe("save", () => {
    rule("stores every field, and load gives it back", ({ store }) =>
      Effect.gen(function*() {
        yield* store.save(everything)
        assert.deepStrictEqual(plain(yield* store.load("cp")), {
          id: "cp",
          executionId: "run",
          nodeName: "→ node",
          state: everything.state,
          metadata: everything.metadata,
          timestamp: Date.parse("2024-02-29T12:34:56.789Z"),
          version: 7,
          unknownFields: everything.unknownFields
        })
      }))

    rule.plain("writes langgraphgo's JSON", ({ checkpointKey, send, store }) =>
      Effect.gen(function*() {
        yield* store.save({ ...everything, metadata: { event: "step" }, unknownFields: {} })
        assert.deepStrictEqual(JSON.parse(String(yield* send("GET", checkpointKey("cp")))), {
          id: "cp",
          node_name: "→ node",
          state: everything.state,
          metadata: { event: "step", execution_id: "run" },
          timestamp: "2024-02-29T12:34:56.789Z",
          version: 7
        })
      }))

    rule("sets defaults: no execution, empty metadata, now", ({ store }) =>
      Effect.gen(function*() {
        yield* store.save({ id: "cp", nodeName: "n", state: 1, version: 1 })
        assert.deepStrictEqual(plain(yield* store.load("cp")), {
          id: "cp",
          executionId: null,
          nodeName: "n",
          state: 1,
          metadata: {},
          timestamp: 0,
          version: 1,
          unknownFields: {}
        })
      }))

    rule("overwrites an id, and its place in the order", ({ ids, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("a", "run", 1))
        yield* store.save(input("b", "run", 2))
        yield* store.save(input("a", "run", 3, { state: "new" }))
        assert.deepStrictEqual(yield* ids("run"), ["b", "a"])
        assert.strictEqual((yield* store.load("a")).state, "new")
      }))

    rule("takes the execution from the metadata, where langgraphgo has it", ({ ids, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("a", undefined, 1, { metadata: { execution_id: "run" } }))
        assert.deepStrictEqual(yield* ids("run"), ["a"])
        assert.deepStrictEqual((yield* store.load("a")).metadata, {})
      }))

    rule.plain("keeps a checkpoint that was read as it was", ({ checkpointKey, send, store }) =>
      Effect.gen(function*() {
        yield* store.save(everything)
        const before = yield* send("GET", checkpointKey("cp"))
        yield* store.save(yield* store.load("cp"))
        assert.deepStrictEqual(JSON.parse(String(yield* send("GET", checkpointKey("cp")))), JSON.parse(String(before)))
      }))

    for (const size of [8 * 1024 - 1, 8 * 1024, 8 * 1024 + 1, 1024 * 1024]) {
      rule.plain(`stores a payload of ${size} bytes whole`, ({ checkpointKey, ids, send, store }) =>
        Effect.gen(function*() {
          yield* store.save(input("a", "run", 1, { state: "" }))
          const envelope = Number(yield* send("STRLEN", checkpointKey("a")))
          const state = "x".repeat(size - envelope)
          yield* store.save(input("a", "run", 1, { state }))
          assert.strictEqual(yield* send("STRLEN", checkpointKey("a")), size)
          assert.isTrue((yield* store.load("a")).state === state)
          assert.deepStrictEqual(yield* ids("run"), ["a"])
          assert.strictEqual(yield* send("PTTL", checkpointKey("a")), -1)
        }))
    }
  })

/** On one server. */
export const moving = (rule: Rule) =>
  describe("save under another execution", () => {
    rule("moves an id to another execution", ({ ids, inExecutions, indexed, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("a", "from", 1))
        yield* store.save(input("b", "from", 2))
        yield* store.save(input("a", "to", 1))
        assert.deepStrictEqual(yield* indexed("from"), ["b"])
        assert.deepStrictEqual(yield* ids("to"), ["a"])
        yield* store.save(input("b", "to", 2))
        assert.isFalse(yield* inExecutions("from"))
        assert.strictEqual(yield* store.count("from"), 0)
      }))

    rule("moves an id whose JSON has a lone surrogate", ({ ids, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("a", "from", 1, { state: "half \ud83d of a pair" }))
        yield* store.save(input("a", "to", 1))
        assert.deepStrictEqual([yield* ids("from"), yield* ids("to")], [[], ["a"]])
      }))

    rule("takes an id that expired in one execution into another", ({ expire, ids, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("stays", "from", 1))
        yield* store.save(input("a", "from", 2), { ttl: "1 hour" })
        yield* expire("a")
        yield* store.save(input("a", "to", 1))
        assert.deepStrictEqual([yield* ids("from"), yield* ids("to")], [["stays"], ["a"]])
        yield* store.clear("from")
        assert.isTrue(yield* store.exists("a"), "clear removed another execution's checkpoint")
      }))

    rule("stores a checkpoint without execution in no list", ({ ids, inExecutions, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("a", "run", 1))
        yield* store.save(input("a", undefined, 1))
        assert.deepStrictEqual(yield* ids("run"), [])
        assert.isFalse(yield* inExecutions("run"))
        assert.isTrue(Option.isNone((yield* store.load("a")).executionId))
      }))

    rule("takes the last one away, and another comes, in one pipeline", ({ inExecutions, indexed, redis, store }) =>
      Effect.gen(function*() {
        const inputs = [input("a", "from", 1), input("b", "to", 1), input("a", "to", 2), input("c", "from", 3)]
        const saves = yield* Effect.forEach(inputs, (one) =>
          store.saveProgram(one))
        yield* redis.pipeline(RedisProgram.all([...saves.slice(0, 1), ...saves.slice(2), ...saves.slice(1, 2)]))
        assert.deepStrictEqual([yield* indexed("from"), (yield* indexed("to")).toSorted()], [["c"], ["a", "b"]])
        assert.deepStrictEqual([yield* inExecutions("from"), yield* inExecutions("to")], [true, true])
      }))
  })

/** An id that tells its execution: its program is one step on a cluster, too. */
const ownId = (n: number): string => `run@${String(n).padStart(16, "0")}`

const own = ownId(1)

export const programs = (rule: Rule) =>
  describe("saveProgram", () => {
    for (const kind of ["pipeline", "transaction"] as const) {
      for (const [size, state] of [["small", "x"], ["large", "x".repeat(20_000)]] as const) {
        rule(`runs a ${size} save with other commands in one ${kind}`, ({ ids, prefix, redis, store }) =>
          Effect.gen(function*() {
            const save = yield* store.saveProgram(input(own, "run", 1, { state }))
            const counter = `${prefix}{run}n`
            const program = RedisProgram.all({ save, first: incr(counter), second: incr(counter) })
            assert.deepStrictEqual(yield* redis[kind](program), { save: undefined, first: 1, second: 2 })
            assert.deepStrictEqual(yield* ids("run"), [own])
          }))
      }
    }

    rule("keeps an index as long as the longest of what is saved in one pipeline", ({ indexKey, pttl, redis, store }) =>
      Effect.gen(function*() {
        const hours = ["1 hour", "3 hours", 0, "2 hours", "1 hour"] as const
        const saves = yield* Effect.forEach(hours, (ttl, i) =>
          store.saveProgram(input(ownId(i), "run", i), { ttl }))
        yield* redis.pipeline(RedisProgram.all(saves.slice(0, 2)))
        assert.isAbove(yield* pttl(indexKey("run")), 2.9 * 3_600_000)
        yield* redis.pipeline(RedisProgram.all(saves))
        assert.strictEqual(yield* pttl(indexKey("run")), -1)
      }))

    rule("sends nothing by itself", ({ store }) =>
      Effect.gen(function*() {
        yield* store.saveProgram(input(own, "run", 1))
        assert.isFalse(yield* store.exists(own))
      }))

    rule("checks everything before it is run", ({ store }) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(store.saveProgram(input("", "run", 1)))
        assert.strictEqual(error._tag, "CheckpointEncodeError")
      }))
  })

const large = (n: number) => String(n).padStart(1024 * 1024, "x")

export const savingMany = (rule: Rule) =>
  describe("saveAll", () => {
    rule("writes 250 checkpoints", ({ ids, store }) =>
      Effect.gen(function*() {
        const all = range(250).map((version) => input(`c${version}`, "run", version))
        yield* store.saveAll(all)
        assert.deepStrictEqual(yield* ids("run"), all.map(({ id }) => id))
      }))

    rule("stores more than it holds in memory at once", ({ store }) =>
      Effect.gen(function*() {
        yield* store.saveAll(range(20).map((n) => ({ ...input(`cp-${n}`, "run", n), state: large(n) })))
        for (const n of range(20)) assert.strictEqual((yield* store.load(`cp-${n}`)).state, large(n))
      }))

    rule("writes nothing when one cannot be stored", ({ store }) =>
      Effect.gen(function*() {
        const all = [...range(200).map((version) => input(`c${version}`, "run", version)), input("bad", "run", 0.5)]
        const error = yield* Effect.flip(store.saveAll(all))
        assert.include(error.message, "\"bad\"")
        assert.strictEqual(yield* store.count("run"), 0)
      }))

    rule("takes any iterable, none at all, and lets the last of an id win", ({ ids, store }) =>
      Effect.gen(function*() {
        yield* store.saveAll([])
        yield* store.saveAll(new Set([input("a", "run", 1), input("b", "run", 2), input("a", "run", 3)]))
        assert.deepStrictEqual(yield* ids("run"), ["b", "a"])
      }))
  })

const Order = Schema.Struct({ total: Schema.NumberFromString, at: Schema.DateFromString })

export const typed = (rule: Rule) =>
  describe("forSchema", () => {
    rule.plain("encodes on the way in and decodes on the way out, in every verb", ({ checkpointKey, send, store }) =>
      Effect.gen(function*() {
        const orders = store.forSchema(Order)
        const state = { total: 12.5, at: new Date(1234) }
        yield* orders.save(input("a", "run", 1, { state }))
        const stored = JSON.parse(String(yield* send("GET", checkpointKey("a"))))
        assert.deepStrictEqual(stored.state, { total: "12.5", at: "1970-01-01T00:00:01.234Z" })
        assert.deepStrictEqual((yield* orders.load("a")).state, state)
        const [listed] = yield* orders.list("run")
        assert.deepStrictEqual(listed?.state, state)
        assert.deepStrictEqual(
          Option.map(yield* orders.latest("run"), (it) =>
            it.state),
          Option.some(state)
        )
        assert.deepStrictEqual(idsOf((yield* orders.loadAll(["a"])).values()), ["a"])
        assert.deepStrictEqual((yield* store.load("a")).state, stored.state)
      }))

    rule("refuses fields that the schema has not", ({ store }) =>
      Effect.gen(function*() {
        const state = { total: 1, at: new Date(0), marker: "secret-value" } as typeof Order.Type
        const error = yield* Effect.flip(store.forSchema(Order).save(input("a", "run", 1, { state })))
        assert.strictEqual(error._tag, "CheckpointEncodeError")
        assert.include(error.message, "state.marker")
        assert.notInclude(error.message, "secret-value")
        assert.isFalse(yield* store.exists("a"))
      }))
  })
