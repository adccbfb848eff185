/**
 * What is stored: the state of an execution after one of its steps. A `version`
 * gives it its place in the history, an `id` its name.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { fromWire } from "../internal/envelope.js"
import { Timestamp } from "./Timestamp.js"

/**
 * Free data beside the state. The keys `execution_id` and `write_id` are the
 * library's: `executionId` is stored under the first, the second tells a
 * repeated compare-and-set from a competing one, and is refused when saved.
 *
 * @since 0.1.0
 */
export type Metadata = { readonly [key: string]: unknown }

/**
 * A checkpoint as it is read.
 *
 * @example
 * ```ts
 * import { DateTime, Option } from "effect"
 * import type { Checkpoint } from "effect-checkpoint"
 *
 * export const title = ({ executionId, nodeName, timestamp, version }: Checkpoint.Checkpoint<unknown>) =>
 *   `${Option.getOrElse(executionId, () => "-")} ${version} ${nodeName} ${DateTime.formatIso(timestamp)}`
 * ```
 *
 * @since 0.1.0
 */
export interface Checkpoint<out State> {
  /** Unique within a prefix; 1 byte to 1 KiB of UTF-8, any characters. */
  readonly id: string
  /** The execution it belongs to. Without one it is stored, but in no list. */
  readonly executionId: Option.Option<string>
  /** The step that produced the state. Any text. */
  readonly nodeName: string
  /** As the schema has it; in `CheckpointStore` itself and in programs, as JSON has it. */
  readonly state: State
  /** Without the library's keys. */
  readonly metadata: Metadata
  /** To the millisecond. It decides nothing. */
  readonly timestamp: DateTime.Utc
  /** Decides the order within the execution; a safe integer. */
  readonly version: number
  /** Fields of the stored JSON that are not ours; written back as they were. */
  readonly unknownFields: { readonly [field: string]: unknown }
}

/**
 * What `save` takes: a checkpoint, with defaults for what is seldom set. A
 * checkpoint that was read fits as it is.
 *
 * @example
 * ```ts
 * import type { Checkpoint } from "effect-checkpoint"
 *
 * export const paid: Checkpoint.Input<{ readonly cents: number }> = {
 *   id: "order-7-paid",
 *   executionId: "order-7",
 *   nodeName: "pay",
 *   state: { cents: 1250 },
 *   version: 2
 * }
 * ```
 *
 * @since 0.1.0
 */
export interface Input<out State> {
  /** 1 byte to 1 KiB of UTF-8, any characters. One that exists is overwritten. */
  readonly id: string
  /** The same limits. Default: `metadata.execution_id` if it is a string, else none. */
  readonly executionId?: string | Option.Option<string> | undefined
  /** The step that produced the state. Any text. */
  readonly nodeName: string
  /** JSON without loss once the schema has encoded it. */
  readonly state: State
  /** JSON without loss. Default: `{}`. */
  readonly metadata?: Metadata | undefined
  /** In the years 0 to 9999. Default: now, by Effect's `Clock`. */
  readonly timestamp?: DateTime.Utc | undefined
  /** A safe integer. Start at 1: compare-and-set takes 0 for no checkpoint. */
  readonly version: number
  /** What `unknownFields` of a checkpoint gave. Default: `{}`. */
  readonly unknownFields?: { readonly [field: string]: unknown } | undefined
}

/**
 * A place in the order of an execution: a version and, among checkpoints of the
 * same version, an id. A checkpoint is one, and needs not exist any more; a
 * number stands for a version alone.
 *
 * @since 0.1.0
 */
export type Position = number | { readonly version: number; readonly id: string }

const SafeInteger = Schema.Number.pipe(Schema.filter((n) => Number.isSafeInteger(n), {
  message: () => "expected an integer within ±(2^53 - 1), which is what JavaScript holds without loss"
}))

/** As it is: a Record would take an own `__proto__` for the prototype. */
const FreeForm = Schema.declare(
  (u): u is Metadata => typeof u === "object" && u !== null && !Array.isArray(u),
  { identifier: "object" }
)

const Known = Schema.Struct({
  id: Schema.String,
  node_name: Schema.String,
  state: Schema.optional(Schema.Unknown),
  metadata: Schema.optional(Schema.NullOr(FreeForm)),
  timestamp: Timestamp,
  version: SafeInteger
})

const decodeKnown = ParseResult.decodeUnknown(Known)

const encodeKnown = ParseResult.encode(Known)

const Domain = Schema.Struct({
  id: Schema.String,
  executionId: Schema.OptionFromSelf(Schema.String),
  nodeName: Schema.String,
  state: Schema.Unknown,
  metadata: FreeForm,
  timestamp: Schema.DateTimeUtcFromSelf,
  version: SafeInteger,
  unknownFields: FreeForm
})

const knownOf = (checkpoint: typeof Domain.Encoded): typeof Known.Type => ({
  id: checkpoint.id,
  node_name: checkpoint.nodeName,
  state: checkpoint.state,
  metadata: Option.match(checkpoint.executionId, {
    onNone: () => checkpoint.metadata,
    onSome: (execution_id) => ({ ...checkpoint.metadata, execution_id })
  }),
  timestamp: checkpoint.timestamp,
  version: checkpoint.version
})

/**
 * The stored JSON, byte-compatible with langgraphgo, and the checkpoint. The
 * state stays as JSON has it. Times follow RFC 3339.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Checkpoint } from "effect-checkpoint"
 *
 * export const read = Schema.decodeUnknownEither(Schema.parseJson(Checkpoint.Envelope))
 * ```
 *
 * @see https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 * @since 0.1.0
 */
export const Envelope: Schema.Schema<Checkpoint<unknown>, Metadata> = Schema.transformOrFail(FreeForm, Domain, {
  strict: true,
  decode: (wire) =>
    ParseResult.map(decodeKnown(wire, { errors: "all" }), (known) => fromWire(wire, known, known.timestamp)),
  // Known fields give the order, and win.
  encode: (checkpoint) =>
    ParseResult.map(
      encodeKnown(knownOf(checkpoint)),
      (known): Metadata => ({ ...known, ...checkpoint.unknownFields, ...known })
    )
})

/**
 * The codec of checkpoints whose state has a schema: what a store's view does to
 * the stored JSON, for programs and tools that read it themselves.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Checkpoint } from "effect-checkpoint"
 *
 * export const OrderCheckpoint = Schema.parseJson(Checkpoint.schema(Schema.Struct({ total: Schema.Number })))
 * ```
 *
 * @since 0.1.0
 */
export const schema = <A, I, R>(
  state: Schema.Schema<A, I, R>
): Schema.Schema<Checkpoint<A>, Metadata, R> =>
  Schema.compose(
    Envelope,
    Schema.Struct({ ...Domain.fields, state }),
    // The envelope leaves the state open: what the state's schema makes of it decides.
    { strict: false }
  )
