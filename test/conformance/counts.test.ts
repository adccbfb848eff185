import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as TestMemory from "../../src/layers/TestMemory.js"
import { CheckpointStore } from "../../src/services/CheckpointStore.js"
import { calls } from "./verbs.js"

describe("the commands of", () => {
  for (const { commands, name, prepare, roundTrips, run } of calls) {
    it.effect(`${name} are ${commands.length} in ${roundTrips} round trips`, () =>
      Effect.gen(function*() {
        const store = yield* CheckpointStore
        const memory = yield* TestMemory.TestMemory
        if (prepare !== undefined) yield* prepare(store)
        const before = (yield* memory.commands).length
        yield* run(store)
        const sent = (yield* memory.commands).slice(before)
        assert.strictEqual(sent.length, roundTrips)
        assert.deepStrictEqual(sent.flatMap((trip) => trip.commands), commands)
        assert.isTrue(sent.every(({ kind }) => kind === "pipeline"))
      }).pipe(Effect.provide(TestMemory.layer())))
  }
})
