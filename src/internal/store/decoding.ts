import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import type { Checkpoint } from "../../schema/Checkpoint.js"
import type { CheckpointDecodeError } from "../../schema/Errors.js"
import * as CheckpointMetrics from "../../services/CheckpointMetrics.js"
import type { ReadOptions } from "../../services/CheckpointStore.js"
import * as Settled from "../settled.js"
import type { Codec } from "./codec.js"
import type { Core } from "./core.js"
import { envelopeOf } from "./decode.js"
import type { Found } from "./found.js"

/** A checkpoint whose state is still as JSON has it, or why there is none. */
export type Envelope = Either.Either<Checkpoint<unknown>, CheckpointDecodeError>

/** Makes of what was found its envelope; undefined where it is to be left out. */
export type Open<A> = (found: A, i: number) => Envelope | undefined

/** States of one view of the store. */
export interface Decoding<State, R> {
  readonly one: (envelope: Envelope) => Effect.Effect<Checkpoint<State>, CheckpointDecodeError, R>
  /** What was found, but for what is not opened: a page in one go, where the schema needs no effects. */
  readonly all: <A>(
    found: ReadonlyArray<A>,
    open: Open<A>,
    options: ReadOptions
  ) => Effect.Effect<Array<Checkpoint<State>>, CheckpointDecodeError, R>
}

const warn = (error: CheckpointDecodeError): Effect.Effect<void> =>
  Effect.logWarning("Skipped a checkpoint that cannot be decoded").pipe(
    Effect.annotateLogs({ checkpointId: error.checkpointId, key: error.key, issue: error.issue }),
    Effect.zipRight(Metric.increment(CheckpointMetrics.skipped))
  )

type Decoded<State> = Either.Either<Checkpoint<State>, CheckpointDecodeError>

const kept = <State>(decoded: ReadonlyArray<Decoded<State>>): Effect.Effect<Array<Checkpoint<State>>> => {
  const [skipped, checkpoints] = Arr.separate(decoded)
  return Effect.as(Effect.forEach(skipped, warn, { discard: true }), checkpoints)
}

/** Never fails: what fails is a value. */
const either = <State, R>(
  decoded: Settled.Settled<Checkpoint<State>, CheckpointDecodeError, R>
): Settled.Settled<Decoded<State>, never, R> =>
  Either.isEither(decoded) ? Either.right(decoded) : Effect.either(decoded)

const opened = <A, B, E, R>(
  found: ReadonlyArray<A>,
  open: Open<A>,
  decode: (envelope: Envelope) => Settled.Settled<B, E, R>
): Effect.Effect<Array<B>, E, R> =>
  Settled.forEachInTurns(found, (one, i) => {
    const envelope = open(one, i)
    return envelope === undefined ? undefined : decode(envelope)
  })

export const decoding = <State, R>(core: Core, codec: Codec<State, R>): Decoding<State, R> => {
  const one = (envelope: Envelope): Settled.Settled<Checkpoint<State>, CheckpointDecodeError, R> =>
    Either.isRight(envelope) ? codec.decode(core, envelope.right) : Either.left(envelope.left)
  return {
    one: (envelope) => Settled.toEffect(one(envelope)),
    all: (found, open, options) =>
      options.onDecodeError === "skip"
        ? Effect.flatMap(opened(found, open, (envelope) => either(one(envelope))), kept)
        : opened(found, open, one)
  }
}

/**
 * Leaves out what is not, or no more, at the place where an index of an execution led to: what was saved again
 * under another version between the reads of the index and of the payload, and what has expired here and lives on
 * in another execution, whose ids are collected.
 */
export const inPlace =
  (core: Core, executionId: string, strays: Array<string>): Open<Found> => ({ id, payload, version }) => {
    const envelope = envelopeOf(core.layout, id, payload, executionId)
    if (Either.isLeft(envelope)) return envelope
    if (Option.getOrUndefined(envelope.right.executionId) !== executionId) {
      strays.push(id)
      return undefined
    }
    return version === undefined || version === envelope.right.version ? envelope : undefined
  }
