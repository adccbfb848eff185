import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Schedule } from "effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { inspect } from "../races/invariants.js"
import { open } from "../races/stores.js"
import { RedisServer } from "../support/RedisServer.js"
import * as Results from "./results.js"

const fibers = 10_000

/** Two attempts and a second between them, and what a loaded machine is late. */
const inTime = 2 * 30_000 + 1_000 + 30_000

setFlagsFromString("--expose-gc")
const collect: () => void = runInNewContext("gc")

const heap = () => {
  collect()
  return process.memoryUsage().heapUsed
}

const saved = (i: number) => ({ id: `id-${i}`, executionId: `run-${i % 100}`, nodeName: "n", state: { i }, version: i })

describe("10,000 fibers while the server is down", () => {
  it.scopedLive("all fail in time, leave no memory behind, and all get through when it is back", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const { store } = yield* open({
        port: server.port,
        timeout: "30 seconds",
        retry: Schedule.intersect(Schedule.spaced("1 second"), Schedule.recurs(1)),
        maxReconnectDelay: "100 millis"
      })
      const all = <A, E>(call: (i: number) => Effect.Effect<A, E>) =>
        Effect.all(Array.from({ length: fibers }, (_, i) => Effect.either(call(i + 1))), { concurrency: "unbounded" })
      // Whatever is made once is made before.
      yield* Effect.all([store.save(saved(1)), store.latest("run-1"), store.clear("run-1")])
      yield* server.kill()
      const before = heap()
      let peak = 0
      const watching = setInterval(() => {
        peak = Math.max(peak, heap())
      }, 3_000)
      const started = performance.now()
      const failed = yield* all((i) => store.save(saved(i)))
      const millis = performance.now() - started
      clearInterval(watching)
      const outcomes = new Set(
        failed.map((result) => Either.isLeft(result) ? Reflect.get(result.left, "outcome") : "saved")
      )
      const left = heap() - before

      yield* server.restart()
      yield* store.ping.pipe(Effect.retry(Schedule.intersect(Schedule.spaced("20 millis"), Schedule.recurs(500))))
      const recovered = yield* all((i) => store.save(saved(i)))
      const found = yield* store.count("run-1")
      const { checkpoints, violations } = yield* inspect(yield* server.connect, store.layout)
      Results.report("down", `${fibers} fibers, the server down`, {
        "failed in ms": Math.round(millis),
        "peak, KiB a fiber": Math.round((peak - before) / 1_024 / fibers),
        "left, bytes a fiber": Math.round(left / fibers),
        recovered: recovered.filter(Either.isRight).length
      })
      assert.deepStrictEqual(outcomes, new Set(["NotSent"]))
      assert.isBelow(millis, inTime)
      assert.isBelow((peak - before) / fibers, 64 * 1_024)
      // The results themselves: an error each.
      assert.isBelow(left / fibers, 4 * 1_024)
      assert.isTrue(recovered.every(Either.isRight))
      assert.strictEqual(found, 100)
      assert.deepStrictEqual([checkpoints, violations], [fibers, []])
    }))
})
