import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as Proxy from "../support/Proxy.js"
import { RedisServer } from "../support/RedisServer.js"
import { inspect, remains } from "./invariants.js"
import * as Snapshot from "./snapshot.js"
import { open } from "./stores.js"

/** More than the 2,000 that one step of a clear deletes. */
const size = 2_400

const entry = (executionId: string, version: number) => ({
  id: `${executionId}-${version}`,
  executionId,
  nodeName: "node",
  state: null,
  version
})

const history = (executionId: string) => Array.from({ length: size }, (_, i) => entry(executionId, i + 1))

describe("a clear in several steps", () => {
  it.scopedLive("a save and a move between two steps are whole, and none of it is unreachable", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const raw = yield* server.connect
      const proxy = yield* Proxy.make({ target: server.port })
      const slow = (yield* open({ port: proxy.port, timeout: "20 seconds" })).store
      const { store } = yield* open({ port: server.port })
      yield* store.saveAll(history("long"))

      yield* proxy.arm({ _tag: "StallReply" })
      const clearing = yield* Effect.fork(slow.clear("long"))
      yield* proxy.struck()
      yield* Effect.repeat(store.count("long"), { until: (count) => count < size })
      assert.deepStrictEqual((yield* inspect(raw, store.layout)).violations, [])
      yield* store.save(entry("long", size + 1))
      yield* store.save({ ...entry("long", size), executionId: "other" })
      yield* proxy.resume()

      // All that was there, and what was saved before the last step, but for what moved away.
      assert.strictEqual(yield* Fiber.join(clearing), size)
      const snapshot = yield* Snapshot.take(raw, "langgraph:")
      assert.deepStrictEqual(remains(snapshot, store.layout, "long"), [])
      assert.deepStrictEqual((yield* inspect(raw, store.layout)).violations, [])
      assert.deepStrictEqual((yield* store.list("other")).map(({ id }) => id), [`long-${size}`])
    }))
})
