/** Checkpoints and the runner, on the Redis of `REDIS_URL`. */
import { Config, Layer } from "effect"
import { RedisLive, Runner } from "effect-checkpoint"

export const storage = Runner.layer({ maxCheckpoints: Infinity }).pipe(
  Layer.provideMerge(
    RedisLive.layerConfig({ url: Config.redacted("REDIS_URL"), prefix: Config.succeed("examples:") })
  )
)
