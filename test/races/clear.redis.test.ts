import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Schedule } from "effect"
import * as CheckpointStore from "../../src/services/CheckpointStore.js"
import { Redis } from "../../src/services/Redis.js"
import { around } from "../crash/runner/wrappedRedis.js"
import { fill, idOf } from "../limits/fill.js"
import * as Proxy from "../support/Proxy.js"
import { RedisServer } from "../support/RedisServer.js"
import { inspect, remains } from "./invariants.js"
import * as Snapshot from "./snapshot.js"
import { open } from "./stores.js"

/** More than two steps of a clear delete. */
const size = 2_400

const entry = (id: string, version: number, executionId = "long") => ({
  id,
  executionId,
  nodeName: "node",
  state: null,
  version
})

/** A server, and a client behind a proxy that does not come back once it is cut. */
const scene = Effect.gen(function*() {
  const server = yield* RedisServer.make()
  const raw = yield* server.connect
  const proxy = yield* Proxy.make({ target: server.port })
  const { redis, store: mortal } = yield* open({ port: proxy.port, timeout: "20 seconds", retry: Schedule.stop })
  const { store } = yield* open({ port: server.port })
  yield* fill(raw, store.layout, "long", size)
  return { raw, proxy, redis, mortal, store }
})

type Scene = Effect.Effect.Success<typeof scene>

const violations = ({ raw, store }: Scene) => Effect.map(inspect(raw, store.layout), (report) => report.violations)

const left = ({ raw, store }: Scene, executionId: string) =>
  Effect.map(Snapshot.take(raw, "langgraph:"), (snapshot) => remains(snapshot, store.layout, executionId))

describe("a clear in several steps", () => {
  it.scopedLive("hides all at once, and a save and a move between two steps are whole and stay", () =>
    Effect.gen(function*() {
      const it = yield* scene
      const { mortal, proxy, store } = it
      yield* proxy.arm({ _tag: "StallReply" })
      const clearing = yield* Effect.fork(mortal.clear("long"))
      yield* proxy.struck()
      const counts = yield* Effect.repeat(store.count("long"), {
        until: (count) => count < size,
        schedule: Schedule.identity<number>().pipe(Schedule.zipLeft(Schedule.recurs(10_000)))
      })
      assert.strictEqual(counts, 0)
      assert.deepStrictEqual(yield* violations(it), [])
      yield* store.save(entry(idOf("long", size), 7))
      yield* store.save(entry(idOf("long", size - 1), size, "other"))
      yield* proxy.resume()

      assert.strictEqual(yield* Fiber.join(clearing), size)
      assert.deepStrictEqual(yield* violations(it), [])
      assert.deepStrictEqual((yield* store.list("long")).map(({ id, version }) => [id, version]), [
        [idOf("long", size), 7]
      ])
      assert.deepStrictEqual((yield* store.list("other")).map(({ id }) => id), [idOf("long", size - 1)])
      assert.strictEqual(yield* store.clear("long"), 1)
      assert.deepStrictEqual(yield* left(it, "long"), [])
    }))
})

/** Where the client dies: its connection is cut at a round trip, and there is no other. */
const deaths = [0, 1, 2].flatMap((step) =>
  (["CutBeforeRequest", "CutBeforeReply"] as const).map((fault) => ({ step, fault }))
)

/** Clears until the client is cut at a step. */
const killed = ({ proxy, redis }: Scene, { fault, step }: typeof deaths[number]) =>
  Effect.gen(function*() {
    let trips = 0
    const strike = Effect.zipRight(proxy.refuse(), proxy.arm({ _tag: fault }))
    const dying = around(redis, () => (trip) =>
      Effect.suspend(() => trips++ === step ? Effect.zipRight(strike, trip) : trip))
    const store = yield* Effect.provide(
      CheckpointStore.CheckpointStore,
      Layer.provide(CheckpointStore.layer(), Layer.succeed(Redis, dying))
    )
    assert.isTrue(Exit.isFailure(yield* Effect.exit(store.clear("long"))))
    assert.strictEqual(trips, step + 1)
  })

const isBegun = ({ fault, step }: typeof deaths[number]) => step > 0 || fault === "CutBeforeReply"

describe("a clear whose client dies", () => {
  it.scopedLive.each(deaths)(
    "at round trip $step, $fault: has hidden all or nothing, and the next goes on with it",
    (death) =>
      Effect.gen(function*() {
        const it = yield* scene
        yield* killed(it, death)
        assert.strictEqual(yield* it.store.count("long"), isBegun(death) ? 0 : size)
        assert.deepStrictEqual(yield* violations(it), [])
        assert.strictEqual(yield* it.store.clear("long"), isBegun(death) ? 0 : size)
        assert.deepStrictEqual(yield* left(it, "long"), [])
      })
  )

  it.scopedLive.each(deaths.filter(isBegun))(
    "at round trip $step, $fault: is finished by saves, which stay",
    (death) =>
      Effect.gen(function*() {
        const it = yield* scene
        yield* killed(it, death)
        const saves = (size - 1_000) / 100
        for (let version = 1; version <= saves; version++) {
          yield* it.store.save(entry(idOf("long", size - version), version))
          assert.deepStrictEqual(yield* violations(it), [])
        }
        assert.strictEqual(yield* it.raw.send("EXISTS", "langgraph:execution:long:doomed"), 0)
        assert.strictEqual(yield* it.raw.send("DBSIZE"), saves + 2)
        assert.strictEqual(yield* it.store.clear("long"), saves)
      })
  )

  it.scopedLive("is finished by 100 a command, also when the command has many saves", () =>
    Effect.gen(function*() {
      const it = yield* scene
      yield* killed(it, { step: 1, fault: "CutBeforeRequest" })
      yield* it.store.saveAll(Array.from({ length: 50 }, (_, i) => entry(`new-${i}`, i + 1)))
      assert.strictEqual(yield* it.raw.send("ZCARD", "langgraph:execution:long:doomed"), size - 1_100)
      assert.deepStrictEqual(yield* violations(it), [])
    }))
})
