import { assert, describe } from "@effect/vitest"
import { Chunk, Effect, Option, Stream } from "effect"
import { idsOf, input, type Rule } from "./Bench.js"

const kibibyte = "x".repeat(1024)

const names: ReadonlyArray<string> = [
  "a:b:c",
  "*",
  "?",
  "[a-z]",
  "{tag}",
  "}{",
  "@",
  "\\",
  " ",
  "  two  ",
  "\u0000",
  "nul\u0000inside",
  "\n",
  "\r\n*1\r\n$4\r\n",
  "é😀",
  "\uFEFFbom",
  "e\u0301",
  "\u2028",
  "__proto__",
  "constructor",
  "toString",
  "-1",
  "0",
  "NaN",
  "+inf",
  "(1",
  "[b",
  "checkpoint:a",
  "execution:a:checkpoints",
  "executions",
  "langgraph:executions",
  ":checkpoints",
  "a:checkpoints",
  "staged:a",
  "%2F",
  "'; return 1 --",
  "${x}",
  kibibyte,
  "é".repeat(512)
]

const refused: ReadonlyArray<readonly [string, string, string]> = [
  ["an empty one", "", "is empty"],
  ["one of 1,025 bytes", `${kibibyte}x`, "1025 bytes"],
  ["one of 1,025 bytes in 513 characters", `${"é".repeat(512)}x`, "1025 bytes"],
  ["a lone high surrogate", "a\ud83d", "lone surrogate"],
  ["a lone low surrogate", "\ude00a", "lone surrogate"]
]

export const ids = (rule: Rule) =>
  describe("ids", () => {
    rule("may be anything, as checkpoint and as execution", ({ indexed, store }) =>
      Effect.gen(function*() {
        for (const [i, name] of names.entries()) {
          yield* store.saveAll([input(name, name, i), input(`second of ${i}`, name, i + 1)])
        }
        for (const [i, name] of names.entries()) {
          const own = [name, `second of ${i}`]
          assert.strictEqual((yield* store.load(name)).id, name)
          assert.strictEqual(Option.getOrNull((yield* store.load(name)).executionId), name)
          assert.sameMembers([...yield* indexed(name)], own)
          assert.deepStrictEqual(idsOf(yield* store.list(name)), own)
          assert.deepStrictEqual(idsOf(yield* store.list(name, { after: { version: i, id: name } })), own.slice(1))
          assert.deepStrictEqual(idsOf(Option.toArray(yield* store.latest(name))), own.slice(1))
          assert.strictEqual(yield* store.count(name), 2)
        }
        assert.deepStrictEqual([...(yield* store.loadAll(names)).keys()], names)
        assert.sameMembers(Chunk.toArray(yield* Stream.runCollect(store.executions())), [...names])
        for (const [i, name] of names.entries()) {
          assert.isTrue(yield* store.delete(name), JSON.stringify(name))
          assert.strictEqual(yield* store.clear(name), 1, JSON.stringify(name))
          assert.strictEqual(yield* store.count(names[i + 1] ?? ""), i + 1 < names.length ? 2 : 0)
        }
      }))

    for (const [what, name, issue] of refused) {
      rule(`that are ${what} are refused by writes and found by no read`, ({ send, store }) =>
        Effect.gen(function*() {
          for (const checkpoint of [input(name, "run", 1), input("a", name, 1)]) {
            const error = yield* Effect.flip(store.save(checkpoint))
            assert.strictEqual(error._tag, "CheckpointEncodeError")
            assert.include(error.message, issue)
          }
          assert.strictEqual((yield* Effect.flip(store.load(name)))._tag, "CheckpointNotFound")
          assert.strictEqual((yield* store.loadAll([name])).size, 0)
          assert.deepStrictEqual([yield* store.list(name), yield* store.count(name)], [[], 0])
          assert.isTrue(Option.isNone(yield* store.latest(name)))
          assert.deepStrictEqual([yield* store.exists(name), yield* store.delete(name)], [false, false])
          assert.strictEqual(yield* store.clear(name), 0)
          assert.strictEqual(yield* send("EXISTS", store.layout.executions), 0)
        }))
    }

    rule("with half a pair never stand for the id with U+FFFD", ({ store }) =>
      Effect.gen(function*() {
        yield* store.save(input("a\ufffd", "run\ufffd", 1))
        assert.isFalse(yield* store.exists("a\ud83d"))
        assert.strictEqual(yield* store.clear("run\ud83d"), 0)
        assert.isFalse(yield* store.delete("a\ud83d"))
        assert.isTrue(yield* store.exists("a\ufffd"))
      }))
  })

