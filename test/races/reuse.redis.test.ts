import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { RedisServer } from "../support/RedisServer.js"
import { inspect } from "./invariants.js"
import { open } from "./stores.js"

const entry = (id: string, executionId: string, version: number, state: unknown = null) => ({
  id,
  executionId,
  nodeName: "node",
  state,
  version
})

const mayExpire = (id: string) => id === "reused"

/** An id expires in `first`, whose index lives on, and is saved again in `second`. */
const reused = Effect.gen(function*() {
  const server = yield* RedisServer.make()
  const raw = yield* server.connect
  const { store } = yield* open({ port: server.port })
  yield* store.save(entry("kept", "first", 1))
  yield* store.save(entry("reused", "first", 2), { ttl: 1 })
  yield* Effect.repeat(store.exists("reused"), { until: (exists) => !exists })
  yield* store.save(entry("reused", "second", 7))
  return { raw, store }
})

describe("an id that expired in one execution and was saved in another", () => {
  it.scopedLive("is listed in its execution only", () =>
    Effect.gen(function*() {
      const { raw, store } = yield* reused
      assert.deepStrictEqual((yield* store.list("first")).map(({ id }) => id), ["kept"])
      assert.deepStrictEqual((yield* store.list("second")).map(({ id }) => id), ["reused"])
      assert.deepStrictEqual((yield* inspect(raw, store.layout)).violations, [])
    }))

  it.scopedLive("is neither the head of the other execution nor counted there", () =>
    Effect.gen(function*() {
      const { store } = yield* reused
      assert.deepStrictEqual(Option.map(yield* store.latest("first"), ({ id }) => id), Option.some("kept"))
      yield* store.save(entry("next", "first", 2), { expectedVersion: 1 })
      assert.strictEqual(yield* store.count("first"), 2)
    }))

  it.scopedLive("survives a clear of the other execution", () =>
    Effect.gen(function*() {
      const { raw, store } = yield* reused
      assert.strictEqual(yield* store.clear("first"), 1)
      assert.isTrue(yield* store.exists("reused"))
      assert.deepStrictEqual((yield* inspect(raw, store.layout, { mayExpire })).violations, [])
    }))

  it.scopedLive("survives pruning in the other execution", () =>
    Effect.gen(function*() {
      const { store } = yield* reused
      yield* store.save(entry("next", "first", 9), { maxCheckpoints: 1 })
      assert.isTrue(yield* store.exists("reused"))
      assert.deepStrictEqual((yield* store.list("first")).map(({ id }) => id), ["next"])
    }))

  it.scopedLive("leaves its old entry behind nowhere when it moves back and on", () =>
    Effect.gen(function*() {
      const { raw, store } = yield* reused
      yield* store.save(entry("reused", "first", 3))
      yield* store.save(entry("reused", "third", 4))
      yield* Effect.forEach(["first", "second", "third"], (executionId) => store.list(executionId))
      assert.deepStrictEqual((yield* inspect(raw, store.layout)).violations, [])
    }))
})

describe("a text that is no Unicode", () => {
  it.scopedLive("does not hide whose checkpoint it is from a move and a delete", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const raw = yield* server.connect
      const { store } = yield* open({ port: server.port })
      for (const [id, broken] of Object.entries({ lone: { text: "\ud800" }, key: { "\udfff": 1 } })) {
        const saved = yield* Effect.either(store.save(entry(id, "first", 1, broken)))
        if (saved._tag === "Left") continue
        yield* store.save(entry(id, "second", 1, broken))
        yield* store.delete(id)
      }
      assert.deepStrictEqual((yield* inspect(raw, store.layout)).violations, [])
    }))
})
