import * as Effect from "effect/Effect"
import type { StorageError } from "../../schema/Errors.js"
import * as CheckpointProgram from "../../services/CheckpointProgram.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import { countExpired } from "../observe.js"
import type { Core } from "./core.js"

/** A payload and the id under which it was found. */
export interface Found {
  readonly id: string
  readonly payload: string
}

const forgetMissing = (
  core: Core,
  executionId: string,
  missing: ReadonlyArray<string>
): Effect.Effect<void, StorageError> => {
  if (missing.length === 0) return Effect.void
  const chunks: Array<ReadonlyArray<string>> = []
  for (let i = 0; i < missing.length; i += 500) chunks.push(missing.slice(i, i + 500))
  const program = RedisProgram.forEach(chunks, (ids) => CheckpointProgram.forget(core.layout, executionId, ids))
  return core.redis.pipeline(program).pipe(
    Effect.flatMap((dropped) => countExpired(dropped.reduce((sum, n) => sum + n, 0))),
    // A replica or a full server refuses: the entries stay for a later read.
    Effect.catchTag("RedisCommandError", () => Effect.void)
  )
}

/** Reads what an index points to, and drops the entries that point nowhere. */
export const loadFound = (
  core: Core,
  executionId: string,
  ids: ReadonlyArray<string>
): Effect.Effect<Array<Found>, StorageError> =>
  Effect.flatMap(core.redis.pipeline(CheckpointProgram.loadAll(core.layout, ids, core.renew)), (payloads) => {
    const found: Array<Found> = []
    const missing: Array<string> = []
    payloads.forEach((payload, i) => {
      const id = ids[i]!
      if (payload === null) missing.push(id)
      else found.push({ id, payload })
    })
    return Effect.as(forgetMissing(core, executionId, missing), found)
  })
