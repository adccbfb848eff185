/**
 * Imports a file of orders with a worker that is killed half-way, goes on with
 * another one, and proves that no batch was lost or done twice.
 */
import { Command, FileSystem } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Option, Stream } from "effect"
import { CheckpointStore } from "effect-checkpoint"
import { fileURLToPath } from "node:url"
import { addBatch, batchSize, empty, ImportState, readOrders } from "./orders.js"
import { redisUrl, storage } from "./storage.js"

const executionId = "import-orders"
const killAfter = 6

const workerFile = fileURLToPath(new URL("worker.ts", import.meta.url))

/** Runs a worker process. With `killAt`, kills it as soon as it has reported that checkpoint. */
const runWorker = (name: string, folder: string, prefix: string, killAt?: number) =>
  Effect.scoped(Effect.gen(function*() {
    const worker = yield* Command.start(
      Command.make(process.execPath, "--import", "tsx", workerFile, executionId, folder, prefix).pipe(
        Command.stderr("inherit")
      )
    )
    yield* Console.log(`\n${name} is process ${worker.pid}`)
    yield* worker.stdout.pipe(
      Stream.decodeText(),
      Stream.splitLines,
      Stream.tap((line) => Console.log(`  ${name} | ${line}`)),
      Stream.takeUntil((line) => killAt !== undefined && line.startsWith(`checkpoint ${killAt}:`)),
      Stream.runDrain
    )
    if (killAt === undefined) return yield* worker.exitCode
    yield* Effect.ignore(worker.kill("SIGKILL"))
    yield* Console.log(`  ${name} | killed with SIGKILL in the middle of batch ${killAt + 1}`)
  }))

/** Reads the history back, and imports the file once more in one go, to compare. */
const prove = Effect.gen(function*() {
  const checkpoints = yield* CheckpointStore.forSchema(ImportState)
  const orders = yield* readOrders
  const history = yield* checkpoints.list(executionId)
  const batches = Math.ceil(orders.length / batchSize)
  const inOrder = history.every(({ state, version }, i) => version === i + 1 && state.imported === (i + 1) * batchSize)
  const expected = addBatch(empty, orders, 0).centsByCountry
  const actual = history.at(-1)?.state.centsByCountry ?? {}
  const equal = Object.keys(expected).every((country) => expected[country] === actual[country])
  const workers = new Set(history.map(({ state }) => state.worker)).size
  yield* Console.log(`\nThe proof, read back from the checkpoints:
  ${history.length} checkpoints for ${batches} batches, by ${workers} workers
  each batch once and in order: ${inOrder && history.length === batches ? "yes" : "NO"}
  totals equal to an import in one go: ${equal ? "yes" : "NO"}`)
  const sum = Object.values(actual).reduce((total, cents) => total + cents, 0)
  yield* Console.log(`  ${orders.length} orders, ${(sum / 100).toFixed(2)} in sales`)
  yield* checkpoints.clear(executionId)
  return history.length === batches && inOrder && equal && workers === 2
})

/** A wrong `REDIS_URL` is said once, before any worker starts. */
const checkStorage = Effect.flatMap(CheckpointStore.CheckpointStore, (store) => store.ping)

const program = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "effect-checkpoint-quickstart-" })
  const prefix = `quickstart-${process.pid}:`
  const place = Option.isSome(yield* redisUrl) ? "the Redis of REDIS_URL" : `files in ${folder}`
  yield* Effect.provide(checkStorage, storage({ folder, prefix }))
  yield* Console.log(`Importing 1,200 orders in batches of ${batchSize}; a checkpoint after each goes to ${place}.`)
  yield* runWorker("worker 1", folder, prefix, killAfter)
  yield* runWorker("worker 2", folder, prefix)
  const proved = yield* prove.pipe(Effect.provide(storage({ folder, prefix })))
  yield* Console.log(
    proved ? "\nNothing was lost and nothing was done twice." : "\nSomething is wrong: please report it."
  )
  if (!proved) process.exitCode = 1
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
