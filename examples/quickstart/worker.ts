/**
 * A worker: imports batch after batch, and saves a checkpoint after each. It
 * knows nothing of crashes. It starts from the latest checkpoint, that is all.
 */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Option } from "effect"
import { CheckpointStore } from "effect-checkpoint"
import { addBatch, batchSize, empty, ImportState, readOrders } from "./orders.js"
import { storage } from "./storage.js"

const [, , executionId = "", folder = "", prefix = ""] = process.argv

const program = Effect.gen(function*() {
  const checkpoints = yield* CheckpointStore.forSchema(ImportState)
  const orders = yield* readOrders
  const latest = yield* checkpoints.latest(executionId)
  let after = Option.getOrUndefined(latest)
  let state = after?.state ?? empty
  yield* Console.log(
    after === undefined ? "no checkpoint, starting with the first order" : `resuming behind ${state.lastOrder}`
  )
  while (state.imported < orders.length) {
    const batch = orders.slice(state.imported, state.imported + batchSize)
    yield* Effect.sleep("150 millis")
    state = addBatch(state, batch, process.pid)
    after = after === undefined
      ? yield* checkpoints.append(executionId, { nodeName: "import", state })
      : yield* checkpoints.append(executionId, { nodeName: "import", state, after })
    yield* Console.log(`checkpoint ${after.version}: ${state.imported} orders, up to ${state.lastOrder}`)
  }
})

program.pipe(
  Effect.provide(Layer.merge(storage({ folder, prefix }), NodeContext.layer)),
  NodeRuntime.runMain
)
