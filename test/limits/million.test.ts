import { assert, layer } from "@effect/vitest"
import { Chunk, Context, Effect, Layer, Option, Stream } from "effect"
import type * as CheckpointStore from "../../src/services/CheckpointStore.js"
import { indexKey } from "../../src/services/KeyLayout.js"
import { inspect, remains } from "../races/invariants.js"
import * as Snapshot from "../races/snapshot.js"
import { open } from "../races/stores.js"
import * as Proxy from "../support/Proxy.js"
import { RedisServer } from "../support/RedisServer.js"
import { report } from "./figures.js"
import { fill, idOf } from "./fill.js"
import { measured } from "./measured.js"

const million = 1_000_000

type Store = CheckpointStore.Service

interface Limits {
  readonly roundTrips: number
  /** Commands of the server, in scripts too. */
  readonly calls: number
}

/** A server with a large execution, and a small one beside it. */
class Million extends Context.Tag("test/Million")<Million, {
  /** Runs a call, holds it to its limits, and reports it. */
  readonly within: <A, E>(
    name: string,
    limits: Limits,
    call: (store: Store) => Effect.Effect<A, E>
  ) => Effect.Effect<A, unknown>
  readonly store: Store
  readonly raw: Effect.Effect.Success<typeof RedisServer.Service["connect"]>
}>() {}

const Live = Layer.scoped(
  Million,
  Effect.gen(function*() {
    const server = yield* RedisServer.make()
    const raw = yield* server.connect
    const proxy = yield* Proxy.make({ target: server.port })
    const { store } = yield* open({ port: proxy.port, timeout: "60 seconds" })
    yield* fill(raw, store.layout, "e", million)
    // What touches all costs at least this on this machine, and what touches a few not half of it.
    const readAll = raw.send("EVAL", "return #redis.call('ZRANGE', KEYS[1], 0, -1)", 1, indexKey(store.layout, "e"))
    const all = yield* measured(raw, proxy, readAll)
    report("commands", "reading the whole index, by contrast", { "CPU a round trip, ms": all.cpu.toFixed(2) })
    yield* store.save({ id: "beside", executionId: "beside", nodeName: "n", state: 1, version: 1 })
    const within = <A, E>(name: string, limits: Limits, call: (store: Store) => Effect.Effect<A, E>) =>
      Effect.gen(function*() {
        const { calls, cpu, longest, roundTrips, value } = yield* measured(raw, proxy, call(store))
        report("commands", name, {
          "round trips": roundTrips,
          "commands, those in scripts too": calls,
          "CPU a round trip, ms": (cpu / roundTrips).toFixed(2),
          "longest command, ms": longest === 0 ? "< 0.1" : longest.toFixed(1)
        })
        assert.strictEqual(roundTrips, limits.roundTrips, "round trips")
        assert.isAtMost(calls, limits.calls, "commands that the server ran")
        assert.isBelow(cpu / roundTrips, all.cpu / 2, "of what reading all costs")
        return value
      })
    return Million.of({ within, store, raw })
  })
)

const versions = (all: Iterable<{ readonly version: number }>) => Array.from(all, ({ version }) => version)

const run = (from: number, count = 500) => Array.from({ length: count }, (_, i) => from + i)

