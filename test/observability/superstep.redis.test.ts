/** What a superstep costs this side of the socket, counted in steps of a fiber. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Scheduler, Schema } from "effect"
import { Graph, RedisLive, Runner } from "effect-checkpoint"
import { RedisServer } from "../support/RedisServer.js"

const RunnerLive = Layer.unwrapEffect(
  Effect.map(RedisServer, ({ url }) => RedisLive.layer({ url: Redacted.make(url) }))
)
  .pipe((live) => Layer.provideMerge(Runner.layer(), live), Layer.provideMerge(RedisServer.layer()))

/** A scheduler is asked before each step whether the fiber is to yield, whatever the tracer. */
const counted = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<number, E, R> => {
  let steps = 0
  const { defaultScheduler } = Scheduler
  const counter: Scheduler.Scheduler = {
    scheduleTask: (task, priority) => defaultScheduler.scheduleTask(task, priority),
    shouldYield: (fiber) => {
      steps++
      return defaultScheduler.shouldYield(fiber)
    }
  }
  return Effect.map(Effect.withScheduler(effect, counter), () => steps)
}

const State = Schema.Struct({ n: Schema.Int, until: Schema.Int })

const counting = (node: (n: number) => Effect.Effect<{ readonly n: number }>) =>
  Graph.make("steps", { state: State })
    .node("count", ({ n }) => node(n))
    .edge(Graph.START, "count")
    .branch("count", ["count", Graph.END], ({ n, until }) => n < until ? "count" : Graph.END)
    .build()

/** Of one of many, without what a run costs. */
const stepsOf = (node: (n: number) => Effect.Effect<{ readonly n: number }>) =>
  Effect.gen(function*() {
    const runner = yield* Runner.forGraph(counting(node))
    const name = globalThis.crypto.randomUUID()
    yield* runner.start(`${name} first`, { n: 0, until: 1 })
    const few = yield* counted(runner.start(`${name} few`, { n: 0, until: 10 }))
    const many = yield* counted(runner.start(`${name} many`, { n: 0, until: 110 }))
    return (many - few) / 100
  })

describe("a superstep of one node", () => {
  it.layer(RunnerLive)((it) => {
    it.effect("takes 40 steps of a fiber at most where the node has its result already", () =>
      Effect.gen(function*() {
        assert.isAtMost(yield* stepsOf((n) => Effect.succeed({ n: n + 1 })), 40)
      }))

    it.effect("takes 70 at most where it has to run, in a fiber of its own", () =>
      Effect.gen(function*() {
        assert.isAtMost(yield* stepsOf((n) => Effect.sync(() => ({ n: n + 1 }))), 70)
      }))
  })
})
