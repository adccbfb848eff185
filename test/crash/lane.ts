/**
 * A sequence of operations on executions of its own, the same for the same
 * seed, and what must be stored after each. Both the process that is killed and
 * the one that judges it follow the lane.
 */
import type { Effect } from "effect"
import type * as CheckpointStore from "../../src/services/CheckpointStore.js"
import * as Random from "../races/random.js"

export interface Kept {
  readonly executionId: string
  readonly version: number
  readonly state: { readonly step: number; readonly text: string }
}

export type Contents = ReadonlyMap<string, Kept>

type Operation =
  | { readonly verb: "save"; readonly id: string; readonly kept: Kept; readonly expectedVersion?: number }
  | { readonly verb: "append"; readonly id: string; readonly kept: Kept }
  | { readonly verb: "delete"; readonly id: string }
  | { readonly verb: "clear"; readonly executionId: string }

const drawOperation = (random: Random.Random, name: string, step: number, contents: Contents): Operation => {
  const executionId = `${name}-${random.pick(["a", "b"])}`
  const head = Math.max(0, ...[...contents.values()].map((kept) => kept.executionId === executionId ? kept.version : 0))
  const state = { step, text: "z".repeat(random.chance(0.4) ? 10 * 1024 : 8) }
  const id = `${name}-${random.integer(6)}`
  const choice = random.integer(12)
  if (choice === 0) return { verb: "clear", executionId }
  if (choice < 3) return { verb: "delete", id }
  if (choice < 6) {
    const version = head + 1
    return {
      verb: "append",
      id: `${executionId}@${String(version).padStart(16, "0")}`,
      kept: { executionId, version, state }
    }
  }
  if (choice < 8) {
    return { verb: "save", id, kept: { executionId, version: head + 1, state }, expectedVersion: head }
  }
  return { verb: "save", id, kept: { executionId, version: 1 + random.integer(20), state } }
}

const apply = (contents: Contents, operation: Operation): Contents => {
  const next = new Map(contents)
  if (operation.verb === "save" || operation.verb === "append") next.set(operation.id, operation.kept)
  else if (operation.verb === "delete") next.delete(operation.id)
  else for (const [id, kept] of contents) if (kept.executionId === operation.executionId) next.delete(id)
  return next
}

export interface Lane {
  /** The next operation, and what is stored once it has been done. */
  readonly next: () => { readonly operation: Operation; readonly contents: Contents }
}

export const make = (seed: number, name: string): Lane => {
  const random = Random.make(seed)
  let contents: Contents = new Map()
  let step = 0
  return {
    next: () => {
      const operation = drawOperation(random, name, step++, contents)
      contents = apply(contents, operation)
      return { operation, contents }
    }
  }
}

const entry = (id: string, { executionId, state, version }: Kept) => ({
  id,
  executionId,
  nodeName: "n",
  state,
  version
})

export const run = (store: CheckpointStore.Service, operation: Operation): Effect.Effect<unknown, unknown> => {
  switch (operation.verb) {
    case "save":
      return operation.expectedVersion === undefined
        ? store.save(entry(operation.id, operation.kept))
        : store.save(entry(operation.id, operation.kept), { expectedVersion: operation.expectedVersion })
    case "append": {
      const { executionId, state, version } = operation.kept
      return store.append(executionId, { nodeName: "n", state, after: { version: version - 1 } })
    }
    case "delete":
      return store.delete(operation.id)
    case "clear":
      return store.clear(operation.executionId)
  }
}
