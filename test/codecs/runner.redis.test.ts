import { Effect, Layer, Redacted } from "effect"
import { RedisLive } from "effect-checkpoint"
import { runnerSuite } from "../runner/runnerSuite.js"
import { RedisServer } from "../support/RedisServer.js"
import { codecs } from "./Codecs.js"

const redis = Layer.unwrapEffect(
  Effect.map(RedisServer, ({ url }) => RedisLive.redis({ url: Redacted.make(url) }))
).pipe(Layer.provide(RedisServer.layer()))

runnerSuite("a server, codec all", { redis, codec: codecs["all"] })
