/**
 * The metrics of the store, all named `effect_checkpoint_…`. Verbs are tagged
 * `verb`, failures also `error` with the error's tag. No ids, no payloads.
 *
 * A page of `stream` counts as one `list`, a page of `executions` as one
 * `executions`. `saveProgram` and `expirations` are not counted.
 *
 * @example
 * ```ts
 * import { Effect, Metric } from "effect"
 * import { CheckpointMetrics } from "effect-checkpoint"
 *
 * const appends = Metric.tagged(CheckpointMetrics.operations, "verb", "append")
 *
 * export const report = Effect.flatMap(Metric.value(appends), ({ count }) => Effect.log(`${count} appends`))
 * ```
 *
 * @since 0.1.0
 */
import * as Metric from "effect/Metric"
import * as keys from "../internal/metricKeys.js"

/**
 * Calls of a verb, however they end. A counter, tagged `verb`.
 *
 * @since 0.1.0
 */
export const operations: Metric.Metric.Counter<number> = Metric.fromMetricKey(keys.operations)

/**
 * Calls that failed. A counter, tagged `verb` and `error`: the error's tag,
 * `Defect` or `Interrupted`.
 *
 * @since 0.1.0
 */
export const failures: Metric.Metric.Counter<number> = Metric.fromMetricKey(keys.failures)

/**
 * How long a verb took, encoding and retries included, in milliseconds of real
 * time, however it ended. A histogram, tagged `verb`, with buckets from 0.25 ms to 10 s.
 *
 * @since 0.1.0
 */
export const duration: Metric.Metric.Histogram<number> = Metric.fromMetricKey(keys.duration)

/**
 * Characters of JSON written to and read from Redis, tagged `direction`
 * (`written`, `read`); bytes, as long as the JSON is ASCII. Written ones count
 * when the save has succeeded. What `copy` reads is not counted.
 *
 * @since 0.1.0
 */
export const payload: Metric.Metric.Counter<number> = Metric.fromMetricKey(keys.payload)

/**
 * Compare-and-sets that lost: calls that failed with `CheckpointConflict`. An
 * `append` without `after`, which goes on until it wins, counts none.
 *
 * @since 0.1.0
 */
export const conflicts: Metric.Metric.Counter<number> = Metric.fromMetricKey(keys.conflicts)

/**
 * Checkpoints left out by `onDecodeError: "skip"`, in `list`, `stream` and `loadAll`.
 *
 * @since 0.1.0
 */
export const skipped: Metric.Metric.Counter<number> = Metric.fromMetricKey(keys.skipped)

/**
 * Index entries that reads and saves dropped because their checkpoints had
 * expired. What `executions` and `clear` drop is not counted.
 *
 * @since 0.1.0
 */
export const expired: Metric.Metric.Counter<number> = Metric.fromMetricKey(keys.expired)

/**
 * Round trips to Redis, tagged `operation`: the command's name, `EVALSHA` for a
 * script, `PIPELINE` for several commands, `MULTI` for a transaction. Retries
 * count. On `RedisLive` only: the other interpreters make none.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/database/redis/
 * @since 0.1.0
 */
export const roundTrips: Metric.Metric.Counter<number> = Metric.fromMetricKey(keys.roundTrips)
