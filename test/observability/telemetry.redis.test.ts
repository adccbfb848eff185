/** What OpenTelemetry, metrics and logs show of the store on a real server; and what they never show. */
import { NodeSdk } from "@effect/opentelemetry"
import { assert, describe, it } from "@effect/vitest"
import { SpanKind } from "@opentelemetry/api"
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base"
import { Effect, HashMap, Layer, Logger, Metric, Redacted, Schema } from "effect"
import { CheckpointMetrics, CheckpointStore, Redis, RedisLive, RedisProgram, RedisReply } from "effect-checkpoint"
import { inspect } from "node:util"
import { RedisServer } from "../support/RedisServer.js"

const secret = "marker-of-a-payload"
const password = "marker-of-a-password"

const State = Schema.Struct({ text: Schema.String })

const Server = RedisServer.layer({ requirepass: password })

const StoreLive = Layer.unwrapEffect(Effect.map(RedisServer, ({ port }) =>
  RedisLive.layer({
    url: Redacted.make(`redis://default:${password}@127.0.0.1:${port}`),
    prefix: "observed:"
  })))

/** Spans and log lines of a program, with a fresh store. */
const observed = <A, E>(
  program: Effect.Effect<A, E, CheckpointStore.CheckpointStore | Redis.Redis>
) =>
  Effect.gen(function*() {
    const spans = new InMemorySpanExporter()
    const logs: Array<string> = []
    const tracing = NodeSdk.layer(() => ({
      resource: { serviceName: "test" },
      spanProcessor: new SimpleSpanProcessor(spans)
    }))
    const logger = Logger.replace(
      Logger.defaultLogger,
      Logger.make(({ annotations, message }) => {
        logs.push(inspect([message, [...HashMap.toEntries(annotations)]], { depth: 10 }))
      })
    )
    // The exporter forgets its spans when the SDK shuts down.
    const [exit, finished] = yield* Effect.exit(Effect.provide(program, StoreLive)).pipe(
      Effect.map((exit) => [exit, [...spans.getFinishedSpans()]] as const),
      Effect.provide(Layer.merge(tracing, logger))
    )
    return { exit, logs, spans: finished }
  })

const save = (version: number, expectedVersion?: number) =>
  Effect.gen(function*() {
    const store = yield* CheckpointStore.forSchema(State)
    const checkpoint = { id: `c${version}`, executionId: "e", nodeName: "n", state: { text: secret }, version }
    yield* store.save(checkpoint, { expectedVersion })
  })

const countOf = (verb: string) => Metric.value(Metric.tagged(CheckpointMetrics.operations, "verb", verb))