layer(Live, { timeout: "300 seconds", excludeTestServices: true })("an execution of 1,000,000 checkpoints", (it) => {
  it.effect("gives pages at its beginning, middle and end by asking for these alone", () =>
    Effect.gen(function*() {
      const { within } = yield* Million
      const page = (name: string, options: CheckpointStore.ListOptions, roundTrips = 2) =>
        Effect.map(
          within(name, { roundTrips, calls: 12 }, (store) => store.list("e", { limit: 500, ...options })),
          versions
        )
      assert.deepStrictEqual(yield* page("first page of 500", {}), run(1))
      const middle = { version: 500_000, id: idOf("e", 500_000) }
      assert.deepStrictEqual(yield* page("page of 500 in the middle", { after: middle }), run(500_001))
      assert.deepStrictEqual(yield* page("newest page of 500", { order: "desc" }), run(999_501).toReversed())
      assert.deepStrictEqual(yield* page("page behind the last", { after: million }, 1), [])
    }))

  it.effect("is streamed from anywhere, and no further than is taken", () =>
    Effect.gen(function*() {
      const { within } = yield* Million
      const taken = yield* within("1,000 of a stream", { roundTrips: 4, calls: 24 }, (store) =>
        store.stream("e", { after: 700_000 }).pipe(Stream.take(1_000), Stream.runCollect))
      assert.deepStrictEqual(versions(Chunk.toReadonlyArray(taken)), run(700_001, 1_000))
    }))

  it.effect("is read at its head, and counted, whatever its length", () =>
    Effect.gen(function*() {
      const { within } = yield* Million
      const latest = yield* within("latest", { roundTrips: 1, calls: 6 }, (store) => store.latest("e"))
      assert.deepStrictEqual(Option.map(latest, ({ version }) => version), Option.some(million))
      // It asks the 2,000 oldest whether they have expired.
      assert.strictEqual(yield* within("count", { roundTrips: 1, calls: 2_010 }, (store) => store.count("e")), million)
      assert.isTrue(yield* within("exists", { roundTrips: 1, calls: 1 }, (store) => store.exists(idOf("e", 7))))
      const executions = yield* within("executions", { roundTrips: 2, calls: 20 }, (store) =>
        Stream.runCollect(store.executions()))
      assert.sameMembers(Chunk.toArray(executions), ["e", "beside"])
    }))

  it.effect("is written like a short one", () =>
    Effect.gen(function*() {
      const { within } = yield* Million
      const next = { executionId: "e", nodeName: "n", state: { step: 0 } }
      yield* within("save", { roundTrips: 1, calls: 14 }, (store) =>
        store.save({ ...next, id: "a", version: million + 1 }))
      const after = { version: million + 1 }
      const appended = yield* within("append with after", { roundTrips: 1, calls: 16 }, (store) =>
        store.append("e", { nodeName: "n", state: 1, after }))
      assert.strictEqual(appended.version, million + 2)
      assert.isTrue(
        yield* within("delete", { roundTrips: 1, calls: 8 }, (store) =>
          store.delete("a"))
      )
      assert.strictEqual(
        yield* within("count", { roundTrips: 1, calls: 2_010 }, (store) =>
          store.count("e")),
        million + 1
      )
    }))

  it.effect("is pruned 1,000 at a command, however many saves it has", () =>
    Effect.gen(function*() {
      const { store, within } = yield* Million
      const last = { id: "b", executionId: "e", nodeName: "n", state: 1, version: million + 3 }
      yield* within("save that prunes", { roundTrips: 1, calls: 1_050 }, (store) =>
        store.save(last, { maxCheckpoints: 1_000 }))
      assert.strictEqual(yield* store.count("e"), million + 2 - 1_000)
      const more = run(million + 4, 100).map((version) => ({ ...last, id: `c${version}`, version }))
      yield* within(
        "saveAll of 100 that prunes",
        { roundTrips: 1, calls: 3_000 },
        (store) =>
          store.saveAll(more, { maxCheckpoints: 1_000 })
      )
      assert.strictEqual(yield* store.count("e"), million + 2 - 2_000 + 100)
    }))

  it.effect("is cleared in steps of 1,000, and vanishes with the first", () =>
    Effect.gen(function*() {
      const { raw, store, within } = yield* Million
      const size = yield* store.count("e")
      const steps = Math.ceil(size / 1_000)
      // For each checkpoint: whose it is. For each step: 20 more.
      const calls = size + 20 * steps
      assert.strictEqual(yield* within("clear", { roundTrips: steps, calls }, (store) => store.clear("e")), size)
      const snapshot = yield* Snapshot.take(raw, "langgraph:")
      assert.deepStrictEqual(remains(snapshot, store.layout, "e"), [])
      assert.deepStrictEqual((yield* inspect(raw, store.layout)).violations, [])
      assert.strictEqual(yield* raw.send("DBSIZE"), 3)
    }))
})
