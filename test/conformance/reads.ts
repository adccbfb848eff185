import { assert, describe } from "@effect/vitest"
import { Chunk, Duration, Effect, Option, Stream } from "effect"
import type { Checkpoint } from "../../src/schema/Checkpoint.js"
import type { CheckpointNotFound } from "../../src/schema/Errors.js"
import type { ListOptions } from "../../src/services/CheckpointStore.js"
import { type Bench, failure, idsOf, input, range, type Rule } from "./Bench.js"

export const reading = (rule: Rule) =>
  describe("reads", () => {
    rule("load fails by id when there is none", ({ store }) =>
      Effect.gen(function*() {
        const error = yield* failure("CheckpointNotFound", store.load("none"))
        assert.strictEqual((error as CheckpointNotFound).checkpointId, "none")
      }))

    rule("loadAll gives 1,200 by id, without duplicates and those that are missing", ({ store }) =>
      Effect.gen(function*() {
        const all = range(1200).map((version) =>
          `c${version}`
        )
        yield* store.saveAll(all.map((id, i) => input(id, "run", i)))
        const found = yield* store.loadAll(["none", ...all, "c7", "gone"])
        assert.deepStrictEqual([...found.keys()], all)
        assert.deepStrictEqual(found.get("c700")?.state, { of: "c700" })
        assert.strictEqual((yield* store.loadAll([])).size, 0)
      }))

    rule.plain("loadAll finds a checkpoint under the id that was asked for", ({ checkpointKey, send, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("inside", undefined, 1))
        yield* send("SET", checkpointKey("outside"), String(yield* send("GET", checkpointKey("inside"))))
        assert.deepStrictEqual([...(yield* store.loadAll(["outside"])).keys()], ["outside"])
      }))

    rule("latest is the highest version, not the last save", ({ store }) =>
      Effect.gen(function*() {
        assert.isTrue(Option.isNone(yield* store.latest("run")))
        for (const version of [2, 9, 4, -3]) {
          yield* store.save(input(`c${version}`, "run", version))
        }
        assert.deepStrictEqual(idsOf(Option.toArray(yield* store.latest("run"))), ["c9"])
      }))

    rule("latest is the living one when the highest have expired", ({ expire, indexed, store }) =>
      Effect.gen(function*() {
        for (const version of range(4)) {
          yield* store.save(input(`c${version}`, "run", version))
        }
        yield* expire("c3", "c4")
        assert.deepStrictEqual(idsOf(Option.toArray(yield* store.latest("run"))), ["c2"])
        assert.sameMembers([...yield* indexed("run")], ["c1", "c2"])
        yield* expire("c1", "c2")
        assert.isTrue(Option.isNone(yield* store.latest("run")))
      }))

    rule("count and exists see what lives", ({ expire, store }) =>
      Effect.gen(function*() {
        yield* store.saveAll(
          range(5).map((version) =>
            input(`c${version}`, "run", version)
          )
        )
        yield* expire("c2", "c5")
        assert.strictEqual(yield* store.count("run"), 3)
        assert.strictEqual(yield* store.count("none"), 0)
        assert.deepStrictEqual([yield* store.exists("c1"), yield* store.exists("c2")], [true, false])
      }))

    rule("ping tells how long a round trip takes", ({ store }) =>
      Effect.gen(function*() {
        assert.isAbove(Duration.toMillis(yield* store.ping), 0)
      }))
  })

/** Versions 1, 2, 2, 2, 3, 0 and -1, ids that do not sort like them. */
const mixed: ReadonlyArray<readonly [string, number]> = [
  ["z", 1],
  ["b", 2],
  ["é", 2],
  ["B", 2],
  ["a", 3],
  ["y", 0],
  ["x", -1]
]
const inOrder = ["x", "y", "z", "B", "b", "é", "a"]

const saveMixed = ({ store }: Bench) => store.saveAll(mixed.map(([id, version]) => input(id, "run", version)))

