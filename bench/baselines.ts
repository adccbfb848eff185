/** The same work by hand on bare ioredis, as its best user would write it. */
import type { Redis } from "ioredis"

export const stateOf = (i: number, bytes: number) => ({ n: i, text: "x".repeat(Math.max(0, bytes - 40)) })

/** Three commands in a pipeline: not atomic, like the store this library started from. */
export const pipelineOfThree = (redis: Redis, bytes: number) => (i: number): Promise<unknown> => {
  const id = `naive-${i}`
  const index = `naive:execution:${i % 100}:checkpoints`
  const payload = JSON.stringify({
    id,
    node_name: "bench",
    state: stateOf(i, bytes),
    metadata: { execution_id: String(i % 100) },
    timestamp: new Date().toISOString(),
    version: i
  })
  return redis.pipeline().set(`naive:checkpoint:${id}`, payload).sadd(index, id).pexpire(index, 100_000).exec()
}

/** Runs `count` calls, `width` at a time; milliseconds. */
export const timed = async (count: number, width: number, call: (i: number) => Promise<unknown>): Promise<number> => {
  let next = 0
  const worker = async (): Promise<void> => {
    if (next === count) return
    await call(next++)
    await worker()
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: width }, worker))
  return performance.now() - started
}

export const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
