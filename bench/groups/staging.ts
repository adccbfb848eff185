/** A payload inside of the script's arguments, beside one that goes ahead of the script: where the second begins to pay. */
import { Effect } from "effect"
import { CheckpointProgram, RedisProgram } from "effect-checkpoint"
import { createHash } from "node:crypto"
import type { Case } from "../case.js"
import { bare, layout, sent } from "../contenders/bare.js"
import { payloadOf, stateOf } from "../state.js"
import { World } from "../world.js"

const kib = 1024

export const sizes = {
  full: [1 * kib, 4 * kib, 8 * kib, 16 * kib, 32 * kib, 64 * kib, 128 * kib],
  small: []
}

const ttl = 100_000
const executions = 100
const payloadAt = 3

/** The arguments of a save as if its payload were of either kind. */
const argumentsOf = (id: string, executionId: string, version: number, payload: string, staged: string | undefined) => {
  const entry = { id, executionId, version, payload: "", writeId: id }
  const [command] = RedisProgram.compile(CheckpointProgram.save(layout, entry, { ttl })).commands
  if (command?._tag !== "Script") throw new Error("a save of a small payload is one script")
  const keys = staged === undefined ? command.keys : [...command.keys, staged]
  const args = command.args.map((arg, i) => i === payloadAt && staged === undefined ? payload : arg)
  const digest = createHash("sha1").update(command.script.lua).digest("hex")
  return ["evalsha", digest, keys.length, ...keys, ...args as Array<string>] as const
}

const place = (i: number) => [`cp-${i}`, String(i % executions), i + 1] as const

const caseOf = (world: World["Type"], bytes: number): Case => {
  const state = stateOf(bytes)
  const inline = (i: number) => {
    const [id, executionId, version] = place(i)
    return [argumentsOf(id, executionId, version, payloadOf(id, executionId, version, state), undefined)]
  }
  const ahead = (i: number) => {
    const [id, executionId, version] = place(i)
    const payload = payloadOf(id, executionId, version, state)
    const staged = `${layout.stagedPrefix}${id}`
    return [
      ["set", staged, payload, "PX", 30_000] as const,
      argumentsOf(id, executionId, version, payload, staged)
    ]
  }
  return {
    verb: "staging",
    bytes,
    fibers: 16,
    baseline: bare("in the script", (i) => sent(world.bare, inline(i))),
    subjects: [bare("ahead of the script", (i) => sent(world.bare, ahead(i)))],
    prepare: Effect.orDie(
      world.store.save({ id: "a", executionId: "a", nodeName: "a", state: stateOf(100), version: 1 })
    ),
    reset: () => Effect.promise(() => world.server.flushdb())
  }
}

export const staging = (all: ReadonlyArray<number>) =>
  Effect.map(World, (world) => all.map((bytes) => caseOf(world, bytes)))
