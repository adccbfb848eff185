/** What a checkpoint takes in Redis, beside the other layout. */
import { Effect } from "effect"
import type { Redis } from "ioredis"
import { sizeName } from "./case.js"
import { fill } from "./fill.js"
import { payloadOf, stateOf } from "./state.js"
import { World } from "./world.js"

export interface Shape {
  readonly bytes: number
  /** Checkpoints an execution. */
  readonly length: number
}

export interface MemoryRow extends Shape {
  /** The stored JSON. */
  readonly payload: number
  /** Bytes of Redis' memory a checkpoint, its share of the indexes with it. */
  readonly ours: number
  readonly spec: number
}

const total = 20_000

/** Short histories, whose index Redis keeps packed, and a long one. */
export const shapes: ReadonlyArray<Shape> = [
  { bytes: 100, length: 20 },
  { bytes: 1024, length: 20 },
  { bytes: 10 * 1024, length: 20 },
  { bytes: 1024, length: total }
]

const used = async (redis: Redis): Promise<number> =>
  Number(/^used_memory:(\d+)/m.exec(await redis.info("memory"))?.[1])

const taken = ({ bytes, length }: Shape, layout: "ours" | "spec") =>
  Effect.gen(function*() {
    const { server } = yield* World
    const state = stateOf(bytes)
    yield* Effect.promise(() => server.flushdb())
    const before = yield* Effect.promise(() => used(server))
    yield* Effect.forEach(Array.from({ length: total / length }, (_, i) => i), (i) =>
      fill(server, { executionId: `execution-${i}`, from: i * length + 1, count: length, state, layout }))
    return ((yield* Effect.promise(() =>
      used(server)
    )) - before) / total
  })

export const memoryOf = (shape: Shape) =>
  Effect.gen(function*() {
    const ours = yield* taken(shape, "ours")
    const spec = yield* taken(shape, "spec")
    const payload = payloadOf("000000001", "execution-1", 10_000, stateOf(shape.bytes)).length
    const row: MemoryRow = { ...shape, payload, ours, spec }
    return row
  })

export const memoryHeader = ["state", "an execution", "stored JSON", "in Redis", "beside the JSON", "with a Set"]

export const memoryCells = ({ bytes, length, ours, payload, spec }: MemoryRow): ReadonlyArray<string> => [
  sizeName(bytes),
  length.toLocaleString("en"),
  ...[payload, ours, ours - payload, spec].map((size) => `${size.toFixed(0)} B`)
]
