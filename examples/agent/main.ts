/**
 * An agent is killed while one of two tools is at work, goes on without calling the other one again, and
 * stops before it sends mail until a person has said yes.
 */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Option } from "effect"
import { Mermaid, Runner } from "effect-checkpoint"
import { prove } from "../support/prove.js"
import { storage } from "../support/storage.js"
import { runWorker } from "../support/workers.js"
import * as World from "../support/World.js"
import { agent } from "./graph.js"

const executionId = "chat-7"

const program = Effect.gen(function*() {
  const world = yield* World.World
  const runner = yield* Runner.forGraph(agent)
  yield* runner.clearCheckpoints(executionId)
  yield* Console.log(Mermaid.graph(agent))

  const worker = { file: new URL("worker.ts", import.meta.url), args: [executionId, world.file] }
  yield* runWorker({ ...worker, name: "worker 1", killAt: (line) => line === "finished weather" })
  yield* runWorker({ ...worker, name: "worker 2" })

  const waiting = Option.getOrThrow(yield* runner.getState(executionId))
  const sentBefore = yield* World.count("mail")
  yield* Console.log(`\nMay I send this? ${JSON.stringify(waiting.requests[0]?.payload)} Yes.`)
  yield* runner.answer(executionId, { answer: true })
  yield* runWorker({ ...worker, name: "worker 3" })

  const end = Option.getOrThrow(yield* runner.getState(executionId))
  yield* Console.log("\nThe conversation:")
  for (const { from, text } of end.state.messages) yield* Console.log(`  ${from.padEnd(8)} ${text}`)
  yield* prove({
    "the agent is at its end": end.status === "completed",
    "the model was called three times, though processes came and went": (yield* World.count("model")) === 3,
    "weather was finished before the kill, and not called again": (yield* World.count("weather")) === 1,
    "calendar was not, and was called again": (yield* World.count("calendar")) === 2,
    "no mail was sent before somebody said yes, and one after": sentBefore === 0 && (yield* World.count("mail")) === 1
  })
  yield* runner.clearCheckpoints(executionId)
})

const Live = Layer.merge(storage, World.layerTemporary).pipe(Layer.provideMerge(NodeContext.layer))

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
