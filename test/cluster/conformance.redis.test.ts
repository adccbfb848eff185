import { Effect, Layer } from "effect"
import * as RedisLive from "../../src/layers/RedisLive.js"
import { storeSuite } from "../conformance/storeSuite.js"
import { RedisCluster } from "../support/RedisCluster.js"

const redis = Layer.unwrapEffect(
  Effect.map(RedisCluster, ({ nodes }) => RedisLive.redisCluster({ nodes }))
).pipe(Layer.provide(RedisCluster.layer()))

storeSuite("a cluster", { index: "sortedSet", cluster: true, redis })
