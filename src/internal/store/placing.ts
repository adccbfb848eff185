/** A cluster keeps the names of executions and the places of foreign ids in slots of their own. */
import * as Effect from "effect/Effect"
import { RedisCommandError, type StorageError } from "../../schema/Errors.js"
import type { SaveOptions } from "../../services/CheckpointProgram.js"
import type { KeyLayout } from "../../services/KeyLayout.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import { executionOf } from "../keys.js"
import { locate, located, touch } from "../programs/placing.js"
import type { Core } from "./core.js"

interface Named {
  readonly entry: { readonly id: string; readonly executionId: string }
  readonly options: SaveOptions
}

/** Whether an id does not tell where its checkpoint is. */
export const isForeign = (layout: KeyLayout, checkpointId: string): boolean =>
  layout.cluster && executionOf(checkpointId) === undefined

/** Why a cluster cannot have this checkpoint under this id. */
export const placeIssue = (layout: KeyLayout, id: string, executionId: string): string | undefined => {
  const told = layout.cluster ? executionOf(id) : undefined
  return told === undefined || told === executionId
    ? undefined
    : `id has the form of those that the library makes for the execution ${
      JSON.stringify(told)
    }: on a cluster it can ` +
      "be of no other; give it another id"
}

const elsewhere = (id: string, owner: string): RedisCommandError =>
  new RedisCommandError({
    command: "save",
    code: "ELSEWHERE",
    message: `ELSEWHERE the id ${JSON.stringify(id)} is of ${
      owner === "" ? "no execution" : `the execution ${JSON.stringify(owner)}`
    }: on a cluster it cannot move; give the checkpoint another id`
  })

/** A locator outlives its checkpoint; one that reads renew may live for ever. */
const locatorTtl = ({ renew }: Core, { ttl = 0 }: SaveOptions): number => ttl === 0 || renew > 0 ? 0 : ttl + 3_600_000

const mostKnown = 10_000

const remember = ({ known }: Core, executionIds: ReadonlyArray<string>): void => {
  if (known.size + executionIds.length > mostKnown) known.clear()
  for (const id of executionIds) known.add(id)
}

export const executionsOf = (all: ReadonlyArray<Named>): ReadonlyArray<string> =>
  [...new Set(all.map(({ entry }) => entry.executionId))].filter((id) => id !== "")

/**
 * What has to be there before checkpoints are: the names of executions that this process has not named
 * yet, and the places of foreign ids. Crashing behind it leaves names that lead to nothing. Nothing on
 * one server, at most 1 round trip on a cluster.
 */
export const announce = (core: Core, all: ReadonlyArray<Named>): Effect.Effect<void, StorageError> => {
  const { layout } = core
  if (!layout.cluster) return Effect.void
  const fresh = executionsOf(all).filter((id) => !core.known.has(id))
  const foreign = all.filter(({ entry }) => isForeign(layout, entry.id))
  if (fresh.length === 0 && foreign.length === 0) return Effect.void
  const names = fresh.length === 0 ? RedisProgram.succeed(undefined) : touch(layout, fresh)
  const places = RedisProgram.forEach(
    foreign,
    ({ entry, options }) => locate(layout, entry.id, entry.executionId, locatorTtl(core, options))
  )
  return Effect.flatMap(core.redis.pipeline(RedisProgram.zip(places, names)), ([owners]) => {
    remember(core, fresh)
    const wrong = owners.findIndex((owner, i) => owner !== foreign[i]!.entry.executionId)
    return wrong < 0 ? Effect.void : Effect.fail(elsewhere(foreign[wrong]!.entry.id, owners[wrong]!))
  })
}

/** The name of an execution follows its last save; sent with it, since the name is there already. */
export const naming = <A, E>(
  core: Core,
  executionIds: ReadonlyArray<string>,
  program: RedisProgram.RedisProgram<A, E>
): RedisProgram.RedisProgram<A, E | RedisCommandError> =>
  core.layout.cluster && executionIds.length > 0
    ? RedisProgram.zipWith(program, touch(core.layout, executionIds), (a) => a)
    : program

/** Where checkpoints are, by id. */
export type Owners = (checkpointId: string) => string | undefined

/** Asks for the foreign ids among these. 1 round trip on a cluster if there are any, else none. */
export const ownersOf = (core: Core, ids: ReadonlyArray<string>): Effect.Effect<Owners, StorageError> => {
  const foreign = ids.filter((id) => isForeign(core.layout, id))
  if (foreign.length === 0) return Effect.succeed(() => undefined)
  return Effect.map(
    core.redis.pipeline(RedisProgram.forEach(foreign, (id) => located(core.layout, id))),
    (owners) => {
      const byId = new Map(foreign.map((id, i) => [id, owners[i] ?? undefined]))
      return (id) => byId.get(id)
    }
  )
}
