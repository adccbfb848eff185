import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Schedule } from "effect"
import type { StorageError } from "../../src/schema/Errors.js"
import type * as CheckpointStore from "../../src/services/CheckpointStore.js"
import { check } from "../races/invariants.js"
import * as Snapshot from "../races/snapshot.js"
import { open } from "../races/stores.js"
import { RedisServer } from "../support/RedisServer.js"
import { stored } from "./stored.js"

type Store = CheckpointStore.Service

const deadline = 250

/** A loaded machine runs timers late; what waits for ever is later than this. */
const grace = 2_000

const saved = (id: string, state: unknown, version = 1) => ({ id, executionId: "run", nodeName: "n", state, version })

const large = "l".repeat(20 * 1024)

/** Every verb that goes to the server, small and large; the marks tell the writes apart. */
const calls = (store: Store, mark: string): Record<string, Effect.Effect<unknown, { readonly _tag: string }>> => ({
  save: store.save(saved(`${mark}-small`, mark)),
  staged: store.save(saved(`${mark}-large`, large)),
  compareAndSet: store.save(saved(`${mark}-next`, mark, 9), { expectedVersion: 1 }),
  append: store.append(mark, { nodeName: "n", state: mark }),
  saveAll: store.saveAll([saved(`${mark}-one`, mark), saved(`${mark}-two`, large)]),
  delete: store.delete("none"),
  clear: store.clear("none"),
  copy: store.copy("run", `${mark}-copy`),
  load: store.load("kept"),
  latest: store.latest("run"),
  list: store.list("run"),
  count: store.count("run"),
  ping: store.ping
})

const timed = (effect: Effect.Effect<unknown, { readonly _tag: string }>) =>
  Effect.suspend(() => {
    const started = performance.now()
    return Effect.map(Effect.either(effect), (result) => ({ result, millis: performance.now() - started }))
  })

const all = (store: Store, mark: string) =>
  Effect.all(
    Object.entries(calls(store, mark)).map(([name, call]) => Effect.map(timed(call), (ended) => ({ name, ...ended }))),
    { concurrency: "unbounded" }
  )

describe("a server that stops answering", () => {
  it.scopedLive("keeps nothing pending past its deadline, and is whole when it goes on", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const { store } = yield* open({
        port: server.port,
        clientName: "stopped",
        timeout: deadline,
        retry: Schedule.stop,
        maxReconnectDelay: "50 millis"
      })
      yield* store.save(saved("kept", "kept"))
      yield* all(store, "warm")
      yield* server.kill("SIGSTOP")
      const sent = yield* all(store, "sent")
      const waiting = yield* all(store, "waiting")
      yield* server.kill("SIGCONT")

      for (const [ended, outcome] of [[sent, "Unknown"], [waiting, "NotSent"]] as const) {
        for (const { millis, name, result } of ended) {
          assert.isBelow(millis, deadline + grace, name)
          const error = Either.isLeft(result) ? result.left as StorageError : undefined
          assert.include(error, { _tag: "RedisConnectionError", reason: "Timeout", outcome } as object, name)
        }
      }

      yield* store.ping.pipe(Effect.retry(Schedule.intersect(Schedule.spaced("20 millis"), Schedule.recurs(500))))
      const raw = yield* server.connect
      yield* Effect.repeat(raw.send("CLIENT", "LIST"), {
        until: (clients) => String(clients).split("name=stopped ").length === 2,
        schedule: Schedule.intersect(Schedule.spaced("5 millis"), Schedule.recurs(1_000))
      })
      const snapshot = yield* Snapshot.take(raw, "langgraph:")
      assert.deepStrictEqual(check(snapshot, store.layout).violations, [])
      assert.deepStrictEqual([...stored(snapshot, store.layout).keys()].filter((id) => id.startsWith("waiting")), [])
      yield* store.save(saved("after", "after", 10))
    }))

  it.scopedLive("a compare-and-set goes on by itself when the server does, and is there once", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const { store } = yield* open({ port: server.port, timeout: deadline, maxReconnectDelay: "50 millis" })
      yield* store.save(saved("kept", "kept"))
      yield* server.kill("SIGSTOP")
      const saving = yield* Effect.fork(
        Effect.all(
          ["small", large].map((state, i) =>
            store.append(`resumed-${i}`, { nodeName: "n", state, after: { version: 0 } })
          ),
          { concurrency: "unbounded" }
        )
      )
      const unknown = yield* Effect.flip(store.save(saved("probe", null)))
      yield* server.kill("SIGCONT")
      assert.include(unknown, { _tag: "RedisConnectionError", outcome: "Unknown" })
      assert.deepStrictEqual((yield* saving.await).pipe((exit) => exit._tag), "Success")
      for (const i of [0, 1]) assert.strictEqual((yield* store.list(`resumed-${i}`)).length, 1)
      const snapshot = yield* Snapshot.take(yield* server.connect, "langgraph:")
      assert.deepStrictEqual(check(snapshot, store.layout).violations, [])
    }))
})
