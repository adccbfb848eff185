/** Deleting one, and all of an execution, beside the same by hand, which other writers can come between. */
import { Effect } from "effect"
import type { Case } from "../case.js"
import * as Bare from "../contenders/bare.js"
import { store } from "../contenders/store.js"
import { fill, idOf } from "../fill.js"
import { stateOf } from "../state.js"
import { World } from "../world.js"

const bytes = 1024
const state = stateOf(bytes)
const layouts = ["ours", "spec"] as const
const members = 100

const filled = ({ server }: World["Type"], executions: number, count: number) =>
  Effect.zipRight(
    Effect.promise(() => server.flushdb()),
    Effect.forEach(layouts, (layout) =>
      Effect.forEach(
        Array.from({ length: executions }, (_, i) => i),
        (i) => fill(server, { executionId: String(i), from: i * count + 1, count, state, layout })
      ))
  )

const deleting = (world: World["Type"]): Case => ({
  verb: "delete",
  bytes,
  fibers: 64,
  baseline: Bare.bare("GET, then DEL and SREM", (i) => Bare.remove(world.bare, idOf(i + 1))),
  subjects: [store("delete", (i) => world.store.delete(idOf(i + 1)))],
  reset: (count) => filled(world, 1, count)
})

const clearing = (world: World["Type"]): Case => ({
  verb: "clear",
  detail: `${members} of`,
  bytes,
  fibers: 1,
  count: 100,
  baseline: Bare.bare("SMEMBERS, then a pipeline of DEL", (i) => Bare.clear(world.bare, String(i))),
  subjects: [
    store("clear", (i) => world.store.clear(String(i))),
    Bare.bare("SMEMBERS, then one DEL", (i) => Bare.clearAtOnce(world.bare, String(i)))
  ],
  reset: (count) => filled(world, count, members)
})

export const removing = Effect.map(World, (world) => [deleting(world), clearing(world)])
