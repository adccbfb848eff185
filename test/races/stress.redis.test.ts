import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { RedisServer } from "../support/RedisServer.js"
import * as Random from "./random.js"
import { openMany } from "./stores.js"
import { stress } from "./stress.js"

describe("everything at once", () => {
  it.scopedLive("every instant and every rest hold the invariants", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const raw = yield* server.connect
      const opened = yield* openMany(4, { port: server.port })
      const outcome = yield* stress({
        stores: opened.map(({ store }) => store),
        raw,
        layout: opened[0]!.store.layout,
        random: Random.make(Random.seedOf("stress")),
        phases: 4,
        phaseMillis: 1_000,
        fibersPerStore: 6,
        stopAtFirst: false
      })
      const { violations, ...counts } = outcome
      console.log("stress:", JSON.stringify(counts))
      assert.deepStrictEqual(violations.slice(0, 20), [])
      assert.isAbove(counts.operations, 100)
    }))
})
