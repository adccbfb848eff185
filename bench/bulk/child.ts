/** One piece of bulk work, and what it cost. Its arguments name it, as `stream ours`. */
import { Effect } from "effect"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { World } from "../world.js"
import type { Cost } from "./fork.js"
import { peakFromHere } from "./memory.js"
import { type Side, type Work, works } from "./works.js"

// The parent's two words.
const [work, side] = process.argv.slice(2) as [Work, Side]

const turn = Effect.sleep("20 millis")

const program = Effect.gen(function*() {
  // The connections are open, and the code is loaded.
  yield* World
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const peak = peakFromHere()
  delay.enable()
  // What stands between two turns is measured: one before the work, one behind it.
  yield* turn
  const started = performance.now()
  yield* works[work][side]
  const millis = performance.now() - started
  yield* turn
  delay.disable()
  const cost: Cost = { millis, memory: peak(), block: delay.max / 1e6 }
  console.log(JSON.stringify(cost))
})

await Effect.runPromise(Effect.provide(program, World.layer))
