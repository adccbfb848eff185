/** Where checkpoints go: Redis if `REDIS_URL` is set, else a folder. The program does not see the difference. */
import { KeyValueStore } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { Config, Effect, Layer, Option } from "effect"
import { EmbeddedLive, RedisLive, Runner } from "effect-checkpoint"

export const redisUrl = Config.option(Config.redacted("REDIS_URL"))

const checkpoints = (place: { readonly folder: string; readonly prefix: string }) =>
  Layer.unwrapEffect(Effect.map(redisUrl, (url) =>
    Option.isSome(url)
      ? RedisLive.layer({ url: url.value, prefix: place.prefix, ttl: "1 hour" })
      : EmbeddedLive.layer({ prefix: place.prefix }).pipe(
        Layer.provide(KeyValueStore.layerFileSystem(`${place.folder}/checkpoints`)),
        Layer.provide(NodeContext.layer)
      )))

/** The runner keeps all checkpoints, since the proof reads every one. */
export const storage = (place: { readonly folder: string; readonly prefix: string }) =>
  Runner.layer({ maxCheckpoints: Infinity }).pipe(Layer.provideMerge(checkpoints(place)))
