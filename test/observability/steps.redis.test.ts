/** Steps of a fiber are what an operation costs this side of the socket; unlike its time they can be counted. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, RuntimeFlags, RuntimeFlagsPatch, Schema, Supervisor, Tracer } from "effect"
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

class Counter extends Supervisor.AbstractSupervisor<void> {
  readonly value = Effect.void
  steps = 0

  override onEffect(): void {
    this.steps++
  }
}

type Count = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<number, E, R>

/** The second call's steps: the first one may load a script. */
const secondOf = <A, E, R>(effect: Effect.Effect<A, E, R>, counter: { readonly steps: number }) =>
  Effect.gen(function*() {
    yield* effect
    const before = counter.steps
    yield* effect
    return counter.steps - before
  })

const traced: Count = (effect) =>
  Effect.flatMap(counting, ({ counter, told }) => Effect.withTracer(secondOf(effect, told), counter))

const untraced: Count = (effect) =>
  Effect.suspend(() => {
    const counter = new Counter()
    return Effect.supervised(
      Effect.withRuntimeFlagsPatch(secondOf(effect, counter), RuntimeFlagsPatch.enable(RuntimeFlags.OpSupervision)),
      counter
    )
  })

const stepsOf = traced

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
      "takes 16 steps of a fiber at most, metrics included, and 40 where a tracer looks: %s",
      (name) =>
        Effect.gen(function*() {
          const store = yield* CheckpointStore.forSchema(State)
          yield* store.save({ id: "c", executionId: "e", nodeName: "n", state: { n: 1 }, version: 1 })
          assert.isAtMost(yield* traced(verbs[name]!(store)), 40)
          assert.isAtMost(yield* untraced(verbs[name]!(store)), 16)
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
