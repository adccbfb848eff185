/**
 * Save, load, list, delete and clear the checkpoints of executions: atomically,
 * with compare-and-set, time to live and retention.
 *
 * The service stores encoded states, as JSON has them; {@link forSchema} gives
 * the view of one type of state. Every verb fails with `StorageError` when Redis
 * cannot be reached or refuses; see each for what else.
 *
 * @example
 * ```ts
 * import { Effect, Option, Schema } from "effect"
 * import { CheckpointStore } from "effect-checkpoint"
 *
 * const Job = Schema.Struct({ done: Schema.Int })
 *
 * // Goes on from the last checkpoint, one step a call. Of two processes that do so at once, one gets a conflict.
 * export const step = Effect.gen(function*() {
 *   const jobs = yield* CheckpointStore.forSchema(Job)
 *   const after = Option.getOrUndefined(yield* jobs.latest("job"))
 *   const done = (after?.state.done ?? 0) + 1
 *   return yield* jobs.append("job", { nodeName: "step", state: { done }, after: after ?? { version: 0 } })
 * })
 * ```
 *
 * @since 0.1.0
 */
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import type { Core } from "../internal/store/core.js"
import { makeService } from "../internal/store/make.js"
import type { StateCodec } from "../schema/StateCodec.js"
import type { IndexKind, KeyLayout } from "./KeyLayout.js"
import { Redis } from "./Redis.js"
import type { Durability, Store } from "./Store.js"

export type * from "./Store.js"

/**
 * The store of states as JSON has them, and what makes views of it.
 *
 * @since 0.1.0
 */
export interface Service extends Store<unknown> {
  /** Where the store keeps things, for programs of your own. */
  readonly layout: KeyLayout
  /** The view of one type of state; see {@link forSchema}. Sends nothing. */
  readonly forSchema: <A, I, R>(state: Schema.Schema<A, I, R>) => Store<A, R>
  /** @internal */
  readonly core: Core
}

/**
 * The store, from `RedisLive.layer`, `TestMemory.layer` or `EmbeddedLive.layer`.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { CheckpointStore } from "effect-checkpoint"
 *
 * export const forget = (executionId: string) =>
 *   Effect.flatMap(CheckpointStore.CheckpointStore, (store) => store.clear(executionId))
 * ```
 *
 * @since 0.1.0
 */
export class CheckpointStore extends Context.Tag("effect-checkpoint/CheckpointStore")<CheckpointStore, Service>() {}

/**
 * The store's view of one type of state. Encoders and decoders are built here,
 * once: keep the result. A state that does not encode is a `CheckpointEncodeError`
 * and nothing is sent; one that does not decode is a `CheckpointDecodeError`. Fields
 * that are not in the schema are refused when saved.
 *
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { CheckpointStore } from "effect-checkpoint"
 *
 * const Order = Schema.Struct({ total: Schema.Number, paid: Schema.Boolean })
 *
 * export const charge = Effect.gen(function*() {
 *   const orders = yield* CheckpointStore.forSchema(Order)
 *   const checkpoint = yield* orders.append("order-7", { nodeName: "charge", state: { total: 12.5, paid: true } })
 *   return checkpoint.version
 * })
 * ```
 *
 * @since 0.1.0
 */
export const forSchema = <A, I, R>(
  state: Schema.Schema<A, I, R>
): Effect.Effect<Store<A, R>, never, CheckpointStore> => Effect.map(CheckpointStore, (store) => store.forSchema(state))

/**
 * Checked when the layer is built: a wrong one is a `ConfigError` that names it.
 *
 * @since 0.1.0
 */
export interface Options {
  /**
   * What every key starts with, up to 1 KiB. Default: `langgraph:`. Two prefixes
   * never meet, unless one spells out the other and our key names.
   */
  readonly prefix?: string | undefined
  /**
   * Time to live of saves that name none. 0 never expires. Default: never.
   * langgraphgo's "negative expires at once" is refused: do not save instead.
   */
  readonly ttl?: Duration.DurationInput | undefined
  /**
   * Reading a checkpoint renews the time to live of it and of its index to
   * `ttl`, never shortens it, and leaves what never expires alone. Needs `ttl`.
   * Default: false.
   */
  readonly refreshOnRead?: boolean | undefined
  /** Checkpoints to keep an execution, a positive integer or `Infinity`; see `SaveOptions`. Default: all. */
  readonly maxCheckpoints?: number | undefined
  /**
   * `set` shares an older langgraphgo's index: order is made after reading,
   * `expectedVersion`, `append`, `copy` and `maxCheckpoints` are refused.
   * Default: `sortedSet`.
   */
  readonly index?: IndexKind | undefined
  /**
   * Keys for Redis Cluster: all of an execution in one slot. `RedisLive.layerCluster` sets it; keys of one
   * form are not found by the other. Needs the sorted set and a prefix without braces. Default: false.
   */
  readonly cluster?: boolean | undefined
  /** Where every write has to be before it counts; see `Durability`. Default: `memory`. */
  readonly durability?: Durability | undefined
  /**
   * How states, and what a runner records, are stored: see `StateCodec`. What other codecs wrote is read,
   * too. Default: `StateCodec.json`.
   */
  readonly codec?: StateCodec | undefined
  /** Largest checkpoint, in bytes of JSON as it is stored, from 1 to 512 MiB, which is Redis' own limit and the default. */
  readonly maxBytes?: number | undefined
}

/**
 * The store on any interpreter of Redis programs. `RedisLive.layer`,
 * `TestMemory.layer` and `EmbeddedLive.layer` bring theirs along. Building it
 * checks the options and sends nothing.
 *
 * @example
 * ```ts
 * import { Layer } from "effect"
 * import { CheckpointStore, RedisLive } from "effect-checkpoint"
 *
 * export const CheckpointsLive = CheckpointStore.layer({ prefix: "shop:", ttl: "30 days" }).pipe(
 *   Layer.provideMerge(RedisLive.redis())
 * )
 * ```
 *
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<CheckpointStore, ConfigError.ConfigError, Redis> =>
  Layer.effect(
    CheckpointStore,
    Effect.flatMap(Redis, (redis) => Effect.map(makeService(redis, options), CheckpointStore.of))
  )
