/** Steps of a fiber are what an operation costs this side of the socket; unlike its time they can be counted. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Schema, Tracer } from "effect"
import { CheckpointStore, RedisLive } from "effect-checkpoint"
import { RedisServer } from "../support/RedisServer.js"

const State = Schema.Struct({ n: Schema.Int })

const StoreLive = Layer.unwrapEffect(Effect.map(RedisServer, ({ url }) => RedisLive.layer({ url: Redacted.make(url) })))
  .pipe(Layer.provideMerge(RedisServer.layer()))

/** A tracer is told of every step. */
const counting = Effect.map(Effect.tracer, (tracer) => {
  const told = { steps: 0 }
  const counter = Tracer.make({
    span: (...args) => tracer.span(...args),
    context: (step) => {
      told.steps++
      return step()
    }
  })
  return { told, counter }
})

/** The second call's steps: the first one may load a script. */
const stepsOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const { counter, told } = yield* counting
    return yield* Effect.withTracer(
      Effect.gen(function*() {
        yield* effect
        const before = told.steps
        yield* effect
        return told.steps - before
      }),
      counter
    )
  })

const verbs: Readonly<
  Record<string, (store: CheckpointStore.Store<{ readonly n: number }>) => Effect.Effect<unknown, unknown>>
> = {
  save: (store) => store.save({ id: "c", executionId: "e", nodeName: "n", state: { n: 1 }, version: 1 }),
  load: (store) => store.load("c"),
  latest: (store) => store.latest("e"),
  exists: (store) => store.exists("c"),
  ping: (store) => store.ping
}

describe("a verb of one round trip", () => {
  it.layer(StoreLive)((it) => {
    it.effect.each(Object.keys(verbs))(
      "takes 40 steps of a fiber at most, spans and metrics included: %s",
      (name) =>
        Effect.gen(function*() {
          const store = yield* CheckpointStore.forSchema(State)
          yield* store.save({ id: "c", executionId: "e", nodeName: "n", state: { n: 1 }, version: 1 })
          assert.isAtMost(yield* stepsOf(verbs[name]!(store)), 40)
        })
    )

    it.effect("a page is decoded in one go: its size costs no steps", () =>
      Effect.gen(function*() {
        const store = yield* CheckpointStore.forSchema(State)
        const all = Array.from({ length: 200 }, (_, n) => n + 1)
        yield* store.saveAll(
          all.map((n) => ({ id: `p${n}`, executionId: "page", nodeName: "n", state: { n }, version: n }))
        )
        const short = yield* stepsOf(store.list("page", { limit: 10 }))
        const long = yield* stepsOf(store.list("page", { limit: 150 }))
        assert.strictEqual(long, short)
      }))
  })
})
