import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import type { Checkpoint } from "../../schema/Checkpoint.js"
import type { CheckpointDecodeError } from "../../schema/Errors.js"
import { CheckpointEncodeError } from "../../schema/Errors.js"
import type { KeyLayout } from "../../services/KeyLayout.js"
import { describe } from "../issue.js"
import { decodeError } from "./decode.js"

/** How a view of the store turns states into JSON and back. */
export interface Codec<State, R> {
  readonly encode: (checkpointId: string, state: State) => Effect.Effect<unknown, CheckpointEncodeError, R>
  readonly decode: (
    layout: KeyLayout,
    checkpoint: Checkpoint<unknown>
  ) => Effect.Effect<Checkpoint<State>, CheckpointDecodeError, R>
}

export const encoded: Codec<unknown, never> = {
  encode: (_, state) => Effect.succeed(state),
  decode: (_, checkpoint) => Effect.succeed(checkpoint)
}

export const forSchema = <A, I, R>(schema: Schema.Schema<A, I, R>): Codec<A, R> => {
  const encode = ParseResult.encode(schema)
  const decode = ParseResult.decodeUnknown(schema)
  return {
    encode: (checkpointId, state) =>
      Effect.mapError(
        encode(state, { errors: "all", onExcessProperty: "error" }),
        (issue) => new CheckpointEncodeError({ checkpointId, issue: describe(issue, "state") })
      ),
    decode: (layout, checkpoint) =>
      Effect.mapBoth(decode(checkpoint.state, { errors: "all" }), {
        onFailure: (issue) => decodeError(layout, checkpoint.id, describe(issue, "state")),
        onSuccess: (state) => ({ ...checkpoint, state })
      })
  }
}
