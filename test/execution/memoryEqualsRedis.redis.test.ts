import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Redacted, TestClock } from "effect"
import * as RedisLive from "../../src/layers/RedisLive.js"
import * as TestMemory from "../../src/layers/TestMemory.js"
import { CheckpointStore, layer, type Options } from "../../src/services/CheckpointStore.js"
import { Redis } from "../../src/services/Redis.js"
import { options } from "../conformance/arbitraryOperations.js"
import type * as RawRedis from "../support/RawRedis.js"
import { RedisServer } from "../support/RedisServer.js"
import { type Step, steps, take } from "./arbitrarySteps.js"
import { hour } from "./Bench.js"

type Held = readonly [type: string, value: unknown, left: number]
type Dump = ReadonlyMap<string, Held>

/** A time as hours from now; what is no time as it is. */
const fromNow = (now: number) => (text: string): string =>
  text === "" || text === "inf" || text === "0" ? text : `${Math.round((Number(text) - now) / hour)} h`

const pairs = (flat: ReadonlyArray<string>) => flat.flatMap((a, i) => i % 2 === 0 ? [[a, flat[i + 1]!] as const] : [])

const withoutWriteId = (value: string): string => value.replace(/"write_id":"[^"]{12,}"/, "\"write_id\":\"unique\"")

/** Times become hours from now; what the store made unique, and its times of saves, are left out. */
const normal = (key: string, type: string, flat: ReadonlyArray<string>, now: number): unknown => {
  const relative = fromNow(now)
  if (type === "string") return withoutWriteId(flat[0]!)
  if (type === "hash") {
    return pairs(flat).map(([field, value]) =>
      key.endsWith(":run") && ["until", "was_due", "at"].includes(field) ? [field, relative(value)] : [field, value]
    ).toSorted()
  }
  if (type !== "zset") return flat.toSorted()
  if (key.endsWith(":executions")) return pairs(flat).map(([member]) => member).toSorted()
  return key.includes(":due:") ? pairs(flat).map(([member, at]) => [member, relative(at)]).toSorted() : flat
}

const score = (at: number): string => at === Infinity ? "inf" : String(at)

const fromMemory: Effect.Effect<Dump, never, TestMemory.TestMemory> = Effect.gen(function*() {
  const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
  const snapshot = yield* Effect.flatMap(TestMemory.TestMemory, (memory) => memory.snapshot)
  return new Map(Array.from(snapshot, ([key, { expiresAt, type, value }]) => {
    const flat = type === "string"
      ? [value]
      : type === "zset"
      ? value.flatMap(([m, at]) => [m, score(at)])
      : [...value].flat()
    return [key, [
      type,
      normal(key, type, flat, now),
      expiresAt === undefined ? -1 : Math.round((expiresAt - now) / hour)
    ]]
  }))
})

const readers: Readonly<Record<string, ReadonlyArray<string>>> = {
  string: ["GET"],
  list: ["LRANGE", "0", "-1"],
  set: ["SMEMBERS"],
  hash: ["HGETALL"],
  zset: ["ZRANGE", "0", "-1", "WITHSCORES"]
}

const fromServer = (raw: RawRedis.RawRedis, prefix: string): Effect.Effect<Dump, RawRedis.RawRedisError> =>
  Effect.gen(function*() {
    const [seconds] = (yield* raw.send("TIME")) as ReadonlyArray<string>
    const keys = (yield* raw.send("KEYS", `${prefix}*`)) as ReadonlyArray<string>
    const rows = yield* Effect.forEach(keys, (key) =>
      Effect.gen(function*() {
        const type = String(yield* raw.send("TYPE", key))
        const [name = "", ...args] = readers[type] ?? []
        const value = yield* raw.send(name, key, ...args)
        const left = Number(yield* raw.send("PTTL", key))
        const flat = Array.isArray(value) ? value as ReadonlyArray<string> : [String(value)]
        const held: Held = [
          type,
          normal(key, type, flat, Number(seconds) * 1000),
          left < 0 ? -1 : Math.round(left / hour)
        ]
        return [key, held] as const
      }))
    return new Map(rows)
  })

