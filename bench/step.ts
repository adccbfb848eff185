/** What one superstep of the runner costs, node and commit, beside one bare EVALSHA of a save. */
import { Effect, Layer, Schema } from "effect"
import { CheckpointStore, Graph, RedisLive, Runner } from "effect-checkpoint"
import { Redis } from "ioredis"
import { bareCommands, median, timed } from "./baselines.js"

const url = new URL(process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379")
const place = { host: url.hostname, port: Number(url.port) }
const rounds = 9
const steps = 1_000

const graph = Graph.make("bench-steps", { state: Schema.Struct({ n: Schema.Int, text: Schema.String }) })
  .node("step", ({ n }) => Effect.succeed({ n: n + 1 }))
  .edge(Graph.START, "step")
  .branch("step", ["step", Graph.END], ({ n }) => n < steps ? "step" : Graph.END)
  .build()

const ran = (round: number) =>
  Effect.flatMap(
    Runner.forGraph(graph, { maxSteps: Infinity }),
    (runner) => runner.start(`steps-${round}`, { n: 0, text: "" })
  )

const bare = new Redis({ ...place, maxRetriesPerRequest: 0 })

const program = Effect.gen(function*() {
  const theirs: Array<number> = []
  const ours: Array<number> = []
  // The server learns the script of a save; the first round is to warm up.
  yield* Effect.flatMap(
    CheckpointStore.CheckpointStore,
    (store) => store.save({ id: "a", executionId: "a", nodeName: "a", state: 1, version: 1 })
  )
  for (let round = 0; round <= rounds; round++) {
    const one = yield* Effect.promise(() => timed(steps, 1, bareCommands(bare, 40)))
    const started = performance.now()
    yield* ran(round)
    const other = performance.now() - started
    if (round === 0) continue
    theirs.push(one * 1000 / steps)
    ours.push(other * 1000 / steps)
  }
  const [evalsha, step] = [median(theirs), median(ours)]
  console.log(`\none step after the other, median of ${rounds} rounds of ${steps}`)
  console.log(`  one bare EVALSHA of a save   ${evalsha.toFixed(0).padStart(5)} us`)
  console.log(`  one superstep, empty node    ${step.toFixed(0).padStart(5)} us   ${(step / evalsha).toFixed(2)} times`)
})

const RunnerLive = Runner.layer().pipe(Layer.provideMerge(RedisLive.layer({ ...place, prefix: "bench:" })))
await Effect.runPromise(program.pipe(Effect.provide(RunnerLive)))
bare.disconnect()
