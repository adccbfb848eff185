/**
 * The metrics of the store, all named `effect_checkpoint_…`. Verbs are tagged
 * `verb`, failures also `error` with the error's tag. No ids, no payloads.
 *
 * @since 0.1.0
 */
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"

/**
 * Calls of a verb, however they end.
 *
 * @since 0.1.0
 */
export const operations = Metric.counter("effect_checkpoint_operations", {
  description: "Calls of the checkpoint store, by verb",
  incremental: true
})

/**
 * Calls that failed, by verb and tag of the error; `Defect` and `Interrupted` too.
 *
 * @since 0.1.0
 */
export const failures = Metric.counter("effect_checkpoint_failures", {
  description: "Failed calls of the checkpoint store, by verb and error tag",
  incremental: true
})

/**
 * How long a verb took, encoding and retries included, in milliseconds.
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
 * (`written`, `read`); bytes, as long as the JSON is ASCII.
 *
 * @since 0.1.0
 */
export const payload = Metric.counter("effect_checkpoint_payload_characters", {
  description: "Characters of checkpoint JSON, by direction",
  incremental: true
})

/**
 * Compare-and-sets that lost.
 *
 * @since 0.1.0
 */
export const conflicts = Metric.counter("effect_checkpoint_conflicts", {
  description: "Compare-and-sets that lost",
  incremental: true
})

/**
 * Checkpoints left out of a list because they could not be decoded.
 *
 * @since 0.1.0
 */
export const skipped = Metric.counter("effect_checkpoint_skipped", {
  description: "Checkpoints skipped because they could not be decoded",
  incremental: true
})

/**
 * Index entries dropped because their checkpoints had expired.
 *
 * @since 0.1.0
 */
export const expired = Metric.counter("effect_checkpoint_expired", {
  description: "Index entries dropped because their checkpoints had expired",
  incremental: true
})

/**
 * Round trips to Redis, tagged `operation`: the command's name, `EVALSHA` for a
 * script, `PIPELINE` or `MULTI` for several commands. Retries count.
 *
 * @since 0.1.0
 */
export const roundTrips = Metric.counter("effect_checkpoint_round_trips", {
  description: "Round trips to Redis, by operation",
  incremental: true
})
