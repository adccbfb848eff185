/** A process is killed in the middle of six transforms; the next one runs those that were not finished, and no other. */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Option } from "effect"
import { Mermaid, Runner } from "effect-checkpoint"
import { prove } from "../support/prove.js"
import { storage } from "../support/storage.js"
import { runWorker } from "../support/workers.js"
import * as World from "../support/World.js"
import { etl, regions } from "./graph.js"

const executionId = "etl-7"

/** The three small ones end in any order. */
const threeFinished = () => {
  let finished = 0
  return (line: string) => /^finished (north|south|east)$/.test(line) && ++finished === 3
}

const program = Effect.gen(function*() {
  const world = yield* World.World
  const runner = yield* Runner.forGraph(etl)
  yield* runner.clearCheckpoints(executionId)
  yield* Console.log(Mermaid.graph(etl, { direction: "LR" }))

  const worker = { file: new URL("worker.ts", import.meta.url), args: [executionId, world.file] }
  yield* runWorker({ ...worker, name: "worker 1", killAt: threeFinished() })
  yield* runWorker({ ...worker, name: "worker 2" })

  const end = Option.getOrThrow(yield* runner.getState(executionId))
  const runs = yield* Effect.forEach(regions, (region) => World.count(`transform ${region}`))
  yield* prove({
    "the execution is at its end, and loaded": end.status === "completed" && end.state.loaded,
    "each region is in it once, in the order of the graph": end.state.regions.join() === regions.join(),
    [`the sum is right: ${end.state.cents} cents`]: end.state.cents === 239_700,
    "north, south and east were finished, and did not run again": runs.slice(0, 3).join() === "1,1,1",
    "west, islands and abroad were not, and ran again": runs.slice(3).join() === "2,2,2",
    "the warehouse was loaded once": (yield* World.count("load")) === 1
  })
  yield* runner.clearCheckpoints(executionId)
})

const Live = Layer.merge(storage, World.layerTemporary).pipe(Layer.provideMerge(NodeContext.layer))

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
