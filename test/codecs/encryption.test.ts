import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Stream } from "effect"
import { Redis, StateCodec, TestMemory } from "effect-checkpoint"
import { codecs, encrypted, keyOf, lax, storeWith } from "./Codecs.js"
import { change, codedOf, plant, refusal, secret, stored, wireOf } from "./Stored.js"

const state = { secret, n: 1 }

const row = (id: string, executionId: string, version: number) => ({ id, executionId, nodeName: "n", state, version })

const codec = StateCodec.json.pipe(encrypted)

const keyed = (current: "one" | "two", required = true) =>
  StateCodec.json.pipe(StateCodec.encrypted({ keys: { one: keyOf(1), two: keyOf(2) }, current, required }))

const onMemory = (name: string, body: Effect.Effect<void, unknown, Redis.Redis | TestMemory.TestMemory>) =>
  it.effect(name, () => Effect.provide(body, TestMemory.redis()))

const saved = Effect.gen(function*() {
  const store = yield* storeWith(codec)
  yield* store.saveAll([row("a", "run", 1), row("b", "run", 2), row("c", "other", 1)])
  return store
})

describe("an encrypted state", () => {
  onMemory(
    "comes back, and is nowhere in Redis",
    Effect.gen(function*() {
      const store = yield* saved
      assert.deepStrictEqual((yield* store.load("a")).state, state)
      const dump = yield* Effect.flatMap(TestMemory.TestMemory, ({ snapshot }) => snapshot)
      const all = JSON.stringify([...dump])
      for (const form of ["utf8", "base64", "hex"] as const) {
        assert.notInclude(all, Buffer.from(secret).toString(form).slice(0, 16))
      }
    })
  )

  onMemory(
    "is other bytes each time it is saved",
    Effect.gen(function*() {
      const store = yield* saved
      const before = yield* codedOf("a")
      yield* store.save(row("a", "run", 1))
      const after = yield* codedOf("a")
      assert.notStrictEqual(after.data, before.data)
      assert.notStrictEqual(after.data.slice(0, 16), before.data.slice(0, 16))
    })
  )

  onMemory(
    "is encoded once for a save: the same program sent again is the same write",
    Effect.gen(function*() {
      const store = yield* storeWith(codec)
      const program = yield* store.saveProgram(row("a", "run", 1), { expectedVersion: 0 })
      const redis = yield* Redis.Redis
      yield* redis.pipeline(program)
      const before = yield* stored("a")
      yield* redis.pipeline(program)
      assert.strictEqual(yield* stored("a"), before)
      const other = yield* store.saveProgram(row("a", "run", 1), { expectedVersion: 0 })
      assert.strictEqual((yield* Effect.flip(redis.pipeline(other)))._tag, "CheckpointConflict")
    })
  )

  onMemory(
    "is encoded again where it is copied to",
    Effect.gen(function*() {
      const store = yield* saved
      assert.strictEqual(yield* store.copy("run", "fork"), 2)
      const copies = yield* store.list("fork")
      assert.deepStrictEqual(copies.map(({ state }) => state), [state, state])
    })
  )
})

const moves: ReadonlyArray<readonly [string, Effect.Effect<unknown, unknown, Redis.Redis>]> = [
  ["to another key", Effect.flatMap(stored("b"), (payload) => plant("a", payload))],
  [
    "between keys of the same execution and version",
    Effect.flatMap(wireOf("c"), ({ state }) => change("a", (wire) => ({ ...wire, state })))
  ],
  ["to another execution", change("a", (wire) => ({ ...wire, metadata: { ...wire.metadata, execution_id: "other" } }))],
  ["out of its execution", change("a", (wire) => ({ ...wire, metadata: {} }))],
  ["to another version", change("a", (wire) => ({ ...wire, version: 7 }))],
  [
    "to another key id",
    change("a", (wire) => ({ ...wire, state: { ...(wire.state as object), key: "two" } }))
  ],
  [
    "under another codec's name",
    change("a", (wire) => ({ ...wire, state: { ...(wire.state as object), "~codec": "messagePack+aes-256-gcm" } }))
  ]
]

describe("an encrypted state that is moved", () => {
  for (const [where, move] of moves) {
    onMemory(
      `${where} is refused`,
      Effect.gen(function*() {
        yield* saved
        yield* move
        const store = yield* storeWith(keyed("one"))
        assert.include(yield* refusal(store.load("a")), "moved here")
      })
    )
  }
})

