import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as TestMemory from "../../src/layers/TestMemory.js"
import { CheckpointStore } from "../../src/services/CheckpointStore.js"
import { input, range } from "./Bench.js"

describe("clear of more than 1,000", () => {
  it.effect("removes all, and nothing of another execution", () =>
    Effect.gen(function*() {
      const store = yield* CheckpointStore
      yield* store.saveAll(range(2_001).map((version) => input(`c${version}`, "run", version)))
      yield* store.save(input("other", "another", 1))
      const sent = (yield* (yield* TestMemory.TestMemory).commands).length
      assert.strictEqual(yield* store.clear("run"), 2_001)
      const trips = (yield* (yield* TestMemory.TestMemory).commands).slice(sent)
      assert.deepStrictEqual(trips.map(({ commands }) => commands), [["clear"], ["sweep"], ["sweep"]])
      const left = yield* (yield* TestMemory.TestMemory).snapshot
      assert.sameMembers([...left.keys()], [
        "langgraph:checkpoint:other",
        "langgraph:execution:another:checkpoints",
        "langgraph:executions"
      ])
    }).pipe(Effect.provide(TestMemory.layer())))
})
