import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { failure, input, type Rule } from "./Bench.js"

export const refusing = (rule: Rule) =>
  describe("index: \"set\"", () => {
    rule("writes the Set that older services read", ({ indexKey, send, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("a", "run", 1))
        assert.strictEqual(yield* send("TYPE", indexKey("run")), "set")
      }))

    rule("lists and clears what an older service wrote", ({ checkpointKey, ids, indexKey, send, store }) =>
      Effect.gen(function*() {
        yield* store.saveAll([input("b", "run", 2), input("a", "run", 1)])
        yield* send("DEL", indexKey("run"), store.layout.executions)
        yield* send("SADD", indexKey("run"), "b", "a")
        assert.deepStrictEqual(yield* ids("run"), ["a", "b"])
        assert.strictEqual(yield* store.count("run"), 2)
        assert.strictEqual(yield* store.clear("run"), 2)
        assert.strictEqual(yield* send("EXISTS", checkpointKey("a"), indexKey("run")), 0)
      }))

    rule("refuses what needs the order, and says so", ({ send, store }) =>
      Effect.gen(function*() {
        const refused: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
          store.save(input("a", "run", 1), { expectedVersion: 0 }),
          store.save(input("a", "run", 1), { maxCheckpoints: 3 }),
          store.saveAll([input("a", "run", 1)], { maxCheckpoints: 3 }),
          store.append("run", { nodeName: "n", state: 1 }),
          store.append("run", { nodeName: "n", state: 1, after: { version: 0 } }),
          store.copy("run", "to")
        ]
        for (const verb of refused) {
          const error = yield* failure("CheckpointEncodeError", verb)
          assert.include(error.message, "sorted-set index")
        }
        assert.strictEqual(yield* send("EXISTS", store.layout.executions), 0)
      }))
  })
