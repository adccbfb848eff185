/** The codecs that the suites are run with. */
import { Effect, Redacted, Schema } from "effect"
import { CheckpointStore, StateCodec } from "effect-checkpoint"

/** A key that is the same in every process. */
export const keyOf = (byte: number) => Redacted.make(new Uint8Array(32).fill(byte))

export const encrypted = StateCodec.encrypted({ keys: { one: keyOf(1) }, current: "one" })

export const lax = StateCodec.encrypted({ keys: { one: keyOf(1) }, current: "one", required: false })

const swap = (bytes: Uint8Array) => bytes.map((byte) => byte ^ 0x55)

const Swapped = Schema.transformOrFail(Schema.Uint8ArrayFromSelf, Schema.Uint8ArrayFromSelf, {
  strict: true,
  decode: (bytes) => Effect.promise(() => Promise.resolve(swap(bytes))),
  encode: (bytes) => Effect.promise(() => Promise.resolve(swap(bytes)))
})

const Boxed = Schema.transform(Schema.Tuple(Schema.Unknown), Schema.Unknown, {
  strict: true,
  decode: ([state]) => state,
  encode: (state) => [state] as const
})

/** Of the tests' own: one from JSON to JSON, one between bytes, and asynchronous. */
export const boxed = StateCodec.fromSchema("boxed", Boxed)
export const swapped = StateCodec.transformed("swapped", Swapped)

export const codecs: Readonly<Record<string, StateCodec.StateCodec>> = {
  json: StateCodec.json,
  messagePack: StateCodec.messagePack,
  deflate: StateCodec.json.pipe(StateCodec.compressed({ threshold: 0 })),
  gzip: StateCodec.messagePack.pipe(StateCodec.compressed({ threshold: 64, algorithm: "gzip", level: 1 })),
  brotli: StateCodec.json.pipe(StateCodec.compressed({ threshold: 64, algorithm: "brotli", level: 2 })),
  encrypted: StateCodec.json.pipe(encrypted),
  all: StateCodec.messagePack.pipe(StateCodec.compressed({ threshold: 128 }), encrypted),
  own: boxed.pipe(swapped)
}

/** A store with another codec on the Redis of the test. */
export const storeWith = (codec: StateCodec.StateCodec | undefined, options: CheckpointStore.Options = {}) =>
  Effect.provide(CheckpointStore.CheckpointStore, CheckpointStore.layer({ ...options, codec }))
