/** One checkpoint by its id or at the head, beside a GET; many in order, beside all at once without order. */
import { Effect } from "effect"
import type { Case } from "../case.js"
import { bare, getAndParse, headOf, layout, listAll, listAndTakeLast } from "../contenders/bare.js"
import { floor, installed } from "../contenders/floor.js"
import { store, untraced } from "../contenders/store.js"
import { fill, idOf } from "../fill.js"
import { stateOf } from "../state.js"
import { World } from "../world.js"
import { cross, type Ladder } from "./ladder.js"

const executionId = "read"

const filled = ({ server }: World["Type"], bytes: number, count: number, layouts: ReadonlyArray<"ours" | "spec">) =>
  Effect.zipRight(
    Effect.promise(() => server.flushdb()),
    Effect.forEach(layouts, (layout) => fill(server, { executionId, count, state: stateOf(bytes), layout }))
  )

const few = 20

const floors = (bytes: number) => installed ? [floor("GET", ["GET", layout.checkpointPrefix + idOf(1)], "", bytes)] : []

const loading = (world: World["Type"], bytes: number, fibers: number): Case => {
  const load = store("load", (i) => world.store.load(idOf(1 + i % few)))
  return {
    verb: "load",
    bytes,
    fibers,
    baseline: bare("GET and JSON.parse", (i) => getAndParse(world.bare, layout.checkpointPrefix + idOf(1 + i % few))),
    subjects: fibers === 64 ? [load, untraced(load), ...floors(bytes)] : [load],
    prepare: filled(world, bytes, few, ["ours"])
  }
}

/** The server learns the script, which the bare command takes for known. */
const known = ({ store }: World["Type"]) => Effect.orDie(store.latest(executionId))

const heading = (world: World["Type"], bytes: number, fibers: number): Case => {
  const latest = store("latest", () => world.store.latest(executionId))
  return {
    verb: "latest",
    bytes,
    fibers,
    baseline: bare("GET and JSON.parse", () => getAndParse(world.bare, layout.checkpointPrefix + idOf(few))),
    subjects: fibers === 64 ? [latest, untraced(latest), headOf(world.bare, executionId)] : [latest],
    prepare: Effect.zipRight(filled(world, bytes, few, ["ours"]), known(world))
  }
}

const listing = (world: World["Type"], bytes: number, count: number): Case => ({
  verb: "list",
  detail: `${count} of`,
  bytes,
  fibers: 1,
  baseline: bare("SMEMBERS, MGET and JSON.parse", () => listAll(world.bare, executionId)),
  subjects: [store("list", () => world.store.list(executionId))],
  prepare: filled(world, bytes, count, ["ours", "spec"])
})

export const loads = (ladder: Ladder) =>
  Effect.map(World, (world) => cross(ladder, (bytes, fibers) => loading(world, bytes, fibers)))

export const heads = (ladder: Ladder) =>
  Effect.map(World, (world) => cross(ladder, (bytes, fibers) => heading(world, bytes, fibers)))

const lists: ReadonlyArray<readonly [count: number, bytes: number]> = [
  [10, 1024],
  [1000, 100],
  [1000, 1024],
  [1000, 10 * 1024],
  [100, 100 * 1024],
  [10, 1024 * 1024]
]

export const listings = ({ sizes }: Ladder) =>
  Effect.map(
    World,
    (world) => lists.filter(([, bytes]) => sizes.includes(bytes)).map(([count, bytes]) => listing(world, bytes, count))
  )

/** The same head on top of a long history. */
export const longHistory = (history: number) =>
  Effect.map(World, (world): ReadonlyArray<Case> => {
    const [verb, detail, bytes, fibers] = ["latest", `of ${history},`, 1024, 1] as const
    const subjects = [store("latest", () => world.store.latest(executionId))]
    const prepare = filled(world, bytes, history, ["ours", "spec"])
    const get = bare("GET and JSON.parse", () => getAndParse(world.bare, layout.checkpointPrefix + idOf(history)))
    const last = bare("list and take the last", () => listAndTakeLast(world.bare, executionId))
    return [
      { verb, detail, bytes, fibers, baseline: last, subjects, prepare, count: 1 },
      { verb, detail, bytes, fibers, baseline: get, subjects: [...subjects, headOf(world.bare, executionId)] }
    ]
  })
