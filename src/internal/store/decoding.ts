import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Metric from "effect/Metric"
import type { Checkpoint } from "../../schema/Checkpoint.js"
import type { CheckpointDecodeError } from "../../schema/Errors.js"
import * as CheckpointMetrics from "../../services/CheckpointMetrics.js"
import type { ReadOptions } from "../../services/CheckpointStore.js"
import { countRead } from "../observe.js"
import type { Codec } from "./codec.js"
import type { Core } from "./core.js"
import { envelopeOf } from "./decode.js"
import type { Found } from "./found.js"

/** Payloads to checkpoints, for one view of the store. */
export interface Decoding<State, R> {
  readonly one: (found: Found) => Effect.Effect<Checkpoint<State>, CheckpointDecodeError, R>
  readonly all: (
    found: ReadonlyArray<Found>,
    options: ReadOptions
  ) => Effect.Effect<Array<Checkpoint<State>>, CheckpointDecodeError, R>
}

const skip = (error: CheckpointDecodeError): Effect.Effect<ReadonlyArray<never>> =>
  Effect.logWarning("Skipped a checkpoint that cannot be decoded").pipe(
    Effect.annotateLogs({ checkpointId: error.checkpointId, key: error.key, issue: error.issue }),
    Effect.zipRight(Metric.increment(CheckpointMetrics.skipped)),
    Effect.as([])
  )

export const decoding = <State, R>(core: Core, codec: Codec<State, R>): Decoding<State, R> => {
  const decode = (found: Found) => {
    const envelope = envelopeOf(core.layout, found.id, found.payload)
    return Either.isLeft(envelope) ? Effect.fail(envelope.left) : codec.decode(core.layout, envelope.right)
  }
  const decodeOrSkip = (found: Found) =>
    Effect.catchAll(Effect.map(decode(found), (checkpoint): ReadonlyArray<Checkpoint<State>> => [checkpoint]), skip)
  return {
    one: (found) => Effect.zipRight(countRead(found.payload.length), decode(found)),
    all: (found, options) =>
      Effect.zipRight(
        countRead(found.reduce((sum, { payload }) => sum + payload.length, 0)),
        options.onDecodeError === "skip"
          ? Effect.map(Effect.forEach(found, decodeOrSkip), (kept) => kept.flat())
          : Effect.forEach(found, decode)
      )
  }
}
