import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Redacted, type Scope, TestClock } from "effect"
import * as RedisLive from "../../src/layers/RedisLive.js"
import * as TestMemory from "../../src/layers/TestMemory.js"
import { CheckpointStore, layer, type Options } from "../../src/services/CheckpointStore.js"
import { Redis } from "../../src/services/Redis.js"
import type * as RawRedis from "../support/RawRedis.js"
import { RedisServer } from "../support/RedisServer.js"
import { type Operation, operations, options, perform } from "./arbitraryOperations.js"

const hours = (millis: number): number => Math.round(millis / 3_600_000)

/** Without what is unique to a write. */
const text = (value: string): unknown => {
  try {
    const json = JSON.parse(value)
    if (typeof json?.metadata?.write_id === "string") json.metadata.write_id = "unique"
    return json
  } catch {
    return value
  }
}

const sorted = (values: Iterable<unknown>): ReadonlyArray<unknown> => [...values].toSorted()

type Dump = ReadonlyArray<readonly [key: string, type: string, value: unknown, hours: number | undefined]>

const fromMemory: Effect.Effect<Dump, never, TestMemory.TestMemory> = Effect.gen(function*() {
  const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
  const snapshot = yield* Effect.flatMap(TestMemory.TestMemory, (memory) => memory.snapshot)
  return Array.from(snapshot, ([key, { expiresAt, type, value }]) => {
    const left = expiresAt === undefined ? undefined : hours(expiresAt - now)
    if (type === "string") return [key, type, text(value), left] as const
    if (type === "set") return [key, type, sorted(value), left] as const
    if (type === "zset" && key.endsWith(":executions")) return [key, type, sorted(value.map(([m]) => m)), left] as const
    return [key, type, type === "zset" ? value.flatMap(([m, score]) => [m, String(score)]) : value, left] as const
  })
})

const readers: Readonly<Record<string, ReadonlyArray<string>>> = {
  string: ["GET"],
  list: ["LRANGE", "0", "-1"],
  set: ["SMEMBERS"],
  zset: ["ZRANGE", "0", "-1", "WITHSCORES"]
}

const fromServer = (raw: RawRedis.RawRedis, prefix: string): Effect.Effect<Dump, RawRedis.RawRedisError> =>
  Effect.gen(function*() {
    const keys = (yield* raw.send("KEYS", `${prefix}*`)) as ReadonlyArray<string>
    return yield* Effect.forEach(keys, (key) =>
      Effect.gen(function*() {
        const type = String(yield* raw.send("TYPE", key))
        const [name = "", ...args] = readers[type] ?? []
        const value = yield* raw.send(name, key, ...args)
        const left = Number(yield* raw.send("PTTL", key))
        const flat = Array.isArray(value) ? value as ReadonlyArray<string> : []
        const kept = type === "string"
          ? text(String(value))
          : type === "set"
          ? sorted(flat)
          : key.endsWith(":executions")
          ? sorted(flat.filter((_, i) => i % 2 === 0))
          : flat
        return [key, type, kept, left < 0 ? undefined : hours(left)] as const
      }))
  })

/** Staged payloads of refused saves, which are gone in seconds, have random names. */
const comparable = (dump: Dump): ReadonlyArray<unknown> =>
  dump
    .map(([key, ...rest]) => [JSON.stringify([key.replace(/(:staged:).*/, "$1"), rest]), key, ...rest] as const)
    .toSorted(([a], [b]) => a < b ? -1 : 1)
    .map(([, key, ...rest]) => [key.replace(/(:staged:).*/, "$1"), ...rest])

const storeOn = (
  redis: typeof Redis.Service,
  options: Options
): Effect.Effect<typeof CheckpointStore.Service, unknown, Scope.Scope> =>
  Effect.map(
    Layer.build(Layer.provide(layer(options), Layer.succeed(Redis, redis))),
    Context.get(CheckpointStore)
  )

/** Failures by tag, code and fields; messages quote where in a script they arose. */
const outcome = (effect: Effect.Effect<unknown, unknown>) =>
  Effect.match(effect, {
    onFailure: (error) => {
      const { message: _, ...fields } = { ...error as object, ...(error as { toJSON: () => object }).toJSON() } as {
        message?: string
      }
      return { failure: fields }
    },
    onSuccess: (value) => ({ value })
  })

const clean = (results: ReadonlyArray<unknown>): unknown =>
  JSON.parse(JSON.stringify(results, (key, value) => key === "message" || key === "_id" ? undefined : value))

let sequences = 0

const agree = (raw: RawRedis.RawRedis, server: typeof Redis.Service, options: Options, all: ReadonlyArray<Operation>) =>
  Effect.gen(function*() {
    const prefix = `s${++sequences}:`
    const memory = yield* Redis
    const ours = yield* storeOn(memory, { ...options, prefix })
    const theirs = yield* storeOn(server, { ...options, prefix })
    for (const [i, operation] of all.entries()) {
      // The server's clock moves by itself between two saves.
      yield* TestClock.adjust("1 millis")
      const results = yield* Effect.all([
        outcome(perform(ours, memory, operation)),
        outcome(perform(theirs, server, operation))
      ])
      const [mine, expected] = clean(results) as ReadonlyArray<unknown>
      assert.deepStrictEqual(mine, expected, `operation ${i}`)
    }
    assert.deepStrictEqual(comparable(yield* fromMemory), comparable(yield* fromServer(raw, prefix)))
  }).pipe(Effect.provide(TestMemory.redis()))

const server = Layer.unwrapEffect(
  Effect.map(RedisServer, ({ url }) => RedisLive.redis({ url: Redacted.make(url) }))
).pipe(Layer.provideMerge(RedisServer.layer()))

describe("the store on a memory and on a server", () => {
  it.layer(server, { timeout: "30 seconds" })((it) => {
    it.effect.prop("gives the same results and holds the same keys after any operations", [options, operations], (
      [options, all]
    ) =>
      Effect.gen(function*() {
        const raw = yield* Effect.flatMap(RedisServer, ({ connect }) => connect)
        yield* agree(raw, yield* Redis, options, all)
      }).pipe(Effect.scoped), {
      fastCheck: { numRuns: process.env["IOREDIS_MAJOR"] === "5" ? 50 : 200 },
      timeout: 240_000
    })
  })
})
