import { assert, describe, layer } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import * as RedisLive from "../../src/layers/RedisLive.js"
import * as CheckpointStore from "../../src/services/CheckpointStore.js"
import { RedisServer } from "../support/RedisServer.js"
import { input, range } from "./Bench.js"

const setup = Effect.gen(function*() {
  const server = yield* RedisServer
  const redis = RedisLive.redis({ url: Redacted.make(`redis://127.0.0.1:${server.port}`) })
  const store = Context.get(
    yield* Layer.build(Layer.provide(CheckpointStore.layer(), redis)),
    CheckpointStore.CheckpointStore
  )
  const { send } = yield* server.connect
  const time = Effect.map(send("TIME"), (reply) => {
    const [seconds, micros] = (reply as ReadonlyArray<string>).map(Number)
    return { micros: micros!, all: seconds! * 1_000_000 + micros! }
  })
  return { store, send, time }
})

describe("when an execution was last saved", () => {
  layer(RedisServer.layer(), { excludeTestServices: true })((it) => {
    it.scoped("is the server's time in microseconds, also where those begin with zeros", () =>
      Effect.gen(function*() {
        const { send, store, time } = yield* setup
        yield* store.save(input("a", "warm", 1))
        yield* Effect.repeat(time, { until: ({ micros }) => micros < 50_000, times: 100_000 })
        const { all: before } = yield* time
        yield* store.saveAll(range(3).map((n) => input(`a${n}`, `run${n}`, 1)))
        const { all: after } = yield* time
        for (const n of range(3)) {
          const score = Number(yield* send("ZSCORE", store.layout.executions, `run${n}`))
          assert.isAtLeast(score, before)
          assert.isAtMost(score, after)
        }
      }))
  })
})
