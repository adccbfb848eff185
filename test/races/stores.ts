import { Context, Effect, Layer, Logger, LogLevel } from "effect"
import * as RedisLive from "../../src/layers/RedisLive.js"
import * as CheckpointStore from "../../src/services/CheckpointStore.js"
import * as Redis from "../../src/services/Redis.js"

/** A store and what it stands on. */
export interface Opened {
  readonly redis: Redis.Service
  readonly store: CheckpointStore.Service
}

/** A store on a connection of its own, closed with the scope. What the layer logs of lost connections is not shown. */
export const open = (options: RedisLive.Options, store: CheckpointStore.Options = {}) =>
  CheckpointStore.layer(store).pipe(
    Layer.provideMerge(RedisLive.redis({ host: "127.0.0.1", ...options })),
    Layer.build,
    Effect.map((context): Opened => ({
      redis: Context.get(context, Redis.Redis),
      store: Context.get(context, CheckpointStore.CheckpointStore)
    })),
    Logger.withMinimumLogLevel(LogLevel.None)
  )

export const openMany = (count: number, options: RedisLive.Options, store: CheckpointStore.Options = {}) =>
  Effect.all(Array.from({ length: count }, () => open(options, store)), { concurrency: 4 })
