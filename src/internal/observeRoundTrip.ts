import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type { StorageError } from "../schema/Errors.js"
import { RedisCommandError } from "../schema/Errors.js"
import * as CheckpointMetrics from "../services/CheckpointMetrics.js"
import type { Reply } from "../services/RedisReply.js"

/** What is known of a round trip before it starts. */
export interface RoundTrip {
  /** The command's name, `EVALSHA` for a script, `PIPELINE` or `MULTI` for several commands. */
  readonly operation: string
  readonly batchSize: number
  readonly database: number
  readonly address: string
  readonly port: number | undefined
}

const counts = new Map<string, Effect.Effect<void>>()

/** Made once an operation: tagging a metric costs more than counting with it. */
const countOf = (operation: string): Effect.Effect<void> => {
  const known = counts.get(operation)
  if (known !== undefined) return known
  const count = Metric.increment(Metric.tagged(CheckpointMetrics.roundTrips, "operation", operation))
  counts.set(operation, count)
  return count
}

const attributesOf = (trip: RoundTrip): Record<string, unknown> => ({
  "db.system.name": "redis",
  "db.operation.name": trip.operation,
  "db.namespace": String(trip.database),
  "server.address": trip.address,
  ...(trip.batchSize > 1 ? { "db.operation.batch.size": trip.batchSize } : undefined),
  ...(trip.port === undefined ? undefined : { "server.port": trip.port })
})

const annotateReplies = (replies: ReadonlyArray<Reply>): Effect.Effect<void> => {
  const refused = replies.find((reply) => reply instanceof RedisCommandError)
  return refused === undefined
    ? Effect.void
    : Effect.annotateCurrentSpan({ "db.response.status_code": refused.code, "error.type": refused.code })
}

const annotateError = (error: StorageError): Effect.Effect<void> =>
  Effect.annotateCurrentSpan(
    error._tag === "RedisCommandError"
      ? { "db.response.status_code": error.code, "error.type": error.code }
      : { "error.type": error.reason }
  )

/**
 * One client span a round trip, with names and sizes and never a payload, and its count.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/database/redis/
 */
export const observeRoundTrip = <R>(
  replies: Effect.Effect<ReadonlyArray<Reply>, StorageError, R>,
  trip: RoundTrip
): Effect.Effect<ReadonlyArray<Reply>, StorageError, R> =>
  countOf(trip.operation).pipe(
    Effect.zipRight(replies),
    Effect.tapBoth({ onSuccess: annotateReplies, onFailure: annotateError }),
    Effect.withSpan(trip.operation, { kind: "client", captureStackTrace: false, attributes: attributesOf(trip) })
  )
