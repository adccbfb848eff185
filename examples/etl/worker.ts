/** Starts an import, or goes on with it. */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { Runner } from "effect-checkpoint"
import { printed } from "../support/printed.js"
import { storage } from "../support/storage.js"
import * as World from "../support/World.js"
import { empty, etl } from "./graph.js"

const [, , executionId = "", world = ""] = process.argv

const program = Effect.gen(function*() {
  const runner = yield* Runner.forGraph(etl)
  // The worker before this one is known to be dead: no need to wait until its lease has run out.
  yield* printed(runner.events(executionId, empty, { steal: true }))
})

program.pipe(
  Effect.provide(Layer.merge(storage, Layer.provide(World.layer(world), NodeContext.layer))),
  NodeRuntime.runMain
)
