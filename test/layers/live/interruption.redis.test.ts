/** A verb whose fiber is interrupted, where a tracer looks and where none does: two ways through the library. */
import { assert, describe, layer } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Metric, Schema, Tracer } from "effect"
import { CheckpointMetrics, CheckpointStore, RedisLive } from "effect-checkpoint"
import * as Proxy from "../../support/Proxy.js"
import { RedisServer } from "../../support/RedisServer.js"

const setup = Effect.gen(function*() {
  const server = yield* RedisServer
  yield* server.cli("FLUSHALL")
  const proxy = yield* Proxy.make({ target: server.port })
  const context = yield* Layer.build(Layer.fresh(RedisLive.layer({ host: "127.0.0.1", port: proxy.port })))
  const store = Context.get(context, CheckpointStore.CheckpointStore).forSchema(Schema.Number)
  // The script is known to the server.
  yield* store.save({ id: "warm", executionId: "e", nodeName: "n", state: 0, version: 0 })
  const save = (n: number) => store.save({ id: `c${n}`, executionId: "e", nodeName: "n", state: n, version: n })
  return { proxy, save, store }
})

/** Keeps what it is given, as a tracer that somebody looks at does. */
const keeping = () => {
  const spans: Array<Tracer.Span> = []
  const live = Effect.runSync(Effect.tracer)
  const tracer = Tracer.make({
    span: (...args) => {
      const span = live.span(...args)
      spans.push(span)
      return span
    },
    context: (step) => step()
  })
  return { spans, tracer }
}

type Wrap = <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>

const kept = keeping()

const ways: ReadonlyArray<{ readonly name: string; readonly way: Wrap }> = [
  { name: "untraced", way: (effect) => effect },
  { name: "traced", way: Effect.withTracer(kept.tracer) }
]

type Counter = Metric.Metric.Counter<number>

type Labels = Readonly<Record<string, string>>

const tagged = (metric: Counter, labels: Labels): Counter =>
  Object.entries(labels).reduce((metric, [key, value]) => Metric.tagged(metric, key, value), metric)

describe("a verb that is interrupted", () => {
  layer(RedisServer.layer(), { excludeTestServices: true })((it) => {
    it.scoped.each(ways)("before it leaves is not sent: $name", ({ way }) =>
      Effect.gen(function*() {
        const { save, store } = yield* setup
        const fibers = [1, 2, 3].map((n) => Effect.runFork(way(save(n))))
        fibers[1]!.unsafeInterruptAsFork(fibers[1]!.id())
        const exits = yield* Effect.forEach(fibers, Fiber.await)
        assert.deepStrictEqual(exits.map(Exit.isInterrupted), [false, true, false])
        const there = yield* Effect.forEach([1, 2, 3], (n) => store.exists(`c${n}`))
        assert.deepStrictEqual(there, [true, false, true])
      }))

    it.scoped.each(ways)(
      "is counted, with its round trip, and so is why: $name",
      ({ name, way }) =>
        Effect.gen(function*() {
          const { proxy, save } = yield* setup
          yield* proxy.arm({ _tag: "StallRequest" })
          const fiber = Effect.runFork(way(Effect.tagMetrics(save(1), "run", name)))
          yield* proxy.struck()
          yield* Fiber.interrupt(fiber)
          yield* proxy.resume()
          const of = (metric: Counter, labels: Labels) =>
            Effect.map(Metric.value(tagged(metric, { ...labels, run: name })), ({ count }) => count)
          assert.strictEqual(yield* of(CheckpointMetrics.operations, { verb: "save" }), 1)
          assert.strictEqual(yield* of(CheckpointMetrics.failures, { verb: "save", error: "Interrupted" }), 1)
          assert.strictEqual(yield* of(CheckpointMetrics.roundTrips, { operation: "EVALSHA" }), 1)
          assert.isTrue(kept.spans.every(({ status }) => status._tag === "Ended"))
        })
    )

    it.scoped.each(ways)(
      "runs to its end where it must not be interrupted: $name",
      ({ way }) =>
        Effect.gen(function*() {
          const { proxy, save, store } = yield* setup
          yield* proxy.arm({ _tag: "StallRequest" })
          const fiber = Effect.runFork(way(Effect.uninterruptible(save(1))))
          yield* proxy.struck()
          fiber.unsafeInterruptAsFork(fiber.id())
          yield* proxy.resume()
          // Told behind the save, of which it took nothing away.
          assert.isTrue(Exit.isInterrupted(yield* Fiber.await(fiber)))
          assert.isTrue(yield* store.exists("c1"))
        })
    )

    it.scoped.each(ways)("leaves the connection to the others: $name", ({ way }) =>
      Effect.gen(function*() {
        const { proxy, save, store } = yield* setup
        yield* proxy.arm({ _tag: "StallRequest" })
        const [first, second] = [1, 2].map((n) => Effect.runFork(way(save(n))))
        yield* proxy.struck()
        yield* Fiber.interrupt(first!)
        yield* proxy.resume()
        yield* Fiber.join(second!)
        assert.isTrue(yield* store.exists("c2"))
      }))
  })
})
