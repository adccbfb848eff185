/** Work by hand on bare ioredis, as its best user writes it. */
import { Effect } from "effect"
import { CheckpointProgram, KeyLayout, RedisProgram } from "effect-checkpoint"
import type { Redis } from "ioredis"
import { createHash } from "node:crypto"
import type { Contender } from "../case.js"
import { payloadOf, type State } from "../state.js"
import { prefix } from "../world.js"

/** Calls by as many loops as there are fibers on the other side. */
export const bare = (name: string, call: (i: number) => Promise<unknown>): Contender => ({
  name,
  run: (count, fibers) =>
    Effect.promise(async () => {
      let next = 0
      const loop = async (): Promise<void> => {
        // One after the other is the point.
        // oxlint-disable-next-line no-await-in-loop
        while (next < count) await call(next++)
      }
      const started = performance.now()
      await Promise.all(Array.from({ length: Math.min(fibers, count) }, loop))
      return performance.now() - started
    })
})

export const layout = KeyLayout.make({ prefix })

/** The other layout, of the store that this one began with. */
export const spec = {
  checkpoint: (id: string) => `spec:checkpoint:${id}`,
  index: (executionId: string) => `spec:execution:${executionId}:checkpoints`
}

/** A command and its arguments. */
type Sent = readonly [name: string, ...args: Array<string | number>]

/** How a checkpoint is written, as commands. */
type Saves = (id: string, executionId: string, version: number) => ReadonlyArray<Sent>

/** Three commands: not atomic. */
export const threesOf = (state: State, ttl: number): Saves => (id, executionId, version) => {
  const index = spec.index(executionId)
  const payload = payloadOf(id, executionId, version, { ...state, step: version })
  return [["set", spec.checkpoint(id), payload, "PX", ttl], ["sadd", index, id], ["pexpire", index, ttl]]
}

const digests = new Map<string, string>()

const digest = (lua: string): string => {
  const known = digests.get(lua) ?? createHash("sha1").update(lua).digest("hex")
  digests.set(lua, known)
  return known
}

/** What the store sends for a program, by the digests of scripts that the server has to know. */
const commandsOf = (program: RedisProgram.RedisProgram<unknown, unknown>): ReadonlyArray<Sent> =>
  RedisProgram.compile(program).commands.map((command): Sent =>
    command._tag === "Command"
      ? [command.name, ...command.args as Array<string>]
      : ["evalsha", digest(command.script.lua), command.keys.length, ...command.keys, ...command.args as Array<string>]
  )

/** What the store itself sends for a save, without Effect, Schema and checks. */
export const savesOf = (state: State, ttl: number): Saves => (id, executionId, version) => {
  const payload = payloadOf(id, executionId, version, { ...state, step: version })
  const entry = { id, executionId, version, payload, writeId: id }
  return commandsOf(CheckpointProgram.save(layout, entry, { ttl }))
}

export const pipelineOf = (redis: Redis, commands: ReadonlyArray<Sent>): Promise<unknown> =>
  redis.pipeline(commands.map((command) => ["call", ...command])).exec()

/** A pipeline for many commands; for one it would only cost. */
export const sent = (redis: Redis, commands: ReadonlyArray<Sent>): Promise<unknown> => {
  const [first, ...rest] = commands
  if (first === undefined || rest.length > 0) return pipelineOf(redis, commands)
  const [name, ...args] = first
  return redis.call(name, args)
}

export const getAndParse = async (redis: Redis, key: string): Promise<unknown> =>
  JSON.parse((await redis.get(key)) ?? "null")

/** What the store itself sends for `latest`, and no more made of it than of a GET. */
export const headOf = (redis: Redis, executionId: string): Contender => {
  const commands = commandsOf(CheckpointProgram.latest(layout, executionId, 0))
  return bare("the store's command, bare", async () => {
    const [, , payload] = await sent(redis, commands) as ReadonlyArray<string>
    return JSON.parse(payload ?? "null")
  })
}

/** Everything that an execution has, in whatever order a Set gives it. */
export const listAll = async (
  redis: Redis,
  executionId: string
): Promise<ReadonlyArray<{ readonly version: number }>> => {
  const ids = await redis.smembers(spec.index(executionId))
  const payloads = await redis.mget(ids.map(spec.checkpoint))
  return payloads.map((payload) => JSON.parse(payload ?? "null"))
}

/** The last of everything. */
export const listAndTakeLast = async (redis: Redis, executionId: string): Promise<unknown> => {
  const all = await listAll(redis, executionId)
  return all.reduce((last, one) => one.version > last.version ? one : last)
}

export const remove = async (redis: Redis, id: string): Promise<void> => {
  // The execution is only in the payload.
  const payload = await redis.get(spec.checkpoint(id))
  const { metadata } = JSON.parse(payload ?? "null")
  await redis.pipeline().del(spec.checkpoint(id)).srem(spec.index(metadata.execution_id), id).exec()
}

export const clear = async (redis: Redis, executionId: string): Promise<void> => {
  const ids = await redis.smembers(spec.index(executionId))
  await redis.pipeline([...ids.map((id) => ["del", spec.checkpoint(id)]), ["del", spec.index(executionId)]]).exec()
}

/** The same with one command that names everything. */
export const clearAtOnce = async (redis: Redis, executionId: string): Promise<void> => {
  const ids = await redis.smembers(spec.index(executionId))
  await redis.del(...ids.map(spec.checkpoint), spec.index(executionId))
}
