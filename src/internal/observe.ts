import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as CheckpointMetrics from "../services/CheckpointMetrics.js"

const tagOf = <E extends { readonly _tag: string }>(cause: Cause.Cause<E>): string => {
  const failure = Cause.failureOption(cause)
  if (Option.isSome(failure)) return failure.value._tag
  return Cause.isInterruptedOnly(cause) ? "Interrupted" : "Defect"
}

const failed = <E extends { readonly _tag: string }>(verb: string, cause: Cause.Cause<E>): Effect.Effect<void> => {
  const error = tagOf(cause)
  const ofVerb = Metric.tagged(CheckpointMetrics.failures, "verb", verb)
  const count = Metric.increment(Metric.tagged(ofVerb, "error", error))
  return error === "CheckpointConflict"
    ? Effect.zipRight(Metric.increment(CheckpointMetrics.conflicts), count)
    : count
}

/** A verb of the store: one span around its round trips, its count, duration and failure. */
export const verb = (name: string) => {
  const operations = Metric.tagged(CheckpointMetrics.operations, "verb", name)
  const duration = Metric.tagged(CheckpointMetrics.duration, "verb", name)
  const count = Metric.increment(operations)
  return <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      const started = performance.now()
      return Effect.onExit(effect, (exit) =>
        count.pipe(
          Effect.zipRight(Metric.update(duration, performance.now() - started)),
          Effect.zipRight(Exit.isFailure(exit) ? failed(name, exit.cause) : Effect.void)
        ))
    }).pipe(Effect.withSpan(`CheckpointStore.${name}`, { captureStackTrace: false }))
}

const written = Metric.tagged(CheckpointMetrics.payload, "direction", "written")
const read = Metric.tagged(CheckpointMetrics.payload, "direction", "read")

export const countWritten = (characters: number): Effect.Effect<void> => Metric.incrementBy(written, characters)

export const countRead = (characters: number): Effect.Effect<void> => Metric.incrementBy(read, characters)

export const countExpired = (entries: number): Effect.Effect<void> =>
  entries > 0 ? Metric.incrementBy(CheckpointMetrics.expired, entries) : Effect.void
