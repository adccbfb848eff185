import { Effect, Layer } from "effect"
import { RedisLive } from "effect-checkpoint"
import { codecs } from "../codecs/Codecs.js"
import { runnerSuite } from "../runner/runnerSuite.js"
import { RedisCluster } from "../support/RedisCluster.js"

const redis = Layer.unwrapEffect(
  Effect.map(RedisCluster, ({ nodes }) => RedisLive.redisCluster({ nodes }))
).pipe(Layer.provide(RedisCluster.layer({ replicas: 0 })))

runnerSuite("a cluster, codec all", { cluster: true, redis, codec: codecs["all"] })
