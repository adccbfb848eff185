/** The same work by hand on bare ioredis, as its best user would write it. */
import { CheckpointProgram, KeyLayout, RedisProgram } from "effect-checkpoint"
import type { Redis } from "ioredis"
import { createHash } from "node:crypto"

export const stateOf = (i: number, bytes: number) => ({ n: i, text: "x".repeat(Math.max(0, bytes - 40)) })

const payloadOf = (id: string, i: number, bytes: number) =>
  JSON.stringify({
    id,
    node_name: "bench",
    state: stateOf(i, bytes),
    metadata: { execution_id: String(i % 100) },
    timestamp: new Date().toISOString(),
    version: i
  })

/** Three commands in a pipeline: not atomic, like the store this library started from. */
export const pipelineOfThree = (redis: Redis, bytes: number) => (i: number): Promise<unknown> => {
  const id = `naive-${i}`
  const index = `naive:execution:${i % 100}:checkpoints`
  const payload = payloadOf(id, i, bytes)
  return redis.pipeline().set(`naive:checkpoint:${id}`, payload).sadd(index, id).pexpire(index, 100_000).exec()
}

/** The store's own commands, without Effect, Schema and checks: what is left is the price of these. */
export const bareCommands = (redis: Redis, bytes: number) => {
  const layout = KeyLayout.make({ prefix: "bare:" })
  return async (i: number): Promise<unknown> => {
    const id = `bare-${i}`
    const entry = { id, executionId: String(i % 100), version: i, payload: payloadOf(id, i, bytes), writeId: id }
    const { commands } = RedisProgram.compile(CheckpointProgram.save(layout, entry, { ttl: 100_000 }))
    const pipeline = redis.pipeline()
    for (const command of commands) {
      if (command._tag === "Command") pipeline.call(command.name, ...(command.args as Array<string>))
      else {
        const sha = createHash("sha1").update(command.script.lua).digest("hex")
        const args = [...command.keys, ...(command.args as Array<string>)]
        if (commands.length === 1) return redis.evalsha(sha, command.keys.length, ...args)
        pipeline.evalsha(sha, command.keys.length, ...args)
      }
    }
    return pipeline.exec()
  }
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
