/** A worker: starts the import, or goes on with it where it stopped. The two are the same call. */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { Runner } from "effect-checkpoint"
import * as World from "../support/World.js"
import { importOrders, input } from "./graph.js"
import { storage } from "./storage.js"

const [, , executionId = "", folder = "", prefix = ""] = process.argv

const program = Effect.gen(function*() {
  const runner = yield* Runner.forGraph(importOrders)
  // The lease of a worker that was killed blocks the others for 30 seconds more. Who started this one
  // has seen the other one die, so it need not wait.
  const outcome = yield* runner.start(executionId, input, { steal: true })
  if (outcome._tag === "Completed") yield* Console.log(outcome.value.summary)
})

const Live = Layer.merge(storage({ folder, prefix }), World.layer(`${folder}/world`)).pipe(
  Layer.provideMerge(NodeContext.layer)
)

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