const lists: ReadonlyArray<readonly [string, ListOptions, ReadonlyArray<string>]> = [
  ["by version, ties by bytes of the id", {}, inOrder],
  ["backwards", { order: "desc" }, inOrder.toReversed()],
  ["with a limit", { limit: 2 }, ["x", "y"]],
  ["the last ones", { order: "desc", limit: 2 }, ["a", "é"]],
  ["none for 0", { limit: 0 }, []],
  ["none for less than 0", { limit: -1 }, []],
  ["none for NaN", { limit: NaN }, []],
  ["a fraction counted down", { limit: 2.9 }, ["x", "y"]],
  ["none for a fraction below 1", { limit: 0.9 }, []],
  ["all for Infinity", { limit: Infinity }, inOrder],
  ["all for a limit beyond them", { limit: 1e21 }, inOrder],
  ["after a version", { after: 1 }, ["B", "b", "é", "a"]],
  ["before a version", { before: 2 }, ["x", "y", "z"]],
  ["between versions", { after: -1, before: 3 }, ["y", "z", "B", "b", "é"]],
  ["after version 0", { after: 0 }, ["z", "B", "b", "é", "a"]],
  ["between bounds that cross", { after: 3, before: 1 }, []],
  ["after a checkpoint among equals", { after: { version: 2, id: "b" } }, ["é", "a"]],
  ["before a checkpoint among equals", { before: { version: 2, id: "b" } }, ["x", "y", "z", "B"]],
  ["after a place where nothing is", { after: { version: 2, id: "a" } }, ["b", "é", "a"]],
  ["backwards before a place", { before: { version: 2, id: "é" }, order: "desc", limit: 2 }, ["b", "B"]],
  ["after minus Infinity", { after: -Infinity }, inOrder],
  ["before Infinity", { before: Infinity }, inOrder]
]

export const listing = (rule: Rule) =>
  describe("list", () => {
    for (const [what, options, expected] of lists) {
      rule(`gives ${what}`, (bench) =>
        Effect.gen(function*() {
          yield* saveMixed(bench)
          assert.deepStrictEqual(yield* bench.ids("run", options), expected)
          const streamed = yield* Stream.runCollect(bench.store.stream("run", options))
          assert.deepStrictEqual(idsOf(Chunk.toReadonlyArray(streamed)), expected)
        }))
    }

    rule("goes on after a checkpoint that was deleted", (bench) =>
      Effect.gen(function*() {
        yield* saveMixed(bench)
        const page = yield* bench.store.list("run", { limit: 4 })
        yield* bench.store.delete("B")
        assert.deepStrictEqual(yield* bench.ids("run", { after: page.at(-1)! }), ["b", "é", "a"])
      }))

    rule("gives pages that stay stable while others save", ({ store }) =>
      Effect.gen(function*() {
        yield* store.saveAll(range(20).map((version) => input(`c${version}`, "run", version * 10)))
        const seen: Array<string> = []
        let last: Checkpoint<unknown> | undefined
        for (let page = 1; page <= 10; page++) {
          const found = yield* store.list("run", { limit: 4, after: last })
          seen.push(...idsOf(found))
          last = found.at(-1) ?? last
          yield* store.save(input(`early${page}`, "run", -page))
        }
        assert.deepStrictEqual(seen, range(20).map((version) => `c${version}`))
      }))

    rule("leaves expired ones out, fills the limit, and drops them from the index", ({ expire, ids, indexed, store }) =>
      Effect.gen(function*() {
        yield* store.saveAll(
          range(8).map((version) =>
            input(`c${version}`, "run", version)
          )
        )
        yield* expire("c1", "c2", "c4")
        assert.deepStrictEqual(yield* ids("run", { limit: 3 }), ["c3", "c5", "c6"])
        assert.sameMembers([...yield* indexed("run")], ["c3", "c5", "c6", "c7", "c8"])
      }))

    rule("forgets an execution whose checkpoints have all expired", ({ expire, ids, inExecutions, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("a", "run", 1))
        yield* expire("a")
        assert.deepStrictEqual(yield* ids("run"), [])
        assert.isFalse(yield* inExecutions("run"))
      }))

    rule("streams 1,700 in order, either way", ({ store }) =>
      Effect.gen(function*() {
        const all = range(1700).map((version) =>
          `c${version}`
        )
        yield* store.saveAll(all.map((id, i) =>
          input(id, "run", i)
        ))
        const asc = yield* Stream.runCollect(store.stream("run"))
        assert.deepStrictEqual(idsOf(asc), all)
        const desc = yield* Stream.runCollect(store.stream("run", { order: "desc", limit: 600 }))
        assert.deepStrictEqual(idsOf(desc), all.toReversed().slice(0, 600))
        const first = yield* Stream.runCollect(Stream.take(store.stream("run", { after: 1650 }), 2))
        assert.deepStrictEqual(idsOf(first), ["c1652", "c1653"])
      }))
  })
