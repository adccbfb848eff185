import { assert, describe, it } from "@effect/vitest"
import { Data, Effect, Fiber, Schedule } from "effect"
import type * as CheckpointStore from "../../src/services/CheckpointStore.js"
import { check } from "../races/invariants.js"
import * as Snapshot from "../races/snapshot.js"
import { open, openMany } from "../races/stores.js"
import { RedisServer } from "../support/RedisServer.js"
import { line, stored } from "./stored.js"

type Store = CheckpointStore.Service

interface Ledger {
  readonly acknowledged: Map<string, string>
  /** Ended without a reply: may be there or not. */
  unknown: number
  over: boolean
}

const stateOf = (n: number) => ({ n, text: "s".repeat(n % 3 === 0 ? 9 * 1024 : 8) })

/** Appends by compare-and-set, which the layer repeats, and plain saves, which it does not, by turns. */
const writer = (store: Store, name: string, ledger: Ledger) =>
  Effect.gen(function*() {
    let after = { version: 0 }
    for (let n = 1; !ledger.over && n < 5_000; n++) {
      const appended = yield* store.append(name, { nodeName: "n", state: stateOf(n), after })
      ledger.acknowledged.set(appended.id, line(name, n, stateOf(n)))
      after = appended
      const saved = { id: `${name}-${n}`, executionId: `${name}-saves`, nodeName: "n", state: stateOf(n), version: n }
      yield* store.save(saved).pipe(
        Effect.tap(() => Effect.sync(() => ledger.acknowledged.set(saved.id, line(saved.executionId, n, saved.state)))),
        Effect.catchIf(
          (error) => error._tag === "RedisConnectionError" && error.outcome === "Unknown",
          () => Effect.sync(() => ledger.unknown++)
        )
      )
    }
  })

class Stuck extends Data.TaggedError("Stuck") {}

/** Bounded, so that a client that does not recover fails the test. */
const until = (done: () => boolean) =>
  Effect.sync(done).pipe(
    Effect.repeat({ until: (yes) => yes, schedule: Schedule.spaced("5 millis") }),
    Effect.timeoutFail({ duration: "25 seconds", onTimeout: () => new Stuck() })
  )

describe("a server that is killed", () => {
  it.scopedLive("with an append-only file loses nothing that was acknowledged, and clients recover by themselves", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make({ appendonly: true, config: ["appendfsync always"] })
      const opened = yield* openMany(3, { port: server.port })
      const ledger: Ledger = { acknowledged: new Map(), unknown: 0, over: false }
      const writers = yield* Effect.fork(
        Effect.all(Array.from({ length: 9 }, (_, i) => writer(opened[i % 3]!.store, `w${i}`, ledger)), {
          concurrency: "unbounded"
        })
      )
      const progress = (more: number) => {
        const target = ledger.acknowledged.size + more
        return Effect.raceFirst(until(() => ledger.acknowledged.size >= target), Fiber.join(writers))
      }
      for (let round = 0; round < 3; round++) {
        yield* progress(90)
        yield* server.restart()
      }
      yield* progress(90)
      ledger.over = true
      yield* Fiber.join(writers)

      const { layout } = opened[0]!.store
      const snapshot = yield* Snapshot.take(yield* server.connect, "langgraph:")
      const found = stored(snapshot, layout)
      const lost = [...ledger.acknowledged].filter(([id, line]) => found.get(id) !== line)
      console.log(`3 restarts: ${ledger.acknowledged.size} acknowledged, ${ledger.unknown} unknown`)
      assert.deepStrictEqual(lost.map(([id]) => id), [])
      assert.deepStrictEqual(check(snapshot, layout).violations, [])
      assert.isAtMost(found.size - ledger.acknowledged.size, ledger.unknown)
    }))

  it.scopedLive("without persistence says so at the next compare-and-set", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const { store } = yield* open({ port: server.port })
      let after = { version: 0 }
      for (let i = 0; i < 5; i++) after = yield* store.append("run", { nodeName: "n", state: i, after })
      yield* server.restart()
      const lost = yield* Effect.flip(store.append("run", { nodeName: "n", state: 5, after }))
      assert.strictEqual(lost._tag, "CheckpointConflict")
      assert.include(lost, { expected: 5, actual: 0, isLoss: true })
      assert.include(lost.message, "acknowledged checkpoints are gone")
      const saved = yield* Effect.flip(
        store.save({ id: "six", executionId: "run", nodeName: "n", state: 6, version: 6 }, { expectedVersion: 5 })
      )
      assert.include(saved, { _tag: "CheckpointConflict", expected: 5, actual: 0, isLoss: true })
      assert.deepStrictEqual(yield* store.list("run"), [])
    }))
})