describe("telemetry", () => {
  it.layer(Server)((it) => {
    it.effect("a verb has one span, and under it one client span for each round trip", () =>
      Effect.gen(function*() {
        const { spans } = yield* observed(save(1))
        const verb = spans.find(({ name }) => name === "CheckpointStore.save")
        const trips = spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === verb?.spanContext().spanId)
        assert.deepStrictEqual(trips.map(({ name }) => name), ["EVALSHA"])
        assert.strictEqual(trips[0]?.kind, SpanKind.CLIENT)
        const { port } = yield* RedisServer
        assert.deepStrictEqual(trips[0]?.attributes, {
          "db.system.name": "redis",
          "db.operation.name": "EVALSHA",
          "db.namespace": "0",
          "server.address": "127.0.0.1",
          "server.port": port
        })
      }))

    it.effect("a batch says how large it is, and a refusal what its code is", () =>
      Effect.gen(function*() {
        const program = Effect.gen(function*() {
          const redis = yield* Redis.Redis
          const set = RedisProgram.command("SET", ["observed:text", secret], RedisReply.ignored)
          const increment = RedisProgram.command("INCR", ["observed:text"], RedisReply.integer)
          yield* Effect.ignore(redis.pipeline(RedisProgram.all([set, increment])))
          yield* Effect.ignore(redis.transaction(RedisProgram.all([set, set, set])))
          yield* Effect.ignore(redis.pipeline(RedisProgram.command("HLEN", ["observed:text"], RedisReply.integer)))
        })
        const { spans } = yield* observed(program)
        const shown = spans.filter(({ name }) => name !== "PING").map(({ attributes, name }) => [
          name,
          attributes["db.operation.batch.size"],
          attributes["db.response.status_code"]
        ])
        assert.deepStrictEqual(shown, [["PIPELINE", 2, "ERR"], ["MULTI", 3, undefined], [
          "HLEN",
          undefined,
          "WRONGTYPE"
        ]])
      }))

    it.effect("calls, failures, conflicts and characters are counted by verb", () =>
      Effect.gen(function*() {
        const before = (yield* countOf("save")).count
        const conflicts = (yield* Metric.value(CheckpointMetrics.conflicts)).count
        const failures = CheckpointMetrics.failures.pipe((metric) =>
          Metric.tagged(Metric.tagged(metric, "verb", "save"), "error", "CheckpointConflict")
        )
        const failed = (yield* Metric.value(failures)).count
        const written = Metric.tagged(CheckpointMetrics.payload, "direction", "written")
        const characters = (yield* Metric.value(written)).count
        yield* observed(Effect.zipRight(save(20), Effect.ignore(save(30, 7))))
        assert.strictEqual((yield* countOf("save")).count - before, 2)
        assert.strictEqual((yield* Metric.value(CheckpointMetrics.conflicts)).count - conflicts, 1)
        assert.strictEqual((yield* Metric.value(failures)).count - failed, 1)
        assert.isAbove((yield* Metric.value(written)).count - characters, 100)
        const duration = yield* Metric.value(Metric.tagged(CheckpointMetrics.duration, "verb", "save"))
        assert.isAtLeast(duration.count, 2)
      }))

    it.effect("a skipped checkpoint is logged with its id and counted", () =>
      Effect.gen(function*() {
        const skipped = (yield* Metric.value(CheckpointMetrics.skipped)).count
        const program = Effect.gen(function*() {
          yield* save(1)
          const redis = yield* Redis.Redis
          yield* redis.pipeline(RedisProgram.command("SET", ["observed:checkpoint:c1", secret], RedisReply.ignored))
          const store = yield* CheckpointStore.forSchema(State)
          return yield* store.list("e", { onDecodeError: "skip", limit: 1, before: { version: 1, id: "c2" } })
        })
        const { logs } = yield* observed(program)
        assert.strictEqual((yield* Metric.value(CheckpointMetrics.skipped)).count - skipped, 1)
        assert.isTrue(logs.some((line) => line.includes("Skipped") && line.includes("c1")))
      }))

    it.effect("no span, log, metric or error shows a payload or the password", () =>
      Effect.gen(function*() {
        const program = Effect.gen(function*() {
          yield* save(1)
          const redis = yield* Redis.Redis
          const store = yield* CheckpointStore.forSchema(Schema.Struct({ text: Schema.Number }))
          const wrong = yield* Effect.flip(store.load("c1"))
          yield* redis.pipeline(RedisProgram.command("SET", ["observed:checkpoint:c1", secret], RedisReply.ignored))
          const broken = yield* Effect.flip(store.load("c1"))
          const unknown = yield* Effect.flip(
            redis.pipeline(RedisProgram.command("NOSUCHCOMMAND", [secret, secret], RedisReply.ignored))
          )
          const arity = yield* Effect.flip(
            redis.transaction(RedisProgram.command("SET", [secret], RedisReply.ignored))
          )
          const skipped = yield* store.list("e", { onDecodeError: "skip" })
          return [wrong, broken, unknown, arity, skipped]
        })
        const { exit, logs, spans } = yield* observed(program)
        const all = inspect([exit, logs, spans, yield* Metric.snapshot], { depth: 12, maxStringLength: null })
        assert.isTrue(exit._tag === "Success")
        assert.notInclude(all, secret)
        assert.notInclude(all, password)
        assert.notInclude(JSON.stringify(exit), secret)
      }))
  })
})
