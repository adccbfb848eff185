/** What stands above a bare command: the Effect layer alone, and a superstep of the runner. */
import { Effect, Schema } from "effect"
import { Graph, Redis, RedisProgram, RedisReply, Runner } from "effect-checkpoint"
import type { Case, Contender } from "../case.js"
import { bare, savesOf, sent } from "../contenders/bare.js"
import { store, untraced } from "../contenders/store.js"
import { stateOf } from "../state.js"
import { World } from "../world.js"

const key = "layer"

export const effectLayer = Effect.gen(function*() {
  const { bare: client, server } = yield* World
  const redis = yield* Redis.Redis
  const get = store(
    "program of one GET",
    () => redis.pipeline(RedisProgram.command("GET", [key], RedisReply.nullable(RedisReply.string)))
  )
  const one: Case = {
    verb: "layer",
    bytes: 100,
    fibers: 64,
    baseline: bare("GET", () => client.get(key)),
    subjects: [untraced(get), get],
    prepare: Effect.promise(() => server.set(key, "x".repeat(100)))
  }
  return [one]
})

const graph = Graph.make("bench-steps", { state: Schema.Struct({ n: Schema.Int, until: Schema.Int }) })
  .node("step", ({ n }) => Effect.succeed({ n: n + 1 }))
  .edge(Graph.START, "step")
  .branch("step", ["step", Graph.END], ({ n, until }) => n < until ? "step" : Graph.END)
  .build()

export const supersteps = Effect.gen(function*() {
  const { bare: client, server, store } = yield* World
  const runner = yield* Runner.forGraph(graph, { maxSteps: Infinity })
  const save = savesOf(stateOf(100), 100_000)
  const step: Contender = {
    name: "superstep, empty node",
    run: (count) =>
      Effect.suspend(() => {
        const started = performance.now()
        const run = runner.start("steps", { n: 0, until: count })
        return Effect.map(Effect.orDie(run), () => performance.now() - started)
      })
  }
  const one: Case = {
    verb: "runner",
    bytes: 100,
    fibers: 1,
    baseline: bare("EVALSHA of a save", (i) => sent(client, save(`cp-${i}`, "steps", i + 1))),
    subjects: [step],
    prepare: Effect.orDie(
      store.save({ id: "a", executionId: "a", nodeName: "a", state: stateOf(100), version: 1 })
    ),
    reset: () => Effect.promise(() => server.flushdb())
  }
  return [one]
})
