/** What a checkpoint takes in Redis, beside the other layout. */
import { Effect } from "effect"
import type { Redis } from "ioredis"
import { sizeName } from "./case.js"
import { fill } from "./fill.js"
import { payloadOf, stateOf } from "./state.js"
import { World } from "./world.js"

export interface MemoryRow {
  readonly bytes: number
  /** The stored JSON. */
  readonly payload: number
  /** Bytes of Redis' memory a checkpoint. */
  readonly ours: number
  readonly spec: number
}

const used = async (redis: Redis): Promise<number> =>
  Number(/^used_memory:(\d+)/m.exec(await redis.info("memory"))?.[1])

const taken = (bytes: number, layout: "ours" | "spec", count: number) =>
  Effect.gen(function*() {
    const { server } = yield* World
    yield* Effect.promise(() => server.flushdb())
    const before = yield* Effect.promise(() => used(server))
    yield* fill(server, { executionId: "memory", count, state: stateOf(bytes), layout })
    return ((yield* Effect.promise(() => used(server))) - before) / count
  })

const count = 50_000

export const memoryOf = (bytes: number) =>
  Effect.gen(function*() {
    const ours = yield* taken(bytes, "ours", count)
    const spec = yield* taken(bytes, "spec", count)
    const payload = payloadOf("000000001", "memory", 10_000, stateOf(bytes)).length
    const row: MemoryRow = { bytes, payload, ours, spec }
    return row
  })

export const memoryHeader = ["state", "stored JSON", "in Redis", "with a Set", "beside the JSON"]

export const memoryCells = ({ bytes, ours, payload, spec }: MemoryRow): ReadonlyArray<string> => [
  sizeName(bytes),
  ...[payload, ours, spec, ours - payload].map((size) => `${size.toFixed(0)} B`)
]
