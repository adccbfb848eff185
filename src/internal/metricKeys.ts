import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as MetricKey from "effect/MetricKey"

const counter = (name: string, description: string) =>
  MetricKey.counter(`effect_checkpoint_${name}`, { description, incremental: true })

const milliseconds = [0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000]

/** Names of the metrics; see `CheckpointMetrics`. */
export const operations = counter("operations", "Calls of the checkpoint store, by verb")
export const failures = counter("failures", "Failed calls of the checkpoint store, by verb and error tag")
export const duration = MetricKey.histogram(
  "effect_checkpoint_duration_milliseconds",
  MetricBoundaries.fromIterable(milliseconds),
  "Duration of calls of the checkpoint store, by verb"
)
export const payload = counter("payload_characters", "Characters of checkpoint JSON, by direction")
export const conflicts = counter("conflicts", "Compare-and-sets that lost")
export const skipped = counter("skipped", "Checkpoints skipped because they could not be decoded")
export const expired = counter("expired", "Index entries dropped because their checkpoints had expired")
export const roundTrips = counter("round_trips", "Round trips to Redis, by operation")

type Counter = Metric.Metric.Counter<number>

type Histogram = Metric.Metric.Histogram<number>

/** A metric under a tag, made once: `Metric.tagged` looks it up at each update. */
export const tagged: {
  (key: MetricKey.MetricKey.Counter<number>, tag: string, value: string): Counter
  (key: MetricKey.MetricKey.Histogram, tag: string, value: string): Histogram
} = (key: MetricKey.MetricKey.Untyped, tag: string, value: string) =>
  // The overloads say which metric belongs to which key.
  Metric.fromMetricKey(MetricKey.tagged(key, tag, value)) as Counter & Histogram