export const prefixes = (rule: Rule) =>
  describe("prefixes", () => {
    for (const other of ["", "{tag}:", "*", "é😀\u0000", "x".repeat(1024)]) {
      rule(`${JSON.stringify(other.slice(0, 20))} and another never see each other`, (bench) =>
        Effect.gen(function*() {
          const { cluster, prefix, store, storeWith } = bench
          if (cluster && other.includes("{")) {
            const error = yield* Effect.flip(storeWith({ prefix: other }))
            return assert.include(String(error), "braces")
          }
          const theirs = yield* storeWith({ prefix: other === "" ? "" : other.slice(0, 1024 - prefix.length) + prefix })
          yield* theirs.clear("run")
          yield* store.save(input("a", "run", 1))
          assert.deepStrictEqual(idsOf(yield* theirs.list("run")), [])
          yield* theirs.save(input("a", "run", 1, { state: "theirs" }))
          yield* theirs.save(input("b", "run", 2))
          assert.strictEqual(yield* store.clear("run"), 1)
          assert.strictEqual((yield* theirs.load("a")).state, "theirs")
          assert.isTrue(yield* theirs.delete("a"))
          assert.strictEqual(yield* theirs.clear("run"), 1)
          assert.deepStrictEqual(Chunk.toArray(yield* Stream.runCollect(theirs.executions())), [])
        }))
    }
  })

const strange = JSON.parse("{\"__proto__\":{\"execution_id\":\"stolen\"},\"constructor\":1,\"é\":[null]}") as {
  readonly [key: string]: unknown
}

const raw = (fields: object) =>
  JSON.stringify({
    id: "a",
    node_name: "n",
    state: { any: [1] },
    metadata: { execution_id: "run", theirs: { deep: [1, null] }, "": 0 },
    timestamp: "2024-01-01T00:00:00.000Z",
    version: 1,
    parent_config: { checkpoint_id: "p" },
    channel_versions: [1, 2],
    ...fields
  })

const survives = (fields: object): Parameters<Rule>[1] => ({ checkpointKey, send, store }) =>
  Effect.gen(function*() {
    yield* send("SET", checkpointKey("a"), raw(fields))
    yield* store.save(yield* store.load("a"))
    const after = String(yield* send("GET", checkpointKey("a")))
    assert.deepStrictEqual(Object.entries(JSON.parse(after)), Object.entries(JSON.parse(raw(fields))))
    assert.strictEqual(
      JSON.stringify(Object.entries(JSON.parse(after).metadata).toSorted()),
      JSON.stringify(Object.entries(JSON.parse(raw(fields)).metadata).toSorted())
    )
  })

export const unknown = (rule: Rule) =>
  describe("unknown fields", () => {
    rule.plain("of the checkpoint and its metadata survive a read and a save", survives({}))

    rule.plain(
      "with names of Object's own survive in the metadata",
      survives({ metadata: { ...strange, execution_id: "run" } })
    )

    rule.plain("with names of Object's own survive in the checkpoint", survives({ ...strange }))

    rule.plain("named __proto__ give a checkpoint no execution", ({ checkpointKey, send, store }) =>
      Effect.gen(function*() {
        yield* send("SET", checkpointKey("a"), raw({ metadata: strange }))
        assert.isTrue(Option.isNone((yield* store.load("a")).executionId))
      }))

    rule("cannot replace known ones", ({ store }) =>
      Effect.gen(function*() {
        yield* store.save(input("a", "run", 1, { unknownFields: { id: "b", version: 9, metadata: null } }))
        const loaded = yield* store.load("a")
        assert.deepInclude(loaded, { id: "a", version: 1, unknownFields: {} })
      }))

    rule("never show the library's write id", ({ store }) =>
      Effect.gen(function*() {
        const appended = yield* store.append("run", { nodeName: "n", state: 1, metadata: { mine: 1 } })
        assert.deepStrictEqual((yield* store.load(appended.id)).metadata, { mine: 1 })
        const error = yield* Effect.flip(store.save(input("a", "run", 9, { metadata: { write_id: "x" } })))
        assert.include(error.message, "write_id")
      }).pipe(
        Effect.when(() =>
          store.layout.index === "sortedSet"
        ),
        Effect.asVoid
      ))
  })
