import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { BuildError } from "../../../layers/RedisLive.js"
import * as CheckpointStore from "../../../services/CheckpointStore.js"
import { Redis } from "../../../services/Redis.js"
import { connectWith } from "../lifecycle.js"
import { service } from "../service.js"
import type { SentinelOptions, SentinelStoreOptions } from "./options.js"
import { fromSentinelOptions } from "./settings.js"

/**
 * A connection to the master that sentinels name, as `RedisLive.redis` makes one to a server. When they
 * name another one, it is dropped: what is in flight fails with `RedisConnectionError`, outcome
 * `Unknown`, and the layer connects to the new master, asking the sentinels again. A server that has
 * become a replica is left. Until there is a master programs wait, are tried again by the `retry`
 * schedule if that is safe, and fail with reason `Refused` or `Timeout`: a retry can help.
 *
 * No sentinel that answers, or none that knows the name, fails the building of the layer.
 *
 * @example
 * ```ts
 * import { RedisLive } from "effect-checkpoint"
 * import { Redacted } from "effect"
 *
 * export const layer = RedisLive.redisSentinel({
 *   sentinels: ["10.0.0.1:26379", "10.0.0.2:26379", "10.0.0.3:26379"],
 *   name: "orders",
 *   password: Redacted.make("secret"),
 *   sentinelPassword: Redacted.make("another secret")
 * })
 * ```
 *
 * @see https://redis.io/docs/latest/develop/reference/sentinel-clients/
 * @since 0.3.0
 */
export const redisSentinel = (options: SentinelOptions): Layer.Layer<Redis, BuildError> =>
  Layer.scoped(Redis, Effect.map(connectWith(fromSentinelOptions(options)), service))

/**
 * The checkpoint store on the master that sentinels name. Redis replicates after it has acknowledged: a
 * failover can lose acknowledged saves. The next guarded save then fails with a `CheckpointConflict`
 * whose `isLoss` says so. See docs/sentinel.md.
 *
 * @example
 * ```ts
 * import { RedisLive } from "effect-checkpoint"
 *
 * export const CheckpointsLive = RedisLive.layerSentinel({
 *   sentinels: ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
 *   name: "orders",
 *   prefix: "orders:",
 *   durability: "replicas"
 * })
 * ```
 *
 * @since 0.3.0
 */
export const layerSentinel = (
  options: SentinelStoreOptions
): Layer.Layer<CheckpointStore.CheckpointStore | Redis, BuildError> =>
  Layer.provideMerge(CheckpointStore.layer(options), redisSentinel(options))

/**
 * The same, with options from the configuration.
 *
 * @example
 * ```ts
 * import { RedisLive } from "effect-checkpoint"
 * import { Config } from "effect"
 *
 * export const CheckpointsLive = RedisLive.layerSentinelConfig({
 *   sentinels: Config.array(Config.string(), "REDIS_SENTINELS"), // 10.0.0.1:26379,10.0.0.2:26379
 *   name: Config.string("REDIS_MASTER"),
 *   password: Config.redacted("REDIS_PASSWORD"),
 *   sentinelPassword: Config.redacted("REDIS_SENTINEL_PASSWORD")
 * })
 * ```
 *
 * @since 0.3.0
 */
export const layerSentinelConfig = (
  options: Config.Config.Wrap<SentinelStoreOptions>
): Layer.Layer<CheckpointStore.CheckpointStore | Redis, BuildError> =>
  Layer.unwrapEffect(Effect.map(Config.unwrap(options), layerSentinel))
