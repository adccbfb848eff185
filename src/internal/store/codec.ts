import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import type { Checkpoint } from "../../schema/Checkpoint.js"
import type { CheckpointDecodeError } from "../../schema/Errors.js"
import { CheckpointEncodeError } from "../../schema/Errors.js"
import { describe } from "../issue.js"
import * as Settled from "../settled.js"
import type { Core } from "./core.js"
import { decodeError } from "./decode.js"
import { uncoded } from "./states.js"

/** How a view of the store turns states into JSON and back. */
export interface Codec<State, R> {
  readonly encode: (checkpointId: string, state: State) => Settled.Settled<unknown, CheckpointEncodeError, R>
  readonly decode: (
    core: Core,
    checkpoint: Checkpoint<unknown>
  ) => Settled.Settled<Checkpoint<State>, CheckpointDecodeError, R>
}

export const encoded: Codec<unknown, never> = {
  encode: (_, state) => Either.right(state),
  decode: uncoded
}

/** States as they lie in Redis, whatever the layer's codec made of them. */
export const asStored: Codec<unknown, never> = {
  encode: encoded.encode,
  decode: (_, checkpoint) => Either.right(checkpoint)
}

const tooDeep = "state: is nested too deeply for its schema; give it fewer levels"

/** A recursive schema needs the stack: what overflows it is wrong input, no bug. */
const onOverflow = <A, E, R, E2>(
  run: () => Settled.Settled<A, E, R>,
  fail: () => E2
): Settled.Settled<A, E | E2, R> => {
  try {
    return run()
  } catch (thrown) {
    if (thrown instanceof RangeError) return Either.left(fail())
    throw thrown
  }
}

export const forSchema = <A, I, R>(schema: Schema.Schema<A, I, R>): Codec<A, R> => {
  const encode = ParseResult.encode(schema)
  const decode = ParseResult.decodeUnknown(schema)
  return {
    encode: (checkpointId, state) =>
      onOverflow(
        () =>
          Settled.mapError(
            encode(state, { errors: "all", onExcessProperty: "error" }),
            (issue) => new CheckpointEncodeError({ checkpointId, issue: describe(issue, "state") })
          ),
        () => new CheckpointEncodeError({ checkpointId, issue: tooDeep })
      ),
    decode: (core, checkpoint) =>
      Settled.flatMap(uncoded(core, checkpoint), (checkpoint) => {
        const failed = (issue: string) =>
          decodeError(core.layout, checkpoint.id, issue, Option.getOrUndefined(checkpoint.executionId))
        return onOverflow(
          () =>
            Settled.map(
              Settled.mapError(
                decode(checkpoint.state, { errors: "all" }),
                (issue) => failed(describe(issue, "state"))
              ),
              (state) => ({ ...checkpoint, state })
            ),
          () => failed(tooDeep)
        )
      })
  }
}
