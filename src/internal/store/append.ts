import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Checkpoint, Metadata } from "../../schema/Checkpoint.js"
import * as CheckpointProgram from "../../services/CheckpointProgram.js"
import type { Append, AppendInput, SaveOptions } from "../../services/CheckpointStore.js"
import { verb } from "../observe.js"
import type { Codec } from "./codec.js"
import type { Core } from "./core.js"
import { prepare, send } from "./writing.js"

const observe = verb("append")

/** Padded so that ids sort like versions, in a sorted set as in a listing of keys. */
export const idOf = (executionId: string, version: number): string =>
  `${executionId}@${String(version).padStart(16, "0")}`

/** What names another execution is overwritten when it is stored. */
const withoutOwner = (metadata: Metadata): Metadata => {
  const { execution_id: _, ...rest } = metadata
  return rest
}

const next = <State>(
  executionId: string,
  input: AppendInput<State>,
  head: number,
  now: number
): Checkpoint<State> => ({
  id: idOf(executionId, head + 1),
  executionId: Option.some(executionId),
  nodeName: input.nodeName,
  state: input.state,
  metadata: withoutOwner(input.metadata ?? {}),
  timestamp: DateTime.unsafeMake(now),
  version: head + 1,
  unknownFields: {}
})

export const append = <State, R>(core: Core, codec: Codec<State, R>): Append<State, R> => {
  const prepared = prepare(core, codec)
  const at = (executionId: string, input: AppendInput<State>, options: SaveOptions, head: number) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const checkpoint = next(executionId, input, head, now)
      return prepared(checkpoint, { ...options, expectedVersion: head }).pipe(
        Effect.flatMap((prepared) => send(core, prepared)),
        Effect.as(checkpoint)
      )
    })
  const atHead = (
    executionId: string,
    input: AppendInput<State>,
    options: SaveOptions,
    head: number
  ): ReturnType<typeof at> =>
    Effect.catchTag(
      at(executionId, input, options, head),
      "CheckpointConflict",
      ({ actual }) => atHead(executionId, input, options, actual)
    )
  const atUnknownHead = (executionId: string, input: AppendInput<State>, options: SaveOptions) =>
    // Prepared once for nothing: what is wrong is said before the head is asked for.
    Effect.zipRight(
      prepared(next(executionId, input, 0, 0), { ...options, expectedVersion: 0 }),
      Effect.flatMap(
        core.redis.pipeline(CheckpointProgram.head(core.layout, executionId)),
        (head) => atHead(executionId, input, options, head)
      )
    )
  const append = (executionId: string, input: AppendInput<State>, options: SaveOptions = {}) =>
    observe(
      input.after === undefined
        ? atUnknownHead(executionId, input, options)
        : at(executionId, input, options, input.after.version)
    )
  // Without `after` the loop goes on until it wins, so no conflict comes out.
  return append as Append<State, R>
}
