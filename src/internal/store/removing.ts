import * as Effect from "effect/Effect"
import type { StorageError } from "../../schema/Errors.js"
import * as CheckpointProgram from "../../services/CheckpointProgram.js"
import type { Store } from "../../services/CheckpointStore.js"
import { verb } from "../observe.js"
import { acknowledged } from "../programs/acknowledged.js"
import type { Core } from "./core.js"
import { isWellFormed } from "./encode.js"

const observe = { delete: verb("delete"), clear: verb("clear"), count: verb("count"), exists: verb("exists") }

export const remove = (core: Core): Store<unknown>["delete"] => (checkpointId) =>
  observe.delete(core, ({ durability, layout, redis }) =>
    isWellFormed(checkpointId)
      ? redis.pipeline(acknowledged(CheckpointProgram.delete(layout, checkpointId), durability))
      : Effect.succeed(false))

/** Deletes what an execution has, in steps, and gives the number with those deleted before. */
export const clearFrom = (core: Core, executionId: string, before: number): Effect.Effect<number, StorageError> =>
  Effect.flatMap(
    core.redis.pipeline(acknowledged(CheckpointProgram.clear(core.layout, executionId), core.durability)),
    ({ left, removed }) =>
      left === 0 ? Effect.succeed(before + removed) : clearFrom(core, executionId, before + removed)
  )

export const clear = (core: Core): Store<unknown>["clear"] => (executionId) =>
  observe.clear(core, (core) => isWellFormed(executionId) ? clearFrom(core, executionId, 0) : Effect.succeed(0))

export const count = (core: Core): Store<unknown>["count"] => (executionId) =>
  observe.count(core, ({ layout, redis }) =>
    isWellFormed(executionId)
      ? redis.pipeline(CheckpointProgram.count(layout, executionId))
      : Effect.succeed(0))

export const exists = (core: Core): Store<unknown>["exists"] => (checkpointId) =>
  observe.exists(core, ({ layout, redis }) =>
    isWellFormed(checkpointId)
      ? redis.pipeline(CheckpointProgram.exists(layout, checkpointId))
      : Effect.succeed(false))
