import { Effect, Layer, Redacted } from "effect"
import * as RedisLive from "../../src/layers/RedisLive.js"
import { storeSuite } from "../conformance/storeSuite.js"
import { RedisServer } from "../support/RedisServer.js"
import { codecs } from "./Codecs.js"

const redis = Layer.unwrapEffect(
  Effect.map(RedisServer, ({ url }) => RedisLive.redis({ url: Redacted.make(url) }))
).pipe(Layer.provide(RedisServer.layer()))

for (const name of ["gzip", "all", "own"]) {
  storeSuite(`a server, codec ${name}`, { index: "sortedSet", redis, codec: codecs[name] })
}