describe("an encrypted state that is damaged", () => {
  onMemory(
    "in any byte is refused",
    Effect.gen(function*() {
      const store = yield* saved
      const payload = yield* stored("a")
      const { data } = yield* codedOf("a")
      const bytes = Buffer.from(data, "base64")
      for (let i = 0; i < bytes.length; i++) {
        const flipped = Buffer.from(bytes)
        flipped[i] = bytes[i]! ^ 1
        yield* plant("a", payload.replace(data, flipped.toString("base64")))
        assert.include(yield* refusal(store.load("a")), "does not decrypt")
      }
    })
  )

  const replaced: ReadonlyArray<readonly [string, object]> = [
    ["no data", { data: undefined }],
    ["data that is no text", { data: [secret] }],
    ["data that is no base64", { data: `${secret}!!!` }],
    ["data of another length", { data: "AAAA" }],
    ["empty data", { data: "" }],
    ["no key", { key: undefined }],
    ["a key that is no text", { key: 1 }],
    ["a key that is no id", { key: `${secret} ` }],
    ["a codec that is no text", { "~codec": [secret] }],
    ["a codec that is no name", { "~codec": `${secret} ` }],
    ["no codec", { "~codec": "" }],
    ["another codec", { "~codec": "json+deflate+aes-256-gcm" }],
    ["a codec twice", { "~codec": "json+aes-256-gcm+aes-256-gcm" }]
  ]
  for (const [what, fields] of replaced) {
    onMemory(
      `to ${what} is refused`,
      Effect.gen(function*() {
        const store = yield* saved
        yield* change("a", (wire) => ({ ...wire, state: { ...(wire.state as object), ...fields } }))
        yield* refusal(store.load("a"))
        assert.deepStrictEqual((yield* store.list("run", { onDecodeError: "skip" })).map(({ id }) => id), ["b"])
      })
    )
  }
})

describe("keys", () => {
  onMemory(
    "rotate: the old one reads until nothing needs it, the current one writes",
    Effect.gen(function*() {
      yield* saved
      const rotated = yield* storeWith(keyed("two"))
      assert.deepStrictEqual((yield* rotated.load("a")).state, state)
      yield* rotated.save(yield* rotated.load("a"))
      assert.strictEqual((yield* codedOf("a")).key, "two")
      const after = yield* storeWith(
        StateCodec.json.pipe(StateCodec.encrypted({ keys: { two: keyOf(2) }, current: "two" }))
      )
      assert.deepStrictEqual((yield* after.load("a")).state, state)
      assert.include(yield* refusal(after.load("b")), "key \"one\", which the layer does not have")
      assert.include(yield* refusal((yield* storeWith(undefined)).load("b")), "key \"one\"")
    })
  )

  onMemory(
    "of the same id and other bytes decrypt nothing",
    Effect.gen(function*() {
      yield* saved
      const store = yield* storeWith(
        StateCodec.json.pipe(StateCodec.encrypted({ keys: { one: keyOf(9) }, current: "one" }))
      )
      for (
        const read of [store.load("a"), store.latest("run"), store.list("run"), Stream.runDrain(store.stream("run"))]
      ) {
        assert.include(yield* refusal<unknown, unknown, never>(read), "another key of that id")
      }
    })
  )

  onMemory(
    "may be base64, or of WebCrypto and not extractable",
    Effect.gen(function*() {
      const bytes = new Uint8Array(32).fill(1)
      const imported = yield* Effect.promise(() =>
        crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"])
      )
      yield* saved
      for (const one of [Redacted.make(Buffer.from(bytes).toString("base64")), imported]) {
        const store = yield* storeWith(StateCodec.json.pipe(StateCodec.encrypted({ keys: { one }, current: "one" })))
        assert.deepStrictEqual((yield* store.load("a")).state, state)
      }
    })
  )
})

describe("required", () => {
  for (const [name, codec] of Object.entries(codecs).filter(([name]) => !["encrypted", "all"].includes(name))) {
    onMemory(
      `refuses what ${name} wrote; without it that is read`,
      Effect.gen(function*() {
        yield* (yield* storeWith(codec)).save(row("a", "run", 1))
        const known = StateCodec.alsoReading(codec)
        const strict = yield* storeWith(StateCodec.json.pipe(encrypted, known))
        assert.include(yield* refusal(strict.load("a")), "is not encrypted")
        assert.include(yield* refusal(strict.copy("run", "fork")), "is not encrypted")
        const store = yield* storeWith(StateCodec.json.pipe(lax, known))
        assert.deepStrictEqual((yield* store.load("a")).state, state)
      })
    )
  }

  onMemory(
    "refuses plain JSON that says it is plain JSON",
    Effect.gen(function*() {
      const store = yield* saved
      yield* change("a", (wire) => ({ ...wire, state: { "~codec": "json", data: { secret } } }))
      assert.include(yield* refusal(store.load("a")), "is not encrypted")
    })
  )
})
