import { assert, describe, it } from "@effect/vitest"
import { Data, DateTime, Duration, Effect, Option, Schema } from "effect"
import * as TestMemory from "../../src/layers/TestMemory.js"
import type { Input } from "../../src/schema/Checkpoint.js"
import { CheckpointStore, type SaveOptions, type Service } from "../../src/services/CheckpointStore.js"

const cycle: Record<string, unknown> = { a: 1 }
cycle["self"] = { again: [cycle] }

const nested = (depth: number): unknown => {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = [value]
  return value
}

class Money {
  constructor(readonly cents: number) {}
}

class Secretive {
  readonly #cents = 5
  get cents() {
    return this.#cents
  }
}

/** What JSON would lose, change or refuse; where it is said to be, and what. */
const lossy: ReadonlyArray<readonly [what: string, state: unknown, where: string, why: string]> = [
  ["undefined", undefined, "state", "undefined"],
  ["a BigInt", { n: 1n }, "state.n", "bigint"],
  ["a cycle", cycle, "state", "cycle"],
  ["NaN", { a: [NaN] }, "state.a[0]", "NaN"],
  ["Infinity", Infinity, "state", "Infinity"],
  ["minus Infinity", [-Infinity], "state[0]", "-Infinity"],
  ["a Date", { at: new Date(0) }, "state.at", "Date"],
  ["a DateTime", { at: DateTime.unsafeMake(0) }, "state.at", "encoding"],
  ["a Map", new Map([["a", 1]]), "state", "Map"],
  ["a Set", { set: new Set([1]) }, "state.set", "Set"],
  ["a function", { f: () => 1 }, "state.f", "function"],
  ["a symbol", [Symbol("s")], "state[0]", "symbol"],
  ["a symbol as a key", { [Symbol("s")]: 1 }, "state", "symbol"],
  ["undefined in an array", [1, undefined], "state[1]", "undefined"],
  ["a hole in an array", [1, , 3], "state[1]", "undefined"], // eslint-disable-line no-sparse-arrays
  ["bytes", { b: new Uint8Array(2) }, "state.b", "Uint8Array"],
  ["an Error", new Error("e"), "state", "Error"],
  ["a RegExp", /x/, "state", "RegExp"],
  ["a promise", Promise.resolve(1), "state", "Promise"],
  ["a boxed number", new Number(1), "state", "Number"], // eslint-disable-line no-new-wrappers
  ["an Option", { o: Option.some(1) }, "state.o", "encoding"],
  ["a Duration", Duration.millis(1), "state", "encoding"],
  ["a class instance", { price: new Money(5) }, "state.price", "Money"],
  ["a class instance with private fields", new Secretive(), "state", "Secretive"],
  ["an object with toJSON", { toJSON: () => 1 }, "state", "function"],
  ["arrays 10,000 deep", nested(10_000), "state", "990 levels"]
]

type Verb = (store: Service) => Effect.Effect<unknown, unknown>

/** Fails typed, with the id and some words; and nothing is sent. */
const refuses = (name: string, verb: Verb, ...words: ReadonlyArray<string>) =>
  it.effect(name, () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(verb(yield* CheckpointStore)) as Effect.Effect<Error & { readonly _tag: string }>
      assert.strictEqual(error._tag, "CheckpointEncodeError")
      for (const word of words) assert.include(error.message, word)
      assert.isBelow(error.message.length, 8_000)
      assert.deepStrictEqual(yield* (yield* TestMemory.TestMemory).commands, [])
    }).pipe(Effect.provide(TestMemory.layer())))

const input = (rest: Partial<Input<unknown>> = {}): Input<unknown> => ({
  id: "the-id",
  executionId: "run",
  nodeName: "n",
  state: 1,
  version: 1,
  ...rest
})

const save = (rest: Partial<Input<unknown>>, options?: SaveOptions): Verb => (store) =>
  store.save(input(rest), options as { readonly expectedVersion?: undefined })

describe("save refuses a state with", () => {
  for (const [what, state, where, why] of lossy) refuses(what, save({ state }), "\"the-id\"", where, why)
})

