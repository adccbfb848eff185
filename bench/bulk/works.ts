/** A hundred thousand checkpoints at once: by the library, and by hand. */
import { Effect, Stream } from "effect"
import type { Redis } from "ioredis"
import { layout, listAll, pipelineOf, spec, threesOf } from "../contenders/bare.js"
import { idOf } from "../fill.js"
import { stateOf } from "../state.js"
import { World } from "../world.js"

export const total = 100_000
export const bytes = 1024
export const executionId = "bulk"

const state = stateOf(bytes)
const ttl = 10_000_000

function* ids(): Iterable<string> {
  for (let i = 1; i <= total; i++) yield idOf(i)
}

function* inputs() {
  for (let version = 1; version <= total; version++) {
    yield { id: idOf(version), executionId, nodeName: "bench", state: { ...state, step: version }, version }
  }
}

/** By hand in bounded pieces, one after the other. */
const pieces = async (size: number, work: (first: number, last: number) => Promise<unknown>): Promise<void> => {
  for (let first = 1; first <= total; first += size) {
    // All at once would be all in memory.
    // oxlint-disable-next-line no-await-in-loop
    await work(first, Math.min(first + size - 1, total))
  }
}

const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

const saveByHand = (redis: Redis) =>
  pieces(
    100,
    (first, last) =>
      pipelineOf(redis, numbers(first, last).flatMap((i) => threesOf(state, ttl)(idOf(i), executionId, i)))
  )

const loadByHand = async (redis: Redis): Promise<ReadonlyMap<string, unknown>> => {
  const found = new Map<string, unknown>()
  await pieces(500, async (first, last) => {
    const asked = numbers(first, last).map(idOf)
    const payloads = await redis.mget(asked.map((id) => layout.checkpointPrefix + id))
    payloads.forEach((payload, i) => found.set(asked[i]!, JSON.parse(payload ?? "null")))
  })
  return found
}

const copyByHand = async (redis: Redis): Promise<void> => {
  const members = await redis.smembers(spec.index(executionId))
  await pieces(500, async (first, last) => {
    const payloads = await redis.mget(members.slice(first - 1, last).map(spec.checkpoint))
    const commands = payloads.flatMap((payload) => {
      const checkpoint = JSON.parse(payload ?? "null")
      const copy = { ...checkpoint, id: `copy-${checkpoint.id}`, metadata: { execution_id: "copy" } }
      return [
        ["set", spec.checkpoint(copy.id), JSON.stringify(copy)] as const,
        ["sadd", spec.index("copy"), copy.id] as const
      ]
    })
    await pipelineOf(redis, commands)
  })
}

const clearByHand = async (redis: Redis): Promise<void> => {
  const members = await redis.smembers(spec.index(executionId))
  await redis.pipeline([...members.map((id) => ["del", spec.checkpoint(id)]), ["del", spec.index(executionId)]]).exec()
}

const byHand = (call: (redis: Redis) => Promise<unknown>) =>
  Effect.flatMap(World, ({ bare }) => Effect.promise(() => call(bare)))

const byStore = (call: (store: World["Type"]["store"]) => Effect.Effect<unknown, unknown>) =>
  Effect.flatMap(World, ({ store }) => Effect.orDie(call(store)))

/** What is there before it, and the work on both sides. */
export const works = {
  saveAll: {
    full: false,
    ours: byStore((store) => store.saveAll(inputs(), { ttl })),
    bare: byHand(saveByHand)
  },
  loadAll: {
    full: true,
    ours: byStore((store) => store.loadAll(ids())),
    bare: byHand(loadByHand)
  },
  stream: {
    full: true,
    ours: byStore((store) => Stream.runDrain(store.stream(executionId))),
    bare: byHand((redis) => listAll(redis, executionId))
  },
  copy: {
    full: true,
    ours: byStore((store) => store.copy(executionId, "copy")),
    bare: byHand(copyByHand)
  },
  clear: {
    full: true,
    ours: byStore((store) => store.clear(executionId)),
    bare: byHand(clearByHand)
  }
} as const

export type Work = keyof typeof works

export type Side = "ours" | "bare"
