/**
 * How states are stored: as JSON, which is the default, in MessagePack, compressed, encrypted, or by a
 * transform of your own. A codec is an option of every layer of the store.
 *
 * What is stored tells by itself how to read it. A layer with any codec reads plain JSON, MessagePack and
 * what is compressed; it reads what is encrypted with the keys it has, and what your own codecs wrote
 * when it knows them: see {@link alsoReading}. So a codec can be changed while old states are there.
 *
 * The codec is about what the user gave: the state of a checkpoint, and what a runner records (results of
 * steps, questions, answers, patches). Everything else stays in the clear: ids, names of nodes, versions,
 * times, metadata, names of steps, and the digest by which a runner knows an execution's input.
 *
 * @example
 * ```ts
 * import { Config } from "effect"
 * import { RedisLive, StateCodec } from "effect-checkpoint"
 *
 * // The key: 32 bytes in base64, from `openssl rand -base64 32`.
 * const codec = Config.map(Config.redacted("CHECKPOINT_KEY"), (key) =>
 *   StateCodec.json.pipe(
 *     StateCodec.compressed(),
 *     StateCodec.encrypted({ keys: { "key-2026": key }, current: "key-2026" })
 *   ))
 *
 * export const CheckpointsLive = RedisLive.layerConfig({ url: Config.redacted("REDIS_URL"), codec })
 * ```
 *
 * @since 0.3.0
 */
import * as Effect from "effect/Effect"
import { type Pipeable, pipeArguments } from "effect/Pipeable"
import type * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import { compression, defaultMaxBytes } from "../internal/codec/compression.js"
import { customBase, customStage } from "../internal/codec/custom.js"
import { encryption } from "../internal/codec/encryption.js"
import * as Json from "../internal/codec/json.js"
import * as MessagePack from "../internal/codec/messagePack.js"
import type { Base, Making, Stage } from "../internal/codec/stage.js"

/**
 * Tells a codec from other values.
 *
 * @since 0.3.0
 */
export const TypeId = "~effect-checkpoint/StateCodec"

/**
 * See the constant of the same name.
 *
 * @since 0.3.0
 */
export type TypeId = typeof TypeId

/**
 * How states become what is stored, and back. Its options are checked when the layer is built: a wrong
 * one is a `ConfigError` for `codec`.
 *
 * @since 0.3.0
 */
export interface StateCodec extends Pipeable {
  readonly [TypeId]: TypeId
  /** @internal */
  readonly base: Making<Base>
  /** @internal */
  readonly stages: ReadonlyArray<Making<Stage>>
  /** @internal */
  readonly readers: ReadonlyArray<StateCodec>
  /** @internal */
  readonly required: boolean
}

type Parts = Pick<StateCodec, "base" | "stages" | "readers" | "required">

const make = (parts: Parts): StateCodec => ({
  ...parts,
  [TypeId]: TypeId,
  pipe() {
    return pipeArguments(this, arguments)
  }
})

const starting = (base: Making<Base>): StateCodec => make({ base, stages: [], readers: [], required: false })

/**
 * States as JSON, readable by langgraphgo: what a layer does without a codec.
 *
 * @since 0.3.0
 */
export const json: StateCodec = starting(Effect.succeed(Json.json))

/**
 * States in MessagePack, by msgpackr, which is loaded when a layer is built with it. What MessagePack
 * cannot hold without loss (a lone surrogate, a field `__proto__` or `toJSON`) is stored as JSON.
 *
 * @example
 * ```ts
 * import { StateCodec, TestMemory } from "effect-checkpoint"
 *
 * export const layer = TestMemory.layer({ codec: StateCodec.messagePack })
 * ```
 *
 * @see https://github.com/msgpack/msgpack/blob/master/spec.md
 * @since 0.3.0
 */
export const messagePack: StateCodec = starting(MessagePack.messagePack)

/**
 * A base of your own: a schema whose type is the state as JSON has it, and whose encoded side is any
 * other JSON, which is stored. It may be asynchronous. What a runner records does not pass through it:
 * only stages see that.
 *
 * The name is stored with each state, so it stays: a letter, and up to 63 more letters, digits, dots, `-` or `_`.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { StateCodec } from "effect-checkpoint"
 *
 * const Order = Schema.Struct({ customer: Schema.String, cents: Schema.Number })
 *
 * // Without the names of the fields.
 * const Short = Schema.transform(Schema.Tuple(Schema.String, Schema.Number), Order, {
 *   strict: true,
 *   decode: ([customer, cents]) => ({ customer, cents }),
 *   encode: ({ cents, customer }) => [customer, cents] as const
 * })
 *
 * export const orders = StateCodec.fromSchema("shop.order", Short)
 * ```
 *
 * @since 0.3.0
 */
export const fromSchema = <A, I>(name: string, schema: Schema.Schema<A, I>): StateCodec =>
  starting(customBase(name, schema))

const then = (stage: Making<Stage>) => (codec: StateCodec): StateCodec =>
  make({ ...codec, stages: [...codec.stages, stage] })

/**
 * How to compress.
 *
 * @since 0.3.0
 */
