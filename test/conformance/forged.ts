/** Rows that somebody wrote into Redis by hand: data, or a decode error, and nothing else. */
import { assert, describe } from "@effect/vitest"
import { Effect, Either, Option } from "effect"
import { locate } from "../../src/internal/programs/placing.js"
import type { Bench, Rule } from "./Bench.js"

const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "then"]

const inner = `{"polluted":true,"execution_id":"stolen","id":"stolen","get":1,"value":1}`

/** An object that has all of these names as own fields, as text: as an object literal it would not. */
const hostile = (rest: string): string => `{${names.map((name) => `"${name}":${inner}`).join(",")}${rest}}`

interface Fields {
  readonly state?: string
  readonly metadata?: string
  readonly more?: string
}

const row = ({ metadata = `{"execution_id":"run"}`, more = "", state = "1" }: Fields): string =>
  `{"id":"a","node_name":"n","state":${state},"metadata":${metadata},` +
  `"timestamp":"2024-01-01T00:00:00.000Z","version":1${more}}`

const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels)

/** What is read as it is, and is the same when it was saved again. */
const readable: ReadonlyArray<readonly [string, string]> = [
  ["hostile names in the state", row({ state: hostile("") })],
  ["hostile names deep in the state", row({ state: `[{"a":${hostile("")}}]` })],
  ["hostile names in the metadata", row({ metadata: hostile(`,"execution_id":"run"`) })],
  ["hostile names in the envelope", row({ more: `,${hostile("").slice(1, -1)}` })],
  [
    "hostile names everywhere",
    row({
      state: hostile(""),
      metadata: hostile(`,"execution_id":"run"`),
      more: `,${hostile("").slice(1, -1)}`
    })
  ],
  ["a state of 900 levels", row({ state: nested(900) })],
  ["numbers at the edge of doubles", row({ state: "[1e308,-1e308,5e-324,9007199254740991,0.1]" })],
  ["every escape", row({ state: `"\\u0000\\u001f\\u2028\\ufeff\\"\\\\"` })]
]

/** What is read, or is a decode error: nothing is asked but that it is one of them. */
const odd: ReadonlyArray<readonly [string, string]> = [
  ["fields twice", row({ state: `{"a":1,"a":2}`, more: `,"version":2,"id":"a","state":"last"` })],
  ["__proto__ twice", row({ state: `{"__proto__":{"polluted":true},"__proto__":{"polluted":true}}` })],
  ["an id of another checkpoint", row({ more: `,"id":"b"` })],
  ["a __proto__ in place of all fields", `{"__proto__":${row({})}}`],
  ["a state of 100,000 levels", row({ state: nested(100_000) })],
  ["metadata of 100,000 levels", row({ metadata: `{"execution_id":"run","deep":${nested(100_000)}}` })],
  ["an unknown field of 100,000 levels", row({ more: `,"deep":${nested(100_000)}` })],
  ["nothing but 100,000 brackets", nested(100_000)],
  ["numbers beyond doubles", row({ state: "[1e400,-1e400,1e-400,123456789012345678901234567890,-0]" })],
  ["a version beyond doubles", row({ more: `,"version":1e400` })],
  ["a version with a million digits", row({ more: `,"version":${"9".repeat(1_000_000)}` })],
  ["a version that is an object", row({ more: `,"version":${hostile("")}` })],
  ["metadata that are a list", row({ metadata: `[${hostile("")}]` })],
  ["an execution that is an object", row({ metadata: `{"execution_id":${hostile("")}}` })],
  ["a time that is an object", row({ more: `,"timestamp":${hostile("")}` })]
]

const plant = ({ checkpointKey, indexKey, layout, redis, send }: Bench, stored: string) =>
  Effect.all([
    layout.cluster ? redis.pipeline(locate(layout, "a", "run", 0)) : Effect.void,
    Effect.suspend(() => send("SET", checkpointKey("a"), stored)),
    layout.index === "set" ? send("SADD", indexKey("run"), "a") : send("ZADD", indexKey("run"), 1, "a")
  ], { discard: true })

const untouched = () => {
  for (const prototype of [Object.prototype, Array.prototype, Function.prototype, String.prototype]) {
    for (const name of ["polluted", "execution_id", "get"]) assert.isFalse(name in prototype, name)
    assert.isFunction(prototype.toString)
  }
}

const reads = ({ store }: Bench): ReadonlyArray<Effect.Effect<unknown, unknown>> => [
  store.load("a"),
  store.latest("run"),
  store.list("run"),
  store.list("run", { onDecodeError: "skip" }),
  store.loadAll(["a"]),
  store.count("run"),
  store.exists("a")
]

/** Succeeds, or fails with one of these. */
const isInert = <A>(effect: Effect.Effect<A, unknown>, ...tags: ReadonlyArray<string>) =>
  Effect.map(Effect.either(effect), (result) => {
    if (Either.isLeft(result)) assert.include(tags, (result.left as { readonly _tag?: string })._tag)
    untouched()
    return result
  })

const sorted = (value: object): ReadonlyArray<readonly [string, unknown]> =>
  Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1)

/** In one order of the envelope's and the metadata's own fields, with the names that an object hides. */
const canonical = (text: string): string =>
  JSON.stringify(
    sorted(JSON.parse(text)).map(([name, value]) => [name, name === "metadata" ? sorted(value as object) : value])
  )

export const forged = (rule: Rule) =>
  describe("a forged row", () => {
    for (const [what, stored] of readable) {
      rule.plain(`with ${what} is data, and stays so when it is read and saved`, (bench) =>
        Effect.gen(function*() {
          yield* plant(bench, stored)
          const loaded = yield* bench.store.load("a")
          assert.strictEqual(Option.getOrNull(loaded.executionId), "run")
          assert.strictEqual(JSON.stringify(loaded.state), JSON.stringify(JSON.parse(stored).state))
          yield* bench.store.save(loaded)
          const after = String(yield* bench.send("GET", bench.checkpointKey("a")))
          assert.strictEqual(canonical(after), canonical(stored))
          for (const read of reads(bench)) yield* isInert(read)
        }))
    }

    for (const [what, stored] of [...readable, ...odd]) {
      rule(`with ${what} is read or a decode error, reaches no prototype, and can be deleted`, (bench) =>
        Effect.gen(function*() {
          yield* plant(bench, stored)
          for (const read of reads(bench)) {
            yield* isInert(read, "CheckpointDecodeError")
          }
          const loaded = yield* isInert(bench.store.load("a"), "CheckpointDecodeError")
          // One without an execution is elsewhere on a cluster.
          const refused = ["CheckpointEncodeError", ...(bench.cluster ? ["RedisCommandError"] : [])]
          if (Either.isRight(loaded)) {
            yield* isInert(bench.store.save(loaded.right), ...refused)
          }
          assert.isTrue(yield* bench.store.delete("a"))
        }))
    }
  })
