import { Effect, Layer } from "effect"
import { RedisLive } from "effect-checkpoint"
import { codecs } from "../codecs/Codecs.js"
import { storeSuite } from "../conformance/storeSuite.js"
import { RedisCluster } from "../support/RedisCluster.js"

const redis = Layer.unwrapEffect(
  Effect.map(RedisCluster, ({ nodes }) => RedisLive.redisCluster({ nodes }))
).pipe(Layer.provide(RedisCluster.layer({ replicas: 0 })))

for (const name of ["messagePack", "deflate", "encrypted"]) {
  storeSuite(`a cluster, codec ${name}`, { index: "sortedSet", cluster: true, redis, codec: codecs[name] })
}
