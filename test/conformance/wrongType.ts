import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import type { RedisCommandError } from "../../src/schema/Errors.js"
import { type Bench, failure, input, type Rule } from "./Bench.js"

const verbs: Readonly<Record<string, (store: Bench["store"]) => Effect.Effect<unknown, unknown>>> = {
  save: (store) => store.save(input("a", "run", 5)),
  "a large save": (store) => store.save(input("a", "run", 5, { state: "x".repeat(20_000) })),
  "a moving save": (store) => store.save(input("a", "elsewhere", 5)),
  "a leaving save": (store) => store.save(input("a", undefined, 5)),
  delete: (store) => store.delete("a"),
  clear: (store) => store.clear("run"),
  latest: (store) => store.latest("run"),
  list: (store) => store.list("run"),
  load: (store) => store.load("a")
}

/** The verbs that touch the key; a save that moves or leaves meets the old index, a load only the checkpoint. */
const cases: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
  ["checkpoint", ["save", "a large save", "delete", "clear", "latest", "list", "load"]],
  ["index", ["save", "a large save", "delete", "clear", "latest", "list"]]
]

/** On a cluster nothing moves, and the executions are in another slot. */
const more: typeof cases = [
  ["checkpoint", ["a moving save", "a leaving save"]],
  ["index", ["a moving save", "a leaving save"]],
  ["executions", ["save", "a large save", "a moving save", "a leaving save", "delete", "clear"]]
]

const refusing = (rule: Rule, which: string, name: string) =>
  rule(`as ${which} refuses ${name}, and nothing changes`, (bench) =>
    Effect.gen(function*() {
      const { checkpointKey, cluster, dump, indexKey, layout, send, store } = bench
      yield* store.save(input("a", "run", 1))
      yield* store.save(input("b", "run", 2))
      yield* store.delete("b")
      const key = {
        checkpoint: checkpointKey("a"),
        index: indexKey("run"),
        executions: layout.executions
      }[which]!
      yield* send("DEL", key)
      yield* send("RPUSH", key, "of", "another", "type")
      const keys = [checkpointKey("a"), indexKey("run"), indexKey("elsewhere"), ...(cluster ? [] : [layout.executions])]
      const before = yield* dump(...keys)
      const error = yield* failure("RedisCommandError", verbs[name]!(store))
      assert.strictEqual((error as RedisCommandError).code, "WRONGTYPE")
      assert.include(error.message, "another kind")
      assert.deepStrictEqual(yield* dump(...keys), before)
    }))

export const wrongTypes = (rule: Rule) =>
  describe("a key of another type", () => {
    for (const [which, touching] of cases) for (const name of touching) refusing(rule, which, name)
  })

export const wrongIndexes = (rule: Rule) =>
  describe("a key of another type, in what one server changes together", () => {
    for (const [which, touching] of more) for (const name of touching) refusing(rule, which, name)
  })
