import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import type { Checkpoint } from "../../schema/Checkpoint.js"
import type { CheckpointDecodeError } from "../../schema/Errors.js"
import { CheckpointEncodeError } from "../../schema/Errors.js"
import { describe } from "../issue.js"
import { Lossless } from "../json.js"
import { optionsOf, plain, unclear } from "../schema/plain.js"
import * as Settled from "../settled.js"
import type { Core } from "./core.js"
import { decodeError } from "./decode.js"
import { uncoded } from "./states.js"

/** How a view of the store turns states into JSON and back. */
export interface Codec<State, R> {
  /** As JSON has it, `Lossless` if that is known. */
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

type Decode<State, R> = Codec<State, R>["decode"]

/** What Schema says of a state, in the error that the store fails with. */
const bySchema = <A, I, R>(schema: Schema.Schema<A, I, R>): Decode<A, R> => {
  const decode = ParseResult.decodeUnknown(schema)
  return (core, checkpoint) => {
    const failed = (issue: string) =>
      decodeError(core.layout, checkpoint.id, issue, Option.getOrUndefined(checkpoint.executionId))
    return onOverflow(
      () =>
        Settled.map(
          Settled.mapError(
            decode(checkpoint.state, optionsOf.decode),
            (issue) => failed(describe(issue, "state"))
          ),
          (state) => ({ ...checkpoint, state })
        ),
      () => failed(tooDeep)
    )
  }
}

/** Most schemas change nothing, and most states are theirs: Schema is asked for the others. */
const decodeFor = <A, I, R>(schema: Schema.Schema<A, I, R>): Decode<A, R> => {
  const asked = bySchema(schema)
  const check = plain(schema.ast, "decode")
  return (core, checkpoint) => {
    const { state } = checkpoint
    let checked: unknown
    try {
      checked = check(state)
    } catch {
      return asked(core, checkpoint)
    }
    if (checked === unclear) return asked(core, checkpoint)
    // The schema has accepted it.
    return Either.right((checked === state ? checkpoint : { ...checkpoint, state: checked }) as Checkpoint<A>)
  }
}

const encodeFor = <A, I, R>(schema: Schema.Schema<A, I, R>): Codec<A, R>["encode"] => {
  const encode = ParseResult.encode(schema)
  const check = plain(schema.ast, "encode")
  return (checkpointId, state) =>
    onOverflow(
      (): Settled.Settled<unknown, CheckpointEncodeError, R> => {
        const checked = check(state)
        // JSON has no undefined: that is told where it is told of plain states.
        if (checked !== unclear && checked !== undefined) return Either.right(new Lossless(checked))
        return Settled.mapError(
          encode(state, optionsOf.encode),
          (issue) => new CheckpointEncodeError({ checkpointId, issue: describe(issue, "state") })
        )
      },
      () => new CheckpointEncodeError({ checkpointId, issue: tooDeep })
    )
}

export const forSchema = <A, I, R>(schema: Schema.Schema<A, I, R>): Codec<A, R> => {
  const decode = decodeFor(schema)
  return {
    encode: encodeFor(schema),
    decode: (core, checkpoint) =>
      core.states.isCoded(checkpoint.state)
        ? Settled.flatMap(uncoded(core, checkpoint), (checkpoint) => decode(core, checkpoint))
        : decode(core, checkpoint)
  }
}
