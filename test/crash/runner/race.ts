/** Five processes that all run the same execution, a few milliseconds from each other. */
import { Effect } from "effect"
import * as EffectLog from "./effectLog.js"
import * as Incarnation from "./incarnation.js"
import type { Job } from "./job.js"
import type { Place } from "./place.js"
import * as Stored from "./stored.js"
import { effectsOf } from "./work.js"

const racers = 5

export interface Raced {
  readonly completed: number
  readonly busy: number
  /** Ended otherwise. */
  readonly others: number
  /** Processes that had effects. */
  readonly writers: number
  readonly repeated: number
  /** The history is not 1, 2, 3 … by one claim, or the value is wrong. */
  readonly wrong: number
}

export const race = ({ bundle, raw }: Place, job: Job) =>
  Effect.scoped(Effect.gen(function*() {
    const processes = yield* Effect.forEach(
      Array.from({ length: racers }, (_, k) => k),
      (k) => Incarnation.begin(bundle, { ...job, client: `${job.client}-${k}`, waits: true })
    )
    yield* Effect.forEach(processes, ({ ready }) => ready)
    for (const { go } of processes) yield* Effect.zipRight(go, Effect.sleep("8 millis"))
    const ends = yield* Effect.forEach(processes, ({ ended }) => ended)
    const lines = EffectLog.read(job.log)
    const right = JSON.stringify(Array.from({ length: effectsOf(job) }, (_, i) => i))
    const values = ends.flatMap(({ report }) => report?._tag === "Completed" ? [JSON.stringify(report.value)] : [])
    const history = yield* Stored.epochs(raw, job.executionId)
    const one = history.every(({ epoch, version }, at) => version === at + 1 && epoch === history[0]?.epoch)
    return {
      completed: values.length,
      busy: ends.filter(({ report }) => report?._tag === "Failed" && report.error === "ExecutionBusy").length,
      others: ends.filter(({ report }) =>
        report?._tag !== "Completed" && !(report?._tag === "Failed" && report.error === "ExecutionBusy")
      ).length,
      writers: new Set(lines.map(({ pid }) =>
        pid
      )).size,
      repeated: lines.length - new Set(lines.map(({ i }) => i)).size,
      wrong: one && values.length > 0 && values.every((value) => value === right) ? 0 : 1
    } satisfies Raced
  }))

/** What must not be; empty when all is well. */
export const broken = ({ others, repeated, writers, wrong }: Raced): ReadonlyArray<string> => [
  ...(others === 0 ? [] : [`${others} neither ran nor found it busy`]),
  ...(repeated === 0 ? [] : [`${repeated} repeated effects`]),
  ...(writers === 1 ? [] : [`${writers} processes had effects`]),
  ...(wrong === 0 ? [] : ["a wrong value or history"])
]
