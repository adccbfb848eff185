/** A hundred saves at once, beside one pipeline of the same commands. */
import { Effect } from "effect"
import type { Case } from "../case.js"
import { bare, pipelineOf, savesOf, threesOf } from "../contenders/bare.js"
import { store } from "../contenders/store.js"
import { stateOf } from "../state.js"
import { World } from "../world.js"

const size = 100
const ttl = 100_000
const bytes = 1024
const state = stateOf(bytes)
const range = Array.from({ length: size }, (_, i) => i)

const place = (batch: number, i: number) => [`cp-${batch}-${i}`, String(batch), i + 1] as const

const inputs = (batch: number) =>
  range.map((i) => {
    const [id, executionId, version] = place(batch, i)
    return { id, executionId, nodeName: "bench", state: { ...state, step: version }, version }
  })

export const batching = Effect.map(World, (world): ReadonlyArray<Case> => [{
  verb: "saveAll",
  detail: `${size} of`,
  bytes,
  fibers: 1,
  baseline: bare(
    "one pipeline of the same commands",
    (batch) => pipelineOf(world.bare, range.flatMap((i) => savesOf(state, ttl)(...place(batch, i))))
  ),
  subjects: [
    store("saveAll", (batch) => world.store.saveAll(inputs(batch), { ttl })),
    bare(
      "one pipeline of three commands each",
      (batch) => pipelineOf(world.bare, range.flatMap((i) => threesOf(state, ttl)(...place(batch, i))))
    )
  ],
  prepare: Effect.orDie(world.store.saveAll(inputs(0), { ttl })),
  reset: () => Effect.promise(() => world.server.flushdb())
}])
