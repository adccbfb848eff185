import * as Effect from "effect/Effect"
import type { Outcome, StorageError } from "../schema/Errors.js"
import { RedisConnectionError } from "../schema/Errors.js"

/** The same failure, where more or less is known of what was applied. */
export const withOutcome = (error: StorageError, outcome: Outcome): StorageError =>
  error._tag === "RedisCommandError" || error.outcome === outcome
    ? error
    : new RedisConnectionError({
      reason: error.reason,
      outcome,
      address: error.address,
      ...(error.cause === undefined ? {} : { cause: error.cause })
    })

/** A round trip behind one that has written: of both it cannot be said that nothing was sent. */
export const behindWrites = <A, E, R>(trip: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.mapError(trip, (error) =>
    // What is left of `E` is as it was: only the outcome of a connection's error changes.
    error instanceof RedisConnectionError ? withOutcome(error, "Unknown") as E : error)
