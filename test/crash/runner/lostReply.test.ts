import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger, LogLevel, Option, Schema } from "effect"
import { CheckpointStore, Graph, RedisLive, Runner } from "effect-checkpoint"
import * as Proxy from "../../support/Proxy.js"
import { RedisServer } from "../../support/RedisServer.js"
import * as WrappedRedis from "./wrappedRedis.js"

const graph = Graph.make("g", { state: Schema.Struct({ n: Schema.Int }) })
  .node("a", ({ n }) => Effect.succeed({ n: n + 1 }))
  .node("b", ({ n }) => Effect.succeed({ n: n + 1 }), { interruptBefore: true })
  .edge(Graph.START, "a")
  .edge("a", "b")
  .build()

const live = (port: number, wrap: (redis: WrappedRedis.Service) => WrappedRedis.Service) =>
  Runner.layer().pipe(
    Layer.provide(CheckpointStore.layer()),
    Layer.provide(WrappedRedis.from(RedisLive.redis({ host: "127.0.0.1", port, reconnectDelay: "300 millis" }), wrap))
  )

it.scopedLive("an answer that comes while a commit is sent again is kept", () =>
  Effect.gen(function*() {
    const server = yield* RedisServer.make()
    const proxy = yield* Proxy.make({ target: server.port })
    let commits = 0
    const cut = (redis: WrappedRedis.Service) =>
      WrappedRedis.around(redis, (names) => (trip) =>
        names.includes("commit") && ++commits === 2
          ? Effect.zipRight(proxy.arm({ _tag: "CutBeforeReply" }), trip)
          : trip)
    const running = yield* Effect.fork(Effect.provide(
      Effect.flatMap(Runner.forGraph(graph), (runner) => runner.start("x", { n: 0 })),
      live(proxy.port, cut)
    ))
    yield* Effect.provide(
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(graph)
        // The second commit is applied; its process has not heard of it and sends it again after 300 ms.
        yield* Effect.repeat(runner.getState("x"), {
          until: (state) => Option.isSome(state) && state.value.requests.length > 0
        })
        yield* runner.answer("x", { answer: true })
        yield* Fiber.join(running)
        const outcome = yield* runner.resume("x")
        assert.strictEqual(outcome._tag, "Completed", "the answer was acknowledged and is gone")
      }),
      live(server.port, (redis) => redis)
    )
  }).pipe(Logger.withMinimumLogLevel(LogLevel.None)), 30_000)
