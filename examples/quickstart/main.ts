/**
 * Imports a file of orders with a worker that is killed half-way, goes on with
 * another one, and proves that nothing was lost and nothing counted twice.
 */
import { FileSystem } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Chunk, Console, Effect, Layer, Option, Stream } from "effect"
import { CheckpointStore, Mermaid, Runner } from "effect-checkpoint"
import { prove } from "../support/prove.js"
import { runWorker } from "../support/workers.js"
import * as World from "../support/World.js"
import { importOrders, input } from "./graph.js"
import { batchSize, readOrders, totalsOf } from "./orders.js"
import { redisUrl, storage } from "./storage.js"

const executionId = "import-7"
const batches = input.orders / batchSize

/** Reads the history back, and imports the file once more in one go, to compare. */
const compare = Effect.gen(function*() {
  const runner = yield* Runner.forGraph(importOrders)
  const history = Chunk.toReadonlyArray(yield* Stream.runCollect(runner.history(executionId, { order: "asc" })))
  const imports = history.filter(({ nodes }) => nodes.includes("import"))
  const expected = totalsOf(yield* readOrders)
  const totals = history.at(-1)?.state.totals ?? {}
  const world = yield* World.World
  const bookings = yield* world.lines
  yield* prove({
    [`${batches} batches in ${imports.length} checkpoints, each once and in order`]: imports.length === batches &&
      imports.every(({ state }, i) => state.imported === (i + 1) * batchSize),
    "by 2 workers": new Set(imports.map(({ epoch }) => epoch)).size === 2,
    "totals equal to an import in one go": Object.keys(expected).every((at) => expected[at] === totals[at]),
    [`${bookings.length} bookings of ${batches} batches: at most the one that was interrupted was booked again`]:
      bookings.length - batches <= 1,
    [`under the same key, so the world can count it once: ${new Set(bookings).size} keys`]:
      new Set(bookings).size === batches
  })
  yield* runner.clearCheckpoints(executionId)
})

/** A wrong `REDIS_URL` is said once, before any worker starts. */
const checkStorage = Effect.flatMap(CheckpointStore.CheckpointStore, (store) => store.ping)

const program = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "effect-checkpoint-quickstart-" })
  const prefix = `quickstart-${process.pid}:`
  const place = Option.isSome(yield* redisUrl) ? "the Redis of REDIS_URL" : `files in ${folder}`
  yield* Effect.provide(checkStorage, storage({ folder, prefix }))
  yield* Console.log(`Importing 1,200 orders in batches of ${batchSize}; a checkpoint after each goes to ${place}.\n`)
  yield* Console.log(Mermaid.graph(importOrders))

  const worker = { file: new URL("worker.ts", import.meta.url), args: [executionId, folder, prefix] }
  yield* runWorker({ ...worker, name: "worker 1", killAt: (line) => line.startsWith("batch 7:") })
  yield* runWorker({ ...worker, name: "worker 2" })
  yield* compare.pipe(
    Effect.provide(Layer.merge(storage({ folder, prefix }), World.layer(`${folder}/world`)))
  )
  if (process.exitCode === undefined) yield* Console.log("\nNothing was lost and nothing was counted twice.")
  else yield* Console.log("\nSomething is wrong: please report it.")
})

program.pipe(
  Effect.catchTag("RedisConnectionError", (error) =>
    Effect.zipRight(
      Console.error(error.message),
      Effect.sync(() => {
        process.exitCode = 1
      })
    )),
  Effect.scoped,
  Effect.provide(NodeContext.layer),
  NodeRuntime.runMain
)
