import { Clock, Effect, Layer, Redacted } from "effect"
import * as RedisLive from "../../src/layers/RedisLive.js"
import { RedisServer } from "../support/RedisServer.js"
import { executionSuite } from "./executionSuite.js"

const redis = Layer.unwrapEffect(
  Effect.map(RedisServer, ({ url }) => RedisLive.redis({ url: Redacted.make(url) }))
).pipe(Layer.provide(RedisServer.layer()))

executionSuite("a server", { redis, elapse: (millis) => Effect.withClock(Effect.sleep(millis), Clock.make()) })
