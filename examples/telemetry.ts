/** Spans and metrics through OpenTelemetry. The exporters keep them in memory; put your own in their place. */
import { NodeSdk } from "@effect/opentelemetry"
import { NodeRuntime } from "@effect/platform-node"
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader
} from "@opentelemetry/sdk-metrics"
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base"
import { Config, Console, Effect, Layer, Metric, Schema } from "effect"
import { CheckpointMetrics, CheckpointStore, RedisLive } from "effect-checkpoint"

const spans = new InMemorySpanExporter()

const Telemetry = NodeSdk.layer(() => ({
  resource: { serviceName: "orders" },
  spanProcessor: new SimpleSpanProcessor(spans),
  metricReader: new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  })
}))

const CheckpointsLive = RedisLive.layerConfig({
  url: Config.redacted("REDIS_URL"),
  prefix: Config.succeed("examples:")
})

const program = Effect.gen(function*() {
  const orders = yield* CheckpointStore.forSchema(Schema.Struct({ total: Schema.Number }))
  yield* orders.append("telemetry-1", { nodeName: "place", state: { total: 12.5 } })
  yield* orders.latest("telemetry-1")
  yield* orders.clear("telemetry-1")
}).pipe(Effect.withSpan("order-flow"))

program.pipe(
  Effect.zipRight(Effect.suspend(() =>
    Console.log(
      spans.getFinishedSpans().map(({ attributes, name }) => `${name} ${JSON.stringify(attributes)}`).join("\n")
    )
  )),
  Effect.zipRight(Metric.value(Metric.tagged(CheckpointMetrics.operations, "verb", "append"))),
  Effect.tap(({ count }) => Console.log(`${count} append`)),
  Effect.provide(Layer.provideMerge(CheckpointsLive, Telemetry)),
  NodeRuntime.runMain
)
