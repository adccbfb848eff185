import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Checkpoint, Metadata } from "../../schema/Checkpoint.js"
import type { CheckpointEncodeError, StorageError } from "../../schema/Errors.js"
import * as CheckpointProgram from "../../services/CheckpointProgram.js"
import type { Append, AppendInput, SaveOptions } from "../../services/CheckpointStore.js"
import { type Call, verb } from "../observe.js"
import * as Settled from "../settled.js"
import type { Codec } from "./codec.js"
import type { Core } from "./core.js"
import { preparedAt, send } from "./writing.js"

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

/** Appends behind a head that is known. */
const at = <State, R>(call: Call, codec: Codec<State, R>) => {
  const prepared = preparedAt(call, codec)
  return (executionId: string, input: AppendInput<State>, options: SaveOptions, head: number) => {
    const now = call.now()
    const checkpoint = next(executionId, input, head, now)
    return Settled.flatMap(
      prepared(checkpoint, { ...options, expectedVersion: head }, now),
      (prepared) => Effect.as(send(call, prepared), checkpoint)
    )
  }
}

/** Asks for the head, and goes on until no other writer comes in between. */
const atUnknownHead = <State, R>(call: Call, codec: Codec<State, R>) => {
  const appendAt = at(call, codec)
  return (executionId: string, input: AppendInput<State>, options: SaveOptions) => {
    const from = (head: number): Effect.Effect<Checkpoint<State>, CheckpointEncodeError | StorageError, R> =>
      Effect.catchTag(
        Settled.toEffect(appendAt(executionId, input, options, head)),
        "CheckpointConflict",
        ({ actual }) => from(actual)
      )
    // Prepared once for nothing: what is wrong is said before the head is asked for.
    return Settled.flatMap(
      preparedAt(call, codec)(next(executionId, input, 0, 0), { ...options, expectedVersion: 0 }, 0),
      () => Effect.flatMap(call.redis.pipeline(CheckpointProgram.head(call.layout, executionId)), from)
    )
  }
}

export const append = <State, R>(core: Core, codec: Codec<State, R>): Append<State, R> => {
  const append = (executionId: string, input: AppendInput<State>, options: SaveOptions = {}) =>
    observe(core, (call) =>
      Settled.toEffect(
        input.after === undefined
          ? atUnknownHead(call, codec)(executionId, input, options)
          : at(call, codec)(executionId, input, options, input.after.version)
      ))
  // Without `after` the loop goes on until it wins, so no conflict comes out.
  return append as Append<State, R>
}
