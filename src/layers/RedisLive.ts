/**
 * Runs programs on a Redis server, through ioredis 5.11 or 6. ioredis is loaded
 * when a layer is built, not when this module is imported.
 *
 * Nothing is sent twice behind the caller's back, nothing is pending past its
 * deadline, and an error says whether what failed may have been applied.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { RedisClient } from "../internal/live/client.js"
import { connectCluster, expirations as clusterExpirations } from "../internal/live/cluster/connect.js"
import { run as runOnCluster } from "../internal/live/cluster/run.js"
import type { Connection } from "../internal/live/connection.js"
import { attach, connect } from "../internal/live/lifecycle.js"
import type { ClientOptions, ClusterOptions, Options } from "../internal/live/options.js"
import * as retry from "../internal/live/retry.js"
import { service } from "../internal/live/service.js"
import type { RedisCommandError, RedisConnectionError, StorageError } from "../schema/Errors.js"
import * as CheckpointStore from "../services/CheckpointStore.js"
import { Redis } from "../services/Redis.js"

export type { RedisClient } from "../internal/live/client.js"
export type { ClientOptions, ClusterOptions, Options, TlsOptions } from "../internal/live/options.js"
export { layerSentinel, layerSentinelConfig, redisSentinel } from "../internal/live/sentinel/layers.js"
export type { SentinelOptions, SentinelStoreOptions } from "../internal/live/sentinel/options.js"

/**
 * What building a layer can fail with: an option is wrong, there is no
 * connection, or the server refused the first command.
 *
 * @since 0.1.0
 */
export type BuildError = ConfigError.ConfigError | RedisConnectionError | RedisCommandError

const layerOf = (connection: Effect.Effect<Connection, BuildError, Scope.Scope>): Layer.Layer<Redis, BuildError> =>
  Layer.scoped(Redis, Effect.map(connection, service))

/**
 * The default of the option `retry`: after 50 milliseconds, doubled each time
 * up to a second, with jitter, for 10 seconds in all.
 *
 * @example
 * ```ts
 * import { RedisLive } from "effect-checkpoint"
 * import { Schedule } from "effect"
 *
 * export const patient = RedisLive.redis({
 *   retry: RedisLive.defaultRetry.pipe(Schedule.andThen(Schedule.spaced("5 seconds")), Schedule.upTo("1 minute"))
 * })
 * ```
 *
 * @since 0.1.0
 */
export const defaultRetry: Schedule.Schedule<unknown, StorageError> = retry.defaultRetry

/**
 * A connection of its own, made and checked with a PING while the layer is
 * built, within `connectTimeout`: the first failed attempt fails the layer.
 * Later it reconnects by itself. The release waits for commands in flight, for
 * `closeTimeout` at most.
 *
 * @example
 * ```ts
 * import { RedisLive } from "effect-checkpoint"
 * import { Redacted } from "effect"
 *
 * export const layer = RedisLive.redis({
 *   url: Redacted.make("rediss://app:secret@redis.example.com:6380/2"),
 *   timeout: "2 seconds"
 * })
 * ```
 *
 * @since 0.1.0
 */
export const redis = (options: Options = {}): Layer.Layer<Redis, BuildError> => layerOf(connect(options))

/**
 * The same, with options from the configuration.
 *
 * @example
 * ```ts
 * import { RedisLive } from "effect-checkpoint"
 * import { Config } from "effect"
 *
 * export const layer = RedisLive.redisConfig({
 *   url: Config.redacted("REDIS_URL"),
 *   timeout: Config.duration("REDIS_TIMEOUT").pipe(Config.withDefault("5 seconds"))
 * })
 * ```
 *
 * @since 0.1.0
 */
export const redisConfig = (options: Config.Config.Wrap<Options>): Layer.Layer<Redis, BuildError> =>
  layerOf(Effect.flatMap(Config.unwrap(options), connect))

/**
 * On a client of the caller's, which is never closed here. A client that waits
 * to be connected is connected. One whose settings would break the guarantees
 * is refused with a `ConfigError` that names the setting: it needs
 * `maxRetriesPerRequest: 0`, and no `keyPrefix`, `commandTimeout`,
 * `enableAutoPipelining`, `stringNumbers`, `replyMapping: "resp3"` or
 * `autoResendUnfulfilledCommands: false`. At a deadline its connection is
 * dropped, also for what the caller has in flight there.
 *
 * @example
 * ```ts
 * import { RedisLive } from "effect-checkpoint"
 * import { Redis } from "ioredis"
 *
 * const client = new Redis({ maxRetriesPerRequest: 0 })
 *
 * export const layer = RedisLive.redisFromClient(client)
 * ```
 *
 * @since 0.1.0
 */
export const redisFromClient = (client: RedisClient, options: ClientOptions = {}): Layer.Layer<Redis, BuildError> =>
  layerOf(attach(client, options))

/**
 * What the layers of the store take: the connection's options and the store's.
 *
 * @since 0.1.0
 */
export interface StoreOptions extends Options, CheckpointStore.Options {}

const withStore = (
  options: CheckpointStore.Options,
  redis: Layer.Layer<Redis, BuildError>
): Layer.Layer<CheckpointStore.CheckpointStore | Redis, BuildError> =>
  Layer.provideMerge(CheckpointStore.layer(options), redis)

