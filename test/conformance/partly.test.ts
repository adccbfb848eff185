/** Verbs of several round trips, of which the last ones are not sent. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { CheckpointStore, Errors, TestMemory } from "effect-checkpoint"
import { around, from } from "../crash/runner/wrappedRedis.js"

const notSent = new Errors.RedisConnectionError({ reason: "Refused", outcome: "NotSent", address: "memory" })

/** After so many round trips the connection is gone. */
const failingAfter = (sent: number) => {
  let trips = 0
  return from(
    TestMemory.redis(),
    (redis) =>
      around(
        redis,
        () => (trip) =>
          Effect.suspend(() => trips++ < sent ? trip : Effect.fail(notSent) as Effect.Effect<never, never>)
      )
  )
}

const entries = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    id: `id-${i}`,
    executionId: "e",
    nodeName: "n",
    state: i,
    version: i + 1
  }))

const outcomeAfter = <E extends Errors.StorageError | object>(
  sent: number,
  verb: (store: CheckpointStore.Service) => Effect.Effect<unknown, E>
) =>
  Layer.build(CheckpointStore.layer().pipe(Layer.provide(failingAfter(sent)))).pipe(
    Effect.flatMap((context) => Effect.flip(verb(Context.get(context, CheckpointStore.CheckpointStore)))),
    Effect.map((error) => Reflect.get(error, "outcome")),
    Effect.scoped
  )

const saved = entries(2_100)

const saveAll = (store: CheckpointStore.Service) => store.saveAll(saved)

/** What saves these takes 21 round trips. */
const behindSaves =
  <E>(verb: (store: CheckpointStore.Service) => Effect.Effect<unknown, E>) => (store: CheckpointStore.Service) =>
    Effect.zipRight(saveAll(store), verb(store))

const copy = behindSaves((store) => store.copy("e", "f"))

const clear = behindSaves((store) => store.clear("e"))

describe("a verb of several round trips", () => {
  for (
    const [name, verb, sent, outcome] of [
      ["saveAll, of nothing", saveAll, 0, "NotSent"],
      ["saveAll, of a part", saveAll, 1, "Unknown"],
      ["copy, before its first write", copy, 21 + 2, "NotSent"],
      ["copy, behind its first write", copy, 21 + 3, "Unknown"],
      ["copy, between its pages", copy, 21 + 2 + 1 + 5, "Unknown"],
      ["clear, of nothing", clear, 21, "NotSent"],
      ["clear, of a part", clear, 21 + 1, "Unknown"]
    ] as const
  ) {
    it.effect(`${name}, that loses its connection: ${outcome}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* outcomeAfter(sent, verb), outcome)
      }))
  }
})
