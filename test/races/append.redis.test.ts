import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, DateTime, Effect } from "effect"
import { RedisServer } from "../support/RedisServer.js"
import { small, staged } from "./checks.js"
import { inspect } from "./invariants.js"
import { openMany } from "./stores.js"

const connections = 4
const fibers = 3
const each = 8

describe.each([["small", small], ["staged", staged]] as const)("%s payloads", (_, state) => {
  // On a test clock, which stands still: every append has the same state and the same timestamp.
  it.scoped("identical appends from several connections are versions 1 to N, each once", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const raw = yield* server.connect
      const opened = yield* openMany(connections, { port: server.port })
      const appended = yield* Effect.forEach(
        Arr.makeBy(connections * fibers, (i) => opened[i % connections]!.store),
        (store) => Effect.replicateEffect(store.append("log", { nodeName: "node", state }), each),
        { concurrency: "unbounded" }
      )
      const given = appended.flat().map(({ version }) => version).toSorted((a, b) => a - b)
      const { store } = opened[0]!
      const stored = yield* store.list("log")
      const all = Arr.range(1, connections * fibers * each)
      assert.deepStrictEqual(given, all)
      assert.deepStrictEqual(stored.map(({ version }) => version), all)
      assert.deepStrictEqual(new Set(stored.map(({ timestamp }) => DateTime.toEpochMillis(timestamp))), new Set([0]))
      assert.isTrue(stored.every((checkpoint) => JSON.stringify(checkpoint.state) === JSON.stringify(state)))
      const report = yield* inspect(raw, store.layout)
      assert.deepStrictEqual(report.violations, [])
      assert.strictEqual(report.staged, 0)
    }))

  it.scoped("with `after` one of several wins and the others learn the head", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const opened = yield* openMany(connections, { port: server.port })
      let after = { version: 0 }
      for (let round = 1; round <= 5; round++) {
        const results = yield* Effect.forEach(
          Arr.makeBy(16, (i) => opened[i % connections]!.store),
          (store) => Effect.either(store.append("log", { nodeName: "node", state, after })),
          { concurrency: "unbounded" }
        )
        const [conflicts, won] = Arr.separate(results)
        assert.deepStrictEqual(won.map(({ version }) => version), [round])
        assert.strictEqual(conflicts.length, 15)
        for (const conflict of conflicts) {
          assert.strictEqual(conflict._tag, "CheckpointConflict")
          assert.include(conflict, { executionId: "log", expected: round - 1, actual: round })
        }
        after = won[0]!
      }
    }))
})