/**
 * The checkpoint store on a connection of its own: the layer for production.
 * See {@link redis} for the connection.
 *
 * @example
 * ```ts
 * import { RedisLive } from "effect-checkpoint"
 * import { Redacted } from "effect"
 *
 * export const CheckpointsLive = RedisLive.layer({
 *   url: Redacted.make("redis://localhost:6379"),
 *   prefix: "orders:",
 *   ttl: "30 days",
 *   maxCheckpoints: 100
 * })
 * ```
 *
 * @since 0.1.0
 */
export const layer = (
  options: StoreOptions = {}
): Layer.Layer<CheckpointStore.CheckpointStore | Redis, BuildError> => withStore(options, redis(options))

/**
 * The same, with options from the configuration.
 *
 * @example
 * ```ts
 * import { RedisLive } from "effect-checkpoint"
 * import { Config } from "effect"
 *
 * export const CheckpointsLive = RedisLive.layerConfig({
 *   url: Config.redacted("REDIS_URL"),
 *   prefix: Config.string("CHECKPOINT_PREFIX").pipe(Config.withDefault("orders:"))
 * })
 * ```
 *
 * @since 0.1.0
 */
export const layerConfig = (
  options: Config.Config.Wrap<StoreOptions>
): Layer.Layer<CheckpointStore.CheckpointStore | Redis, BuildError> =>
  Layer.unwrapEffect(Effect.map(Config.unwrap(options), layer))

/**
 * The checkpoint store on a client of the caller's. See {@link redisFromClient}.
 *
 * @example
 * ```ts
 * import { RedisLive } from "effect-checkpoint"
 * import { Redis } from "ioredis"
 *
 * const client = new Redis({ maxRetriesPerRequest: 0 })
 *
 * export const CheckpointsLive = RedisLive.fromClient(client, { prefix: "orders:" })
 * ```
 *
 * @since 0.1.0
 */
export const fromClient = (
  client: RedisClient,
  options: ClientOptions & CheckpointStore.Options = {}
): Layer.Layer<CheckpointStore.CheckpointStore | Redis, BuildError> =>
  withStore(options, redisFromClient(client, options))

/**
 * Connections to the masters of a Redis Cluster. One node tells the others, within `connectTimeout` while
 * the layer is built; later what moves is followed, and who fails is replaced by the replica that takes
 * over. What a connection promises holds for each of them, see {@link redis}.
 *
 * A pipeline is sent to all nodes at once, the commands of one node together; those of one slot stay in
 * order, unless it is being moved. A transaction whose keys are in more than one slot fails with code
 * `CROSSSLOT`, a command of which it cannot be told where it goes with `NOKEY`, and nothing is sent.
 * `expirations` hears the masters that there are when it starts.
 *
 * @example
 * ```ts
 * import { RedisLive } from "effect-checkpoint"
 * import { Redacted } from "effect"
 *
 * export const layer = RedisLive.redisCluster({ nodes: ["10.0.0.1:6379", "10.0.0.2:6379"], password: Redacted.make("secret") })
 * ```
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
 * @since 0.3.0
 */
export const redisCluster = (options: ClusterOptions = {}): Layer.Layer<Redis, BuildError> =>
  Layer.scoped(
    Redis,
    Effect.map(connectCluster(options), (cluster) =>
      Redis.of({
        pipeline: runOnCluster(cluster, false),
        transaction: runOnCluster(cluster, true),
        expirations: clusterExpirations(cluster)
      }))
  )

/**
 * What the layers of the store on a cluster take.
 *
 * @since 0.3.0
 */
export interface ClusterStoreOptions extends ClusterOptions, Omit<CheckpointStore.Options, "cluster" | "index"> {}

/**
 * The checkpoint store on a Redis Cluster. All keys of an execution are in one slot; its verbs are atomic
 * as on one server. The names of executions and, for ids that the library did not make, the place of the
 * checkpoint are in other slots, and are written first. See docs/cluster.md for what that means.
 *
 * @example
 * ```ts
 * import { RedisLive } from "effect-checkpoint"
 *
 * export const CheckpointsLive = RedisLive.layerCluster({
 *   nodes: ["10.0.0.1:6379", "10.0.0.2:6379", "10.0.0.3:6379"],
 *   prefix: "orders:",
 *   ttl: "30 days"
 * })
 * ```
 *
 * @since 0.3.0
 */
export const layerCluster = (
  options: ClusterStoreOptions = {}
): Layer.Layer<CheckpointStore.CheckpointStore | Redis, BuildError> =>
  withStore({ ...options, cluster: true }, redisCluster(options))

/**
 * The same, with options from the configuration.
 *
 * @example
 * ```ts
 * import { RedisLive } from "effect-checkpoint"
 * import { Config } from "effect"
 *
 * export const CheckpointsLive = RedisLive.layerClusterConfig({
 *   nodes: Config.array(Config.string(), "REDIS_NODES"),
 *   password: Config.redacted("REDIS_PASSWORD")
 * })
 * ```
 *
 * @since 0.3.0
 */
export const layerClusterConfig = (
  options: Config.Config.Wrap<ClusterStoreOptions>
): Layer.Layer<CheckpointStore.CheckpointStore | Redis, BuildError> =>
  Layer.unwrapEffect(Effect.map(Config.unwrap(options), layerCluster))
