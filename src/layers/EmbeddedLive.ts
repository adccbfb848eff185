/**
 * Redis without a server: a keyspace in memory, every change of it written to a
 * `KeyValueStore` before it is acknowledged, with the commands, scripts, TTL
 * and errors of `TestMemory`.
 *
 * A program is stored entirely or not at all, also when the process is killed
 * at any instant and the store's `set` is not atomic. How well it outlives a
 * loss of power is up to the store: `KeyValueStore.layerFileSystem` does not
 * flush to the disk.
 *
 * @since 0.1.0
 */
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as journalKeeper from "../internal/journalKeeper.js"
import * as memoryRedis from "../internal/memoryRedis.js"
import type { StorageError } from "../schema/Errors.js"
import * as CheckpointStore from "../services/CheckpointStore.js"
import { Redis } from "../services/Redis.js"

/**
 * How the key-value store is used.
 *
 * @since 0.1.0
 */
export interface Options {
  /**
   * How large the journal of changes may grow before a snapshot of all data
   * takes its place; never before it is larger than the last snapshot. In
   * bytes, where an entry counts for 1 KiB at least. Default 1 MiB.
   */
  readonly journalBytes?: number | undefined
}

/**
 * Reads what the store holds, and keeps all data in memory and in the store.
 * The store must hold nothing else; `KeyValueStore.prefix` shares one.
 *
 * For one process at a time. The one that opens the store last owns it: the
 * others fail with `RedisConnectionError` (reason `Storage`) when they write
 * next. This guards against a mistake and is no lock: two processes that write
 * at the same instant can lose data.
 *
 * When the store fails, programs fail with `RedisConnectionError` (reason
 * `Storage`), and memory is read from the store again before the next one.
 * Building the layer fails likewise, with a cause that names the entry, when
 * the store holds damaged data.
 *
 * @example
 * ```ts
 * import { KeyValueStore } from "@effect/platform"
 * import { NodeContext } from "@effect/platform-node"
 * import { Effect, Layer } from "effect"
 * import { EmbeddedLive, Redis, RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * const layer = EmbeddedLive.redis().pipe(
 *   Layer.provide(KeyValueStore.layerFileSystem("./data")),
 *   Layer.provide(NodeContext.layer)
 * )
 *
 * export const countRuns = Effect.gen(function*() {
 *   const redis = yield* Redis.Redis
 *   return yield* redis.pipeline(RedisProgram.command("INCR", ["runs"], RedisReply.integer))
 * }).pipe(Effect.provide(layer))
 * ```
 *
 * @since 0.1.0
 */
export const redis = (options?: Options): Layer.Layer<Redis, StorageError, KeyValueStore.KeyValueStore> =>
  Layer.effect(
    Redis,
    KeyValueStore.KeyValueStore.pipe(
      Effect.flatMap((store) => journalKeeper.make(store, options?.journalBytes ?? 1024 * 1024)),
      Effect.flatMap(memoryRedis.make)
    )
  )

/**
 * The checkpoint store in a key-value store, with no server.
 *
 * @example
 * ```ts
 * import { KeyValueStore } from "@effect/platform"
 * import { EmbeddedLive } from "effect-checkpoint"
 * import { Layer } from "effect"
 *
 * // With a FileSystem and a Path from your platform, such as NodeContext.layer.
 * export const CheckpointsLive = EmbeddedLive.layer({ ttl: "30 days" }).pipe(
 *   Layer.provide(KeyValueStore.layerFileSystem("./checkpoints"))
 * )
 * ```
 *
 * @since 0.1.0
 */
export const layer = (
  options?: Options & CheckpointStore.Options
): Layer.Layer<
  CheckpointStore.CheckpointStore | Redis,
  ConfigError.ConfigError | StorageError,
  KeyValueStore.KeyValueStore
> => Layer.provideMerge(CheckpointStore.layer(options), redis(options))
