import { type Config, Effect, type Layer, Redacted, Schema } from "effect"
import type { ConfigError } from "effect/ConfigError"
import type { webcrypto } from "node:crypto"
import { describe, expectTypeOf, it } from "vitest"
import * as RedisLive from "../../src/layers/RedisLive.js"
import * as TestMemory from "../../src/layers/TestMemory.js"
import * as StateCodec from "../../src/schema/StateCodec.js"
import type { Options } from "../../src/services/CheckpointStore.js"

const key = Redacted.make(new Uint8Array(32))

declare const text: Redacted.Redacted<string>
declare const ofWebCrypto: webcrypto.CryptoKey
declare const many: Record<string, StateCodec.Key>

describe("StateCodec", () => {
  it("is composed from a base and stages", () => {
    expectTypeOf(StateCodec.json).toEqualTypeOf<StateCodec.StateCodec>()
    expectTypeOf(
      StateCodec.messagePack.pipe(
        StateCodec.compressed({ algorithm: "gzip" }),
        StateCodec.encrypted({ keys: { a: key, b: text, c: ofWebCrypto }, current: "b" })
      )
    ).toEqualTypeOf<StateCodec.StateCodec>()
    // @ts-expect-error a stage is no codec
    StateCodec.json.pipe(StateCodec.compressed(), StateCodec.json)
    // @ts-expect-error zstd is none of the algorithms
    StateCodec.compressed({ algorithm: "zstd" })
  })

  it("knows its keys", () => {
    StateCodec.encrypted({ keys: many, current: "any" })
    // @ts-expect-error there is no key c
    StateCodec.encrypted({ keys: { a: key, b: key }, current: "c" })
    // @ts-expect-error a key is Redacted
    StateCodec.encrypted({ keys: { a: new Uint8Array(32) }, current: "a" })
    // @ts-expect-error one of the keys is current
    StateCodec.encrypted({ keys: { a: key } })
  })

  it("takes schemas without requirements, between the right sides", () => {
    const Effectful = Schema.transformOrFail(Schema.Unknown, Schema.Unknown, {
      strict: true,
      decode: (value) => Effect.as(Effect.context<"Key">(), value),
      encode: (value) => Effect.succeed(value)
    })
    // @ts-expect-error nobody would provide Key
    StateCodec.fromSchema("mine", Effectful)
    // @ts-expect-error the encoded side is no bytes
    StateCodec.transformed("mine", Schema.Uint8Array)
    expectTypeOf(StateCodec.fromSchema("mine", Schema.Date)).toEqualTypeOf<StateCodec.StateCodec>()
  })

  it("is an option of every layer, which asks for nothing more", () => {
    expectTypeOf<Options["codec"]>().toEqualTypeOf<StateCodec.StateCodec | undefined>()
    expectTypeOf(TestMemory.layer({ codec: StateCodec.json })).toEqualTypeOf<ReturnType<typeof TestMemory.layer>>()
    expectTypeOf<Layer.Layer.Error<ReturnType<typeof TestMemory.layer>>>().toEqualTypeOf<ConfigError>()
    expectTypeOf(RedisLive.layerConfig).toBeCallableWith({ codec: {} as Config.Config<StateCodec.StateCodec> })
    // @ts-expect-error a name is no codec
    TestMemory.layer({ codec: "json" })
  })
})
