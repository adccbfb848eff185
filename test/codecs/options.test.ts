import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, Effect, Redacted, Schema } from "effect"
import { CheckpointStore, Errors, RedisLive, StateCodec, TestMemory } from "effect-checkpoint"
import { inspect } from "node:util"
import { boxed, encrypted, keyOf, swapped } from "./Codecs.js"

const { json } = StateCodec

const withKeys = (keys: Record<string, StateCodec.Key>, current = "a") =>
  json.pipe(StateCodec.encrypted({ keys, current }))

const short = Redacted.make(new Uint8Array(16).fill(0xab))

/** A codec, and a part of what is said of it. */
const wrong: ReadonlyArray<readonly [string, StateCodec.StateCodec, string]> = [
  ["a key of 16 bytes", withKeys({ a: short }), "32 bytes"],
  ["a key that is no base64", withKeys({ a: Redacted.make("ab".repeat(22)) }), "32 bytes"],
  ["no current key", withKeys({ b: keyOf(1) }), "current"],
  ["a current key by a name of Object's", withKeys({ b: keyOf(1) }, "toString"), "current"],
  ["a key id with a space", withKeys({ "a b": keyOf(1) }, "a b"), "ids of keys"],
  ["encryption twice", withKeys({ a: keyOf(1) }).pipe(encrypted), "encrypt last"],
  ["compression behind encryption", json.pipe(encrypted, StateCodec.compressed()), "encrypt last"],
  ["the same compression twice", json.pipe(StateCodec.compressed(), StateCodec.compressed()), "twice"],
  ["level 10", json.pipe(StateCodec.compressed({ level: 10 })), "0 to 9"],
  ["level 12 of brotli", json.pipe(StateCodec.compressed({ algorithm: "brotli", level: 12 })), "0 to 11"],
  ["a negative threshold", json.pipe(StateCodec.compressed({ threshold: -1 })), "threshold"],
  ["maxBytes 0", json.pipe(StateCodec.compressed({ maxBytes: 0 })), "maxBytes"],
  ["a name of the library", StateCodec.fromSchema("json", Schema.Unknown), "library's"],
  ["a stage named as the library's", json.pipe(StateCodec.transformed("br", Schema.Uint8ArrayFromSelf)), "library's"],
  ["a name with a +", StateCodec.fromSchema("a+b", Schema.Unknown), "names of codecs"],
  ["a wrong codec to read", json.pipe(StateCodec.alsoReading(withKeys({ a: short }))), "32 bytes"]
]

describe("the option codec", () => {
  for (const [what, codec, issue] of wrong) {
    it.effect(`with ${what} is a ConfigError that says so, and no key`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(Effect.provide(Effect.void, TestMemory.layer({ codec })))
        assert.include(`${error}`, "codec")
        assert.include(`${error}`, issue)
        assert.notInclude(`${error}${inspect(error, { depth: 9 })}${JSON.stringify(error)}`, "171")
      }))
  }

  it.effect("with a key of WebCrypto that cannot do it is a ConfigError", () =>
    Effect.gen(function*() {
      const raw = new Uint8Array(32)
      const imported = (name: string, usages: Array<"encrypt" | "decrypt">, bytes = raw) =>
        Effect.promise(() => crypto.subtle.importKey("raw", bytes, name, true, usages))
      const keys = [
        [yield* imported("AES-CBC", ["encrypt", "decrypt"]), "no AES-GCM"],
        [yield* imported("AES-GCM", ["encrypt", "decrypt"], raw.subarray(16)), "256 bits"],
        [yield* imported("AES-GCM", ["encrypt"]), "not allowed"]
      ] as const
      for (const [a, issue] of keys) {
        const error = yield* Effect.flip(Effect.provide(Effect.void, TestMemory.layer({ codec: withKeys({ a }) })))
        assert.include(`${error}`, issue)
      }
    }))

  it.effect("comes from the configuration", () => {
    const secret = Buffer.from(new Uint8Array(32).fill(1)).toString("base64")
    const codec = Config.map(Config.redacted("KEY"), (one) => withKeys({ one }, "one"))
    const layer = RedisLive.layerConfig({ url: Config.redacted("URL"), codec })
    return Effect.gen(function*() {
      // The layer gets as far as the connection.
      const error = yield* Effect.flip(Effect.provide(Effect.void, layer))
      assert.instanceOf(error, Errors.RedisConnectionError)
    }).pipe(Effect.withConfigProvider(
      ConfigProvider.fromMap(new Map([["URL", "redis://127.0.0.1:1"], ["KEY", secret]]))
    ))
  })
})

describe("a codec of one's own", () => {
  it.effect("that gives what JSON has not fails the save, and says nothing of the state", () =>
    Effect.gen(function*() {
      const Dated = Schema.transform(Schema.DateFromSelf, Schema.Unknown, {
        strict: true,
        decode: (date) => date.getTime(),
        encode: () => new Date(0)
      })
      const store = yield* Effect.provide(
        CheckpointStore.CheckpointStore,
        TestMemory.layer({ codec: StateCodec.fromSchema("dated", Dated) })
      )
      const error = yield* Effect.flip(store.append("run", { nodeName: "n", state: "SECRET" }))
      assert.strictEqual(error._tag, "CheckpointEncodeError")
      assert.include(error.message, "dated: what it encodes to: a Date")
      assert.notInclude(inspect(error), "SECRET")
    }))

  it.effect("may be any number of stages, and is named with each state", () =>
    Effect.gen(function*() {
      const codec = boxed.pipe(swapped, StateCodec.compressed({ threshold: 0 }), encrypted)
      const store = yield* CheckpointStore.CheckpointStore.pipe(Effect.provide(TestMemory.layer({ codec })))
      yield* store.append("run", { nodeName: "n", state: "x".repeat(100) })
      const head = yield* store.latest("run")
      assert.strictEqual(head._tag === "Some" && head.value.state, "x".repeat(100))
    }))
})