describe("save refuses", () => {
  for (const [what, value, where, why] of lossy.slice(1)) {
    refuses(
      `metadata with ${what}`,
      save({ metadata: { value } }),
      "\"the-id\"",
      where.replace("state", "metadata.value"),
      why
    )
  }
  refuses(
    "an unknown field with a BigInt",
    save({ unknownFields: { n: 1n } }),
    "\"the-id\"",
    "unknownFields.n",
    "bigint"
  )
  for (const version of [NaN, Infinity, 0.5, 2 ** 53, -(2 ** 53)]) {
    refuses(`version ${version}`, save({ version }), "\"the-id\"", "version is not an integer")
  }
  refuses("an empty id", save({ id: "" }), "id is empty", "at least one character")
  refuses("an empty execution id", save({ executionId: "" }), "\"the-id\"", "executionId is empty")
  refuses("a long id", save({ id: "x".repeat(1025) }), "1025 bytes", "digest")
  refuses("half a pair", save({ executionId: "\ud83d" }), "\"the-id\"", "lone surrogate")
  refuses("a time after 9999", save({ timestamp: DateTime.unsafeMake(8.64e15) }), "\"the-id\"", "years 0 to 9999")
  refuses("a time before 0", save({ timestamp: DateTime.unsafeMake(-8.64e15) }), "\"the-id\"", "years 0 to 9999")
  refuses("a negative ttl", save({}, { ttl: -5 }), "\"the-id\"", "0 (never expires) or more")
  refuses("the library's own metadata", save({ metadata: { write_id: "x" } }), "\"the-id\"", "another key")
  refuses("a string of 512 MiB", save({ state: "x".repeat(2 ** 29 - 24) }), "\"the-id\"", "keep large data elsewhere")
})

class Tree extends Schema.Class<Tree>("Tree")({
  children: Schema.Array(Schema.suspend((): Schema.Schema<Tree> => Tree))
}) {}

const Price = Schema.Struct({ cents: Schema.Int })

const view = <A, I>(schema: Schema.Schema<A, I>, state: unknown): Verb => (store) =>
  store.forSchema(schema).save({ ...input(), state: state as A })

describe("a typed view refuses", () => {
  refuses("another shape", view(Price, { cents: "5" }), "\"the-id\"", "state.cents", "number")
  refuses("a missing field", view(Price, {}), "\"the-id\"", "state.cents", "is missing")
  refuses("an excess field", view(Price, { cents: 1, more: 2 }), "\"the-id\"", "state.more", "not a field")
  refuses("what its refinement refuses", view(Price, { cents: 0.5 }), "\"the-id\"", "state.cents")
  refuses("an encoding that is no JSON", view(Schema.BigIntFromSelf, 1n), "\"the-id\"", "state", "bigint")
  refuses("an undefined encoding", view(Schema.Undefined, undefined), "\"the-id\"", "state is undefined", "null")
  refuses(
    "a tree 10,000 deep",
    (store) => {
      let tree = new Tree({ children: [] })
      for (let i = 0; i < 10_000; i++) tree = new Tree({ children: [tree] }, true)
      return store.forSchema(Tree).save({ ...input(), state: tree })
    },
    "\"the-id\"",
    "levels"
  )
})

describe("every writing verb refuses, before anything is sent:", () => {
  const state = NaN
  refuses("saveAll", (store) => store.saveAll([input(), input({ id: "bad", state })]), "\"bad\"")
  refuses("saveProgram", (store) => store.saveProgram(input({ state })), "\"the-id\"")
  refuses("append", (store) => store.append("run", { nodeName: "n", state }), "\"run@")
  refuses("append to an empty execution", (store) => store.append("", { nodeName: "n", state: 1 }), "empty")
})

describe("save takes what JSON holds:", () => {
  const kept: ReadonlyArray<readonly [string, unknown]> = [
    ["null", null],
    ["an empty object without a prototype", Object.create(null)],
    ["lone surrogates in texts", { "\ud83d": "\ude00" }],
    ["arrays 900 deep", nested(900)],
    ["numbers at the edges", [Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53 - 1]]
  ]
  for (const [what, state] of kept) {
    it.effect(what, () =>
      Effect.gen(function*() {
        const store = yield* CheckpointStore
        yield* store.save(input({ state }))
        assert.strictEqual(JSON.stringify((yield* store.load("the-id")).state), JSON.stringify(state))
      }).pipe(Effect.provide(TestMemory.layer())))
  }

  it.effect("an undefined field counts as absent", () =>
    Effect.gen(function*() {
      const store = yield* CheckpointStore
      yield* store.save(input({ state: { a: undefined, b: 1 }, metadata: { c: undefined } }))
      assert.deepStrictEqual((yield* store.load("the-id")).state, { b: 1 })
    }).pipe(Effect.provide(TestMemory.layer())))

  it.effect("a class with a schema, through its view", () =>
    Effect.gen(function*() {
      const view = (yield* CheckpointStore).forSchema(Tree)
      const state = new Tree({ children: [new Tree({ children: [] })] })
      yield* view.save({ ...input(), state })
      const loaded = yield* view.load("the-id")
      assert.instanceOf(loaded.state, Tree)
      assert.isTrue(Data.struct(loaded.state).children.length === 1)
    }).pipe(Effect.provide(TestMemory.layer())))
})
