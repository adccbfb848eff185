import { Effect, Layer, Redacted } from "effect"
import * as RedisLive from "../../src/layers/RedisLive.js"
import { RedisServer } from "../support/RedisServer.js"
import { storeSuite } from "./storeSuite.js"

const redis = Layer.unwrapEffect(
  Effect.map(RedisServer, ({ url }) => RedisLive.redis({ url: Redacted.make(url) }))
).pipe(Layer.provide(RedisServer.layer()))

storeSuite("a server", { index: "sortedSet", redis })
storeSuite("a server, index: \"set\"", { index: "set", redis })
