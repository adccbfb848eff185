import * as Chunk from "effect/Chunk"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { StorageError } from "../../schema/Errors.js"
import type { Position } from "../../services/CheckpointProgram.js"
import * as CheckpointProgram from "../../services/CheckpointProgram.js"
import type { Store } from "../../services/CheckpointStore.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import { verb } from "../observe.js"
import { vacate } from "../programs/placing.js"
import type { Core } from "./core.js"
import { limitOf } from "./options.js"

const pageSize = 100

const observe = verb("executions")

/** On one server they are gone by now. */
const dropOut = (core: Core, dead: ReadonlyArray<string>): Effect.Effect<void, StorageError> =>
  core.layout.cluster && dead.length > 0 ? core.redis.pipeline(vacate(core.layout, dead)) : Effect.void

/** A page of executions that live, and the place behind it. */
const page = (
  core: Core,
  before: Position | undefined
): Effect.Effect<readonly [Array<string>, Option.Option<Position>], StorageError> =>
  Effect.flatMap(
    core.redis.pipeline(CheckpointProgram.executions(core.layout, { limit: pageSize, before })),
    (entries) => {
      const living = RedisProgram.forEach(entries, ({ id }) => CheckpointProgram.alive(core.layout, id))
      const rest = Option.filter(Option.fromNullable(entries.at(-1)), () => entries.length === pageSize)
      return Effect.flatMap(core.redis.pipeline(living), (alive) =>
        Effect.as(
          dropOut(core, entries.filter((_, i) => !alive[i]).map(({ id }) => id)),
          [entries.filter((_, i) => alive[i]).map(({ id }) => id), rest] as const
        ))
    }
  )

export const executions = (core: Core): Store<unknown>["executions"] => (options = {}) => {
  const limit = limitOf(options.limit)
  const before = options.before === undefined ? undefined : { version: DateTime.toEpochMillis(options.before) * 1000 }
  const all = Stream.paginateChunkEffect(
    before as Position | undefined,
    (position) =>
      observe(
        core,
        (core) => Effect.map(page(core, position), ([ids, rest]) => [Chunk.unsafeFromArray(ids), rest] as const)
      )
  )
  return limit === undefined ? all : Stream.take(all, limit)
}
