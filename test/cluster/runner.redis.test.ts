import { Effect, Layer } from "effect"
import { RedisLive } from "effect-checkpoint"
import { runnerSuite } from "../runner/runnerSuite.js"
import { RedisCluster } from "../support/RedisCluster.js"

const redis = Layer.unwrapEffect(
  Effect.map(RedisCluster, ({ nodes }) => RedisLive.redisCluster({ nodes }))
).pipe(Layer.provide(RedisCluster.layer()))

runnerSuite("a cluster", { cluster: true, redis })
