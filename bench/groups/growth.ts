/** What a verb costs as the history of its execution grows. */
import { Effect } from "effect"
import type { Case } from "../case.js"
import { bare, getAndParse, layout } from "../contenders/bare.js"
import { store } from "../contenders/store.js"
import { fill, idOf } from "../fill.js"
import { stateOf } from "../state.js"
import { World } from "../world.js"

const bytes = 100
const state = stateOf(bytes)
const executionId = "growth"
const page = 20

export const histories = { full: [10, 1_000, 100_000, 1_000_000], small: [10, 10_000] }

const contenders = ({ store: ours }: World["Type"], history: number) => {
  // Beyond the history, so that each one is new; the next fill overwrites their versions' places.
  let version = history
  return [
    store("latest", () => ours.latest(executionId)),
    store("save", () => {
      version++
      return ours.save({ id: `new-${version}`, executionId, nodeName: "bench", state, version })
    }),
    store("page", () => ours.list(executionId, { order: "desc", limit: page, before: history / 2 }))
  ]
}

export const growth = (sizes: ReadonlyArray<number>) =>
  Effect.map(World, (world) => {
    let filled = 0
    const grown = (history: number) =>
      Effect.gen(function*() {
        if (filled === 0) yield* Effect.promise(() => world.server.flushdb())
        yield* fill(world.server, { executionId, from: filled + 1, count: history - filled, state, layout: "ours" })
        filled = history
      })
    return sizes.map((history): Case => ({
      verb: "growth",
      detail: `of ${history},`,
      bytes,
      fibers: 1,
      baseline: bare("GET and JSON.parse", () => getAndParse(world.bare, layout.checkpointPrefix + idOf(history))),
      subjects: contenders(world, history),
      prepare: grown(history)
    }))
  })
