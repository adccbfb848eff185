import * as Effect from "effect/Effect"
import type { StorageError } from "../../schema/Errors.js"
import * as CheckpointProgram from "../../services/CheckpointProgram.js"
import type { Store } from "../../services/CheckpointStore.js"
import { verb } from "../observe.js"
import { behindWrites } from "../outcome.js"
import { acknowledged } from "../programs/acknowledged.js"
import type { Core } from "./core.js"
import { isWellFormed } from "./encode.js"
import { ownersOf } from "./placing.js"

const observe = { delete: verb("delete"), clear: verb("clear"), count: verb("count"), exists: verb("exists") }

export const remove = (core: Core): Store<unknown>["delete"] => (checkpointId) =>
  observe.delete(core, (call) =>
    isWellFormed(checkpointId)
      ? Effect.flatMap(ownersOf(call, [checkpointId]), (owners) =>
        call.redis.pipeline(
          acknowledged(CheckpointProgram.delete(call.layout, checkpointId, owners(checkpointId)), call.durability)
        ))
      : Effect.succeed(false))

/** Deletes what a clear has left, step by step. */
export const sweepFrom = (core: Core, executionId: string, left: number): Effect.Effect<void, StorageError> =>
  left === 0
    ? Effect.void
    : Effect.asVoid(Effect.repeat(
      core.redis.pipeline(acknowledged(CheckpointProgram.sweep(core.layout, executionId), core.durability)),
      { until: (left) => left === 0 }
    ))

const clearAll = (core: Core, executionId: string): Effect.Effect<number, StorageError> =>
  Effect.flatMap(
    core.redis.pipeline(acknowledged(CheckpointProgram.clear(core.layout, executionId), core.durability)),
    ({ left, removed }) => Effect.as(behindWrites(sweepFrom(core, executionId, left)), removed)
  )

export const clear = (core: Core): Store<unknown>["clear"] => (executionId) =>
  observe.clear(core, (core) => isWellFormed(executionId) ? clearAll(core, executionId) : Effect.succeed(0))

export const count = (core: Core): Store<unknown>["count"] => (executionId) =>
  observe.count(core, ({ layout, redis }) =>
    isWellFormed(executionId)
      ? redis.pipeline(CheckpointProgram.count(layout, executionId))
      : Effect.succeed(0))

export const exists = (core: Core): Store<unknown>["exists"] => (checkpointId) =>
  observe.exists(core, (call) =>
    isWellFormed(checkpointId)
      ? Effect.flatMap(ownersOf(call, [checkpointId]), (owners) =>
        call.redis.pipeline(CheckpointProgram.exists(call.layout, checkpointId, owners(checkpointId))))
      : Effect.succeed(false))