/** Staged payloads of the store's refused saves, which are gone in seconds, have random names. */
const comparable = (dump: Dump): ReadonlyArray<unknown> =>
  Array.from(dump, ([key, held]) => [key.replace(/(:staged:).{12,}/, "$1"), ...held])
    .toSorted((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

const storeOn = (redis: typeof Redis.Service, options: Options) =>
  Effect.map(
    Layer.build(Layer.provide(layer(options), Layer.succeed(Redis, redis))),
    Context.get(CheckpointStore)
  )

/** Failures by tag, code and fields; messages quote where in a script they arose. */
const outcome = (effect: Effect.Effect<unknown, unknown>) =>
  Effect.match(effect, {
    onFailure: (error) => {
      const { message: _, remaining, ...fields } = { ...error as object } as { message?: string; remaining?: number }
      const left = remaining === undefined ? {} : { remaining: Math.round(remaining / hour) }
      return { failure: { tag: (error as { readonly _tag: string })._tag, ...fields, ...left } }
    },
    onSuccess: (value) => ({ value })
  })

const clean = (results: ReadonlyArray<unknown>): ReadonlyArray<unknown> =>
  JSON.parse(JSON.stringify(results, (key, value) => key === "message" || key === "_id" ? undefined : value))

let sequences = 0
const reached: Record<string, number> = {}

const agree = (raw: RawRedis.RawRedis, server: typeof Redis.Service, options: Options, all: ReadonlyArray<Step>) =>
  Effect.gen(function*() {
    const prefix = `s${++sequences}:`
    const memory = yield* Redis
    const ours = yield* storeOn(memory, { ...options, prefix })
    const theirs = yield* storeOn(server, { ...options, prefix })
    yield* TestClock.setTime(1_700_000_000_000)
    for (const [i, step] of all.entries()) {
      // The server's clock moves by itself between two saves.
      yield* TestClock.adjust("1 millis")
      const results = yield* Effect.all([
        outcome(take(ours, memory, step)),
        outcome(take(theirs, server, step))
      ])
      const [mine, expected] = clean(results)
      assert.deepStrictEqual(mine, expected, `step ${i}, ${step._tag}`)
      const { failure } = expected as { readonly failure?: { readonly tag: string } }
      const kind = `${step._tag} ${failure?.tag ?? "ok"}`
      reached[kind] = (reached[kind] ?? 0) + 1
    }
    assert.deepStrictEqual(comparable(yield* fromMemory), comparable(yield* fromServer(raw, prefix)))
  }).pipe(Effect.provide(TestMemory.redis()))

const server = Layer.unwrapEffect(
  Effect.map(RedisServer, ({ url }) => RedisLive.redis({ url: Redacted.make(url) }))
).pipe(Layer.provideMerge(RedisServer.layer()))

const runs = 120

describe("executions on a memory and on a server", () => {
  it.layer(server, { timeout: "30 seconds" })((it) => {
    it.effect.prop(
      "give the same results and hold the same keys after any steps",
      [options, steps],
      ([options, all]) =>
        Effect.gen(function*() {
          const raw = yield* Effect.flatMap(RedisServer, ({ connect }) => connect)
          yield* agree(raw, yield* Redis, options, all)
        }).pipe(Effect.scoped),
      { fastCheck: { numRuns: runs }, timeout: 120_000 }
    )

    it.effect("were compared in what they refuse, too", () =>
      Effect.sync(() => {
        for (
          const kind of [
            "claim ok",
            "claim ExecutionBusy",
            "claim GraphMismatch",
            "commit ok",
            "commit Fenced",
            "commit CheckpointConflict",
            "commit RedisCommandError",
            "memo ok",
            "memo Fenced",
            "memo CheckpointConflict",
            "answer ok",
            "wake ok",
            "answer CheckpointConflict"
          ]
        ) {
          assert.isAbove(reached[kind] ?? 0, 0, `${kind} of ${JSON.stringify(reached)}`)
        }
      }))
  })
})
