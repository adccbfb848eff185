import * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Metric from "effect/Metric"
import type * as MetricLabel from "effect/MetricLabel"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import type { StorageError } from "../schema/Errors.js"
import { RedisCommandError } from "../schema/Errors.js"
import type { Reply } from "../services/RedisReply.js"
import * as keys from "./metricKeys.js"
import { type Observed, spanned } from "./spanned.js"

/** What is known of a round trip before it starts. */
export interface RoundTrip {
  /** The command's name, `EVALSHA` for a script, `PIPELINE` or `MULTI` for several commands. */
  readonly operation: string
  readonly batchSize: number
  readonly database: number
  readonly address: string
  readonly port: number | undefined
}

const counts = new Map<string, Metric.Metric.Counter<number>>()

/** Made once an operation. */
const countOf = (operation: string): Metric.Metric.Counter<number> => {
  const known = counts.get(operation)
  if (known !== undefined) return known
  const count = keys.tagged(keys.roundTrips, "operation", operation)
  counts.set(operation, count)
  return count
}

export const countRoundTrip = (operation: string, labels: ReadonlyArray<MetricLabel.MetricLabel>): void =>
  countOf(operation).unsafeUpdate(1, labels)

const attributesOf = (trip: RoundTrip): Record<string, unknown> => ({
  "db.system.name": "redis",
  "db.operation.name": trip.operation,
  "db.namespace": String(trip.database),
  "server.address": trip.address,
  ...(trip.batchSize > 1 ? { "db.operation.batch.size": trip.batchSize } : undefined),
  ...(trip.port === undefined ? undefined : { "server.port": trip.port })
})

type Ended = Exit.Exit<ReadonlyArray<Reply>, StorageError>

/** What a command was refused with, or why there was no reply. */
const errorOf = (exit: Ended): StorageError | undefined =>
  Exit.isSuccess(exit)
    ? exit.value.find((reply) => reply instanceof RedisCommandError)
    : Option.getOrUndefined(Cause.failureOption(exit.cause))

const annotate = (span: Tracer.Span, error: StorageError): void => {
  if (error._tag === "RedisConnectionError") {
    span.attribute("error.type", error.reason)
    return
  }
  span.attribute("db.response.status_code", error.code)
  span.attribute("error.type", error.code)
}

/**
 * One client span a round trip, with names and sizes and never a payload, and its count.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/database/redis/
 */
export const observeRoundTrip = <R>(
  trip: RoundTrip,
  parent: Tracer.AnySpan | undefined,
  begin: () => Observed<ReadonlyArray<Reply>, StorageError, R>
): Effect.Effect<ReadonlyArray<Reply>, StorageError, R> =>
  spanned(
    trip.operation,
    () => ({ kind: "client", captureStackTrace: false, attributes: attributesOf(trip), parent }),
    ({ labels, span }) => {
      const { effect, ended } = begin()
      return {
        effect,
        ended: (exit) => {
          ended(exit)
          countRoundTrip(trip.operation, labels)
          const error = span === undefined ? undefined : errorOf(exit)
          if (span !== undefined && error !== undefined) annotate(span, error)
        }
      }
    }
  )
