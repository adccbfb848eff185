import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck } from "effect"
import { StateCodec, TestMemory } from "effect-checkpoint"
import * as fs from "node:fs"
import { boxed, codecs, lax, storeWith, swapped } from "./Codecs.js"
import { plant, refusal, secret, wireOf } from "./Stored.js"

const text = FastCheck.oneof(
  FastCheck.string(),
  FastCheck.string({ unit: "binary" }),
  FastCheck.constantFrom("~codec", "json", "data", "__proto__", "toJSON", "constructor", "hasOwnProperty", "\ud800"),
  FastCheck.array(FastCheck.integer({ min: 0xd700, max: 0xe000 })).map((codes) => String.fromCharCode(...codes)),
  FastCheck.string({ minLength: 60, maxLength: 400, unit: "grapheme" })
)

/** Anything that JSON has, with names that could mean something to one of the codecs. */
const { state: states } = FastCheck.letrec<{ state: unknown; fields: unknown }>((tie) => ({
  state: FastCheck.oneof(
    { depthSize: "small", withCrossShrink: true },
    text,
    FastCheck.double({ noNaN: true, noDefaultInfinity: true }),
    FastCheck.maxSafeInteger(),
    FastCheck.constantFrom(null, true, false, -0, 2 ** 53, 4294967296, -2147483649),
    FastCheck.array(tie("state"), { maxLength: 5 }),
    tie("fields")
  ),
  fields: FastCheck.array(FastCheck.tuple(text, tie("state")), { maxLength: 5 }).map(Object.fromEntries)
}))

const known = StateCodec.alsoReading(boxed.pipe(swapped), ...Object.values(codecs))

const readers: Readonly<Record<string, StateCodec.StateCodec>> = {
  json: StateCodec.json.pipe(known),
  messagePack: StateCodec.messagePack.pipe(known),
  compressed: StateCodec.json.pipe(StateCodec.compressed(), known),
  encrypted: StateCodec.json.pipe(lax, known),
  own: boxed.pipe(known)
}

const codecNames = Object.keys(codecs)

describe("what any codec wrote", () => {
  it.effect.prop(
    "is what was given, in every layer that knows it, in one list with what others wrote",
    [FastCheck.array(FastCheck.tuple(states, FastCheck.constantFrom(...codecNames)), { minLength: 1, maxLength: 8 })],
    ([given]) =>
      Effect.gen(function*() {
        for (const [i, [state, name]] of given.entries()) {
          const store = yield* storeWith(codecs[name])
          yield* store.save({ id: `c${i}`, executionId: "run", nodeName: "n", state, version: i })
        }
        const expected = given.map(([state]) => JSON.stringify(state))
        for (const [name, codec] of Object.entries(readers)) {
          const listed = yield* (yield* storeWith(codec)).list("run")
          assert.deepStrictEqual(listed.map(({ state }) => JSON.stringify(state)), expected, name)
        }
        const copier = yield* storeWith(readers["encrypted"])
        assert.strictEqual(yield* copier.copy("run", "fork"), given.length)
        const copies = yield* copier.list("fork")
        assert.deepStrictEqual(copies.map(({ state }) => JSON.stringify(state)), expected)
      }).pipe(Effect.provide(TestMemory.redis())),
    { fastCheck: { numRuns: 150 } }
  )

  it.effect("is refused by name where the layer does not know it", () =>
    Effect.gen(function*() {
      yield* (yield* storeWith(codecs["own"])).append("run", { nodeName: "n", state: { secret } })
      const store = yield* storeWith(undefined)
      assert.match(yield* refusal(store.latest("run")), /"(boxed|swapped)", which the layer does not know.*alsoReading/)
    }).pipe(Effect.provide(TestMemory.redis())))
})

describe("a state that looks coded", () => {
  const forged: ReadonlyArray<unknown> = [
    { "~codec": "json", data: 1 },
    { "~codec": "messagePack", data: "AA==" },
    { "~codec": 7 },
    { "~codec": "json", data: { "~codec": "json", data: { "~codec": "boxed" } } }
  ]
  for (const [name, codec] of Object.entries({ default: undefined, ...codecs })) {
    it.effect(`is the user's own with ${name}`, () =>
      Effect.gen(function*() {
        const store = yield* storeWith(codec)
        for (const state of forged) {
          const { id } = yield* store.append("run", { nodeName: "n", state })
          assert.deepStrictEqual((yield* store.load(id)).state, state)
        }
      }).pipe(Effect.provide(TestMemory.redis())))
  }
})

describe("what langgraphgo wrote", () => {
  const lines = fs.readFileSync(new URL("../fixtures/langgraphgo-golden.jsonl", import.meta.url), "utf8")
  const readings = { default: undefined, ...readers }
  for (const [name, codec] of Object.entries(readings)) {
    it.effect(`is read with ${name}, and with encryption required it is not`, () =>
      Effect.gen(function*() {
        const store = yield* storeWith(codec)
        const strict = yield* storeWith(codecs["all"])
        for (const line of lines.trim().split("\n")) {
          const { id, state, version } = JSON.parse(line)
          if (id === "" || !Number.isSafeInteger(version)) continue
          yield* plant(id, line)
          assert.deepStrictEqual((yield* store.load(id)).state, state)
          assert.include(yield* refusal(strict.load(id)), "is not encrypted")
        }
      }).pipe(Effect.provide(TestMemory.redis())))
  }

  it.effect("is written without a codec, byte for byte, and with json", () =>
    Effect.gen(function*() {
      for (const codec of [undefined, StateCodec.json, StateCodec.json.pipe(known)]) {
        const store = yield* storeWith(codec)
        yield* store.append("run", { nodeName: "n", state: { b: [1, "x"], a: null } })
        const { state } = yield* wireOf("run@0000000000000001")
        assert.strictEqual(JSON.stringify(state), "{\"b\":[1,\"x\"],\"a\":null}")
        yield* store.clear("run")
      }
    }).pipe(Effect.provide(TestMemory.redis())))
})
