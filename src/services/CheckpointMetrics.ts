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
import * as MetricBoundaries from "effect/MetricBoundaries"

/**
 * Calls of a verb, however they end. A counter, tagged `verb`.
 *
 * @since 0.1.0
 */
export const operations = Metric.counter("effect_checkpoint_operations", {
  description: "Calls of the checkpoint store, by verb",
  incremental: true
})

/**
 * Calls that failed. A counter, tagged `verb` and `error`: the error's tag,
 * `Defect` or `Interrupted`.
 *
 * @since 0.1.0
 */
export const failures = Metric.counter("effect_checkpoint_failures", {
  description: "Failed calls of the checkpoint store, by verb and error tag",
  incremental: true
})

/**
 * How long a verb took, encoding and retries included, in milliseconds of real
 * time, however it ended. A histogram, tagged `verb`, with buckets from 0.25 ms to 10 s.
 *
 * @since 0.1.0
 */
export const duration = Metric.histogram(
  "effect_checkpoint_duration_milliseconds",
  MetricBoundaries.fromIterable([0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000]),
  "Duration of calls of the checkpoint store, by verb"
)

/**
 * Characters of JSON written to and read from Redis, tagged `direction`
 * (`written`, `read`); bytes, as long as the JSON is ASCII. Written ones count
 * when the save has succeeded. What `copy` reads is not counted.
 *
 * @since 0.1.0
 */
export const payload = Metric.counter("effect_checkpoint_payload_characters", {
  description: "Characters of checkpoint JSON, by direction",
  incremental: true
})

/**
 * Compare-and-sets that lost: calls that failed with `CheckpointConflict`. An
 * `append` without `after`, which goes on until it wins, counts none.
 *
 * @since 0.1.0
 */
export const conflicts = Metric.counter("effect_checkpoint_conflicts", {
  description: "Compare-and-sets that lost",
  incremental: true
})

/**
 * Checkpoints left out by `onDecodeError: "skip"`, in `list`, `stream` and `loadAll`.
 *
 * @since 0.1.0
 */
export const skipped = Metric.counter("effect_checkpoint_skipped", {
  description: "Checkpoints skipped because they could not be decoded",
  incremental: true
})

/**
 * Index entries that reads and saves dropped because their checkpoints had
 * expired. What `executions` and `clear` drop is not counted.
 *
 * @since 0.1.0
 */
export const expired = Metric.counter("effect_checkpoint_expired", {
  description: "Index entries dropped because their checkpoints had expired",
  incremental: true
})

/**
 * Round trips to Redis, tagged `operation`: the command's name, `EVALSHA` for a
 * script, `PIPELINE` for several commands, `MULTI` for a transaction. Retries
 * count. On `RedisLive` only: the other interpreters make none.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/database/redis/
 * @since 0.1.0
 */
export const roundTrips = Metric.counter("effect_checkpoint_round_trips", {
  description: "Round trips to Redis, by operation",
  incremental: true
})
