import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import { afterAll } from "vitest"
import * as RedisLive from "../../src/layers/RedisLive.js"
import { CheckpointStore, layer } from "../../src/services/CheckpointStore.js"
import * as Proxy from "../support/Proxy.js"
import { RedisServer } from "../support/RedisServer.js"
import { type Call, calls } from "./verbs.js"

const storeAt = (port: number) =>
  Effect.map(
    Layer.build(
      layer({ prefix: "t:" }).pipe(Layer.provide(RedisLive.redis({ url: Redacted.make(`redis://127.0.0.1:${port}`) })))
    ),
    Context.get(CheckpointStore)
  )

/** Round trips on a connection that has sent nothing yet to a server without scripts, and on the same one later. */
const measure = ({ prepare = () => Effect.void, run }: Call) =>
  Effect.gen(function*() {
    const server = yield* RedisServer
    const preparing = yield* storeAt(server.port)
    yield* server.cli("FLUSHALL")
    yield* prepare(preparing)
    yield* server.cli("SCRIPT", "FLUSH")
    const proxy = yield* Proxy.make({ target: server.port })
    const store = yield* storeAt(proxy.port)
    const count = Effect.suspend(() => {
      proxy.resetStats()
      return Effect.map(run(store), () => proxy.stats())
    })
    const fresh = yield* count
    yield* prepare(preparing)
    return { fresh, warm: yield* count }
  })

const rows: Array<readonly [string, number, number, number]> = []

describe("the round trips of", () => {
  it.layer(RedisServer.layer(), { timeout: "30 seconds" })((it) => {
    for (const call of calls) {
      it.scoped(`${call.name} are ${call.roundTrips}, on a fresh connection and later`, () =>
        Effect.gen(function*() {
          const { fresh, warm } = yield* measure(call)
          rows.push([call.name, call.commands.length, fresh.roundTrips, warm.roundTrips])
          assert.deepStrictEqual([fresh.roundTrips, warm.roundTrips], [call.roundTrips, call.roundTrips])
          assert.deepStrictEqual([fresh.connections, warm.connections], [0, 0])
        }))
    }
  })

  afterAll(() => {
    const cells = [["verb", "commands", "first", "later"], ...rows.map((row) => row.map(String))]
    const table = cells.map(([name = "", ...numbers]) =>
      `${name.padEnd(26)}${numbers.map((n) => n.padStart(10)).join("")}`
    )
    process.stdout.write(`\nRound trips, first on a fresh connection and later:\n\n${table.join("\n")}\n\n`)
  })
})
