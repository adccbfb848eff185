/** Connections of the bench: the library's, one by hand, and one that looks at the server. */
import { Context, Effect, Layer } from "effect"
import { CheckpointStore, RedisLive, Runner } from "effect-checkpoint"
import { Redis } from "ioredis"
import { State } from "./state.js"

export const url = new URL(process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379")

const place = { host: url.hostname, port: Number(url.port) }

export const prefix = "bench:"

/** The defaults of ioredis but for one, which an honest store cannot have. */
export const client = (): Redis => new Redis({ ...place, maxRetriesPerRequest: 0 })

const connected = Effect.acquireRelease(
  Effect.promise(async () => {
    const redis = client()
    await redis.ping()
    return redis
  }),
  (redis) => Effect.sync(() => redis.disconnect())
)

export class World extends Context.Tag("bench/World")<World, {
  readonly bare: Redis
  readonly server: Redis
  readonly store: CheckpointStore.Store<State>
}>() {
  static readonly layer = Layer.scoped(
    World,
    Effect.all({ bare: connected, server: connected, store: CheckpointStore.forSchema(State) })
  ).pipe(
    Layer.provideMerge(Runner.layer()),
    Layer.provideMerge(RedisLive.layer({ ...place, prefix, timeout: "2 minutes" }))
  )
}

export type Requirements = Layer.Layer.Success<typeof World.layer>
