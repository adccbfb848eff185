/** Bulk work in turns, each time in a process that does nothing else. */
import { Effect } from "effect"
import { fill } from "../fill.js"
import { stateOf } from "../state.js"
import { median } from "../statistics.js"
import { World } from "../world.js"
import { type Cost, forked } from "./fork.js"
import { bytes, executionId, type Side, total, type Work, works } from "./works.js"

export interface BulkRow {
  readonly work: Work
  readonly total: number
  readonly ours: Cost
  readonly bare: Cost
}

const prepared = (full: boolean, side: Side) =>
  Effect.gen(function*() {
    const { server } = yield* World
    yield* Effect.promise(() => server.flushdb())
    // By hand, loadAll reads the same keys as the library.
    const layouts = full ? side === "ours" ? ["ours"] as const : ["ours", "spec"] as const : []
    yield* Effect.forEach(
      layouts,
      (layout) => fill(server, { executionId, count: total, state: stateOf(bytes), layout })
    )
  })

const middle = (costs: ReadonlyArray<Cost>): Cost => ({
  millis: median(costs.map(({ millis }) => millis)),
  memory: median(costs.map(({ memory }) => memory)),
  block: median(costs.map(({ block }) => block))
})

export const bulk = (work: Work, rounds: number) =>
  Effect.gen(function*() {
    const costs = { ours: new Array<Cost>(), bare: new Array<Cost>() }
    for (let round = 0; round < rounds; round++) {
      for (const side of ["ours", "bare"] as const) {
        yield* prepared(works[work].full, side)
        costs[side].push(yield* forked(work, side))
      }
    }
    const row: BulkRow = { work, total, ours: middle(costs.ours), bare: middle(costs.bare) }
    return row
  })

export const bulkHeader = ["100,000 of 1 KiB", "time", "by hand", "peak memory", "by hand", "longest block", "by hand"]

const mib = (size: number): string => `${(size / 1024 ** 2).toFixed(0)} MiB`

const millis = (time: number): string => `${time.toFixed(0)} ms`

export const bulkCells = ({ bare, ours, work }: BulkRow): ReadonlyArray<string> => [
  work,
  millis(ours.millis),
  millis(bare.millis),
  mib(ours.memory),
  mib(bare.memory),
  millis(ours.block),
  millis(bare.block)
]
