import { Effect, Layer, Redacted } from "effect"
import { RedisLive } from "effect-checkpoint"
import { RedisServer } from "../support/RedisServer.js"
import { runnerSuite } from "./runnerSuite.js"

const redis = Layer.unwrapEffect(
  Effect.map(RedisServer, ({ url }) => RedisLive.redis({ url: Redacted.make(url) }))
).pipe(Layer.provide(RedisServer.layer()))

runnerSuite("a server", { redis })
