import * as Effect from "effect/Effect"
import type { StorageError } from "../../schema/Errors.js"
import * as CheckpointProgram from "../../services/CheckpointProgram.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import type { Call } from "../observe.js"

/** A payload and the id under which it was found. */
export interface Found {
  readonly id: string
  readonly payload: string
  /** By the index that led to it; none from a Set. */
  readonly version?: number | undefined
}

export const forgetMissing = (
  call: Call,
  executionId: string,
  missing: ReadonlyArray<string>
): Effect.Effect<void, StorageError> => {
  if (missing.length === 0) return Effect.void
  const chunks: Array<ReadonlyArray<string>> = []
  for (let i = 0; i < missing.length; i += 500) chunks.push(missing.slice(i, i + 500))
  const program = RedisProgram.forEach(chunks, (ids) => CheckpointProgram.forget(call.layout, executionId, ids))
  return call.redis.pipeline(program).pipe(
    Effect.map((dropped) => {
      call.tally.expired += dropped.reduce((sum, n) => sum + n, 0)
    }),
    // A replica or a full server refuses: the entries stay for a later read. A key of another type is no missing one.
    Effect.catchTag("RedisCommandError", (error) => error.code === "WRONGTYPE" ? Effect.fail(error) : Effect.void)
  )
}

/** Reads what an index points to, and drops the entries that point nowhere. */
export const loadFound = (
  call: Call,
  executionId: string,
  entries: ReadonlyArray<{ readonly id: string; readonly version?: number }>
): Effect.Effect<Array<Found>, StorageError> =>
  Effect.flatMap(
    call.redis.pipeline(CheckpointProgram.loadAll(call.layout, entries.map(({ id }) => id), call.renew, executionId)),
    (payloads) => {
      const found: Array<Found> = []
      const missing: Array<string> = []
      for (let i = 0; i < entries.length; i++) {
        const { id, version } = entries[i]!
        const payload = payloads[i] ?? null
        if (payload === null) missing.push(id)
        else {
          found.push({ id, payload, version })
          call.tally.read += payload.length
        }
      }
      return Effect.as(forgetMissing(call, executionId, missing), found)
    }
  )