export interface CompressionOptions {
  /** States of fewer bytes are left as they are. Default: 1024. */
  readonly threshold?: number | undefined
  /** `deflate` is fast, `gzip` the same for tools that know no other, `brotli` smaller. Default: `deflate`. */
  readonly algorithm?: "deflate" | "gzip" | "brotli" | undefined
  /** 0 to 9, for brotli 0 to 11. More is slower and smaller. Default: zlib's 6, for brotli 4. */
  readonly level?: number | undefined
  /** The largest state in bytes before it is compressed, and so the most that reading one can cost. Default: 64 MiB. */
  readonly maxBytes?: number | undefined
}

/**
 * Compresses what is large enough, and what gets smaller by it. From 100 KiB on another thread does it.
 *
 * @example
 * ```ts
 * import { StateCodec, TestMemory } from "effect-checkpoint"
 *
 * export const layer = TestMemory.layer({
 *   codec: StateCodec.json.pipe(StateCodec.compressed({ threshold: 4096, algorithm: "brotli" }))
 * })
 * ```
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1
 * @since 0.3.0
 */
export const compressed = (options: CompressionOptions = {}): (codec: StateCodec) => StateCodec =>
  then(compression({
    algorithm: options.algorithm ?? "deflate",
    level: options.level,
    threshold: options.threshold ?? 1024,
    maxBytes: options.maxBytes ?? defaultMaxBytes
  }))

/**
 * A key of WebCrypto for AES-GCM with 256 bits, allowed to encrypt and to decrypt. It needs not be extractable.
 *
 * @since 0.3.0
 */
export interface CryptoKey {
  readonly algorithm: { readonly name: string }
  readonly extractable: boolean
  readonly type: string
  readonly usages: ReadonlyArray<string>
}

/**
 * 32 random bytes, or their base64, or a key of WebCrypto.
 *
 * @since 0.3.0
 */
export type Key = Redacted.Redacted<Uint8Array> | Redacted.Redacted<string> | CryptoKey

/**
 * How to encrypt.
 *
 * @since 0.3.0
 */
export interface EncryptionOptions<Id extends string = string> {
  /** By the id that is stored with what they encrypt. All of them decrypt. */
  readonly keys: Readonly<Record<Id, Key>>
  /** The key that encrypts. */
  readonly current: NoInfer<Id>
  /** Whether what is not encrypted is refused. `false` reads it, too, while old states are being replaced. Default: true. */
  readonly required?: boolean | undefined
}

/**
 * Encrypts and authenticates with AES-256-GCM: a fresh random 96-bit nonce for each value, and as
 * associated data the Redis key, the execution, the version, the codec and the key's id. What was
 * changed, or copied to another key, execution or version, is refused with `CheckpointDecodeError`.
 * It comes last; the length of what is encrypted stays visible.
 *
 * To rotate, add a key and make it `current`; the old ones stay until nothing is left that they
 * encrypted. A key is good for some 2^32 values.
 *
 * @example
 * ```ts
 * import { Redacted } from "effect"
 * import { StateCodec, TestMemory } from "effect-checkpoint"
 *
 * const key = () => Redacted.make(crypto.getRandomValues(new Uint8Array(32)))
 *
 * export const layer = TestMemory.layer({
 *   codec: StateCodec.json.pipe(StateCodec.encrypted({ keys: { old: key(), new: key() }, current: "new" }))
 * })
 * ```
 *
 * @see https://csrc.nist.gov/pubs/sp/800/38/d/final
 * @since 0.3.0
 */
export const encrypted =
  <const Id extends string>(options: EncryptionOptions<Id>) => (codec: StateCodec): StateCodec => ({
    ...then(encryption(options))(codec),
    required: options.required ?? true
  })

/**
 * A stage of your own between bytes and bytes: another compression, an encryption by a service. The
 * schema's type are the plain bytes, its encoded side what is stored. It may be asynchronous. Names are
 * as for {@link fromSchema}.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { StateCodec } from "effect-checkpoint"
 *
 * const flip = (bytes: Uint8Array) => bytes.map((byte) => byte ^ 0xff)
 *
 * const Flipped = Schema.transform(Schema.Uint8ArrayFromSelf, Schema.Uint8ArrayFromSelf, {
 *   strict: true,
 *   decode: flip,
 *   encode: flip
 * })
 *
 * export const flipped = StateCodec.json.pipe(StateCodec.transformed("flipped", Flipped))
 * ```
 *
 * @since 0.3.0
 */
export const transformed = (
  name: string,
  schema: Schema.Schema<Uint8Array, Uint8Array>
): (codec: StateCodec) => StateCodec => then(customStage(name, schema))

/**
 * The first codec, which also reads what others wrote: to leave encryption or a codec of your own behind.
 *
 * @example
 * ```ts
 * import { Redacted } from "effect"
 * import { StateCodec } from "effect-checkpoint"
 *
 * const before = StateCodec.json.pipe(
 *   StateCodec.encrypted({ keys: { old: Redacted.make(new Uint8Array(32)) }, current: "old" })
 * )
 *
 * export const now = StateCodec.json.pipe(StateCodec.alsoReading(before))
 * ```
 *
 * @since 0.3.0
 */
export const alsoReading = (...codecs: ReadonlyArray<StateCodec>) => (codec: StateCodec): StateCodec =>
  make({ ...codec, readers: [...codec.readers, ...codecs] })
