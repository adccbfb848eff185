/**
 * An order is paid by a process that dies before it can say so, approved by a person, refused by the
 * carrier, and paid back: the customer is charged once and refunded once.
 */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Option, Stream } from "effect"
import { Mermaid, Runner } from "effect-checkpoint"
import { prove } from "../support/prove.js"
import { storage } from "../support/storage.js"
import { runWorker } from "../support/workers.js"
import * as World from "../support/World.js"
import { orderFlow } from "./graph.js"

const executionId = "order-7"

const program = Effect.gen(function*() {
  const world = yield* World.World
  const runner = yield* Runner.forGraph(orderFlow)
  yield* runner.clearCheckpoints(executionId)
  yield* Console.log(Mermaid.graph(orderFlow))

  // The bank has the money, and nobody has recorded it: the worst instant to die.
  const worker = { file: new URL("worker.ts", import.meta.url), args: [executionId, world.file] }
  yield* runWorker({ ...worker, name: "worker 1", killAt: (line) => line.startsWith("bank: charge") })
  yield* runWorker({ ...worker, name: "worker 2" })

  // A web handler would do this: it answers, and runs nothing.
  const waiting = Option.getOrThrow(yield* runner.getState(executionId))
  yield* Console.log(`\n${waiting.status}: ${JSON.stringify(waiting.requests[0]?.payload)}; the answer is yes`)
  yield* runner.answer(executionId, { answer: true })

  yield* runWorker({ ...worker, name: "worker 3", killAt: (line) => line.startsWith("bank: refund") })
  yield* runWorker({ ...worker, name: "worker 4" })

  const end = Option.getOrThrow(yield* runner.getState(executionId))
  yield* Console.log(`\n${Mermaid.execution(orderFlow, end, yield* Stream.runCollect(runner.history(executionId)))}`)
  yield* prove({
    "the order is at its end, and refunded": end.status === "completed" && end.state.status === "refunded",
    "it waited for a person before it was shipped": waiting.status === "waiting" && waiting.next.includes("approve"),
    "the bank was asked to charge twice and charged once": (yield* World.count("charge 24900")) === 1 &&
      (yield* World.count("charge again")) === 1,
    "the bank was asked to refund twice and refunded once": (yield* World.count("refund 24900")) === 1 &&
      (yield* World.count("refund again")) === 1,
    "the carrier was asked once": (yield* World.count("carrier")) === 1
  })
  yield* runner.clearCheckpoints(executionId)
})

const Live = Layer.merge(storage, World.layerTemporary).pipe(Layer.provideMerge(NodeContext.layer))

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
