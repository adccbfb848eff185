/** One execution from its start to its end, through the deaths of the processes that run it. */
import { Effect } from "effect"
import * as EffectLog from "./effectLog.js"
import * as Incarnation from "./incarnation.js"
import type { Job } from "./job.js"
import type { Death, Life } from "./judge.js"
import type { Place } from "./place.js"
import * as Stored from "./stored.js"

/** How a process comes to its end before the execution does. */
export interface Fate {
  /** Killed so many milliseconds after it was ready, unless it kills itself. */
  readonly after?: number
  /** Default: SIGKILL. */
  readonly signal?: NodeJS.Signals
  readonly job?: Partial<Job>
}

/** Runs a process until it is dead or done. */
const once = ({ bundle, raw }: Place, job: Job, { after, signal = "SIGKILL" }: Fate) =>
  Effect.scoped(Effect.gen(function*() {
    const process = yield* Incarnation.begin(bundle, job)
    yield* process.ready
    if (after !== undefined) {
      yield* Effect.forkScoped(Effect.delay(process.signal(signal), after))
    }
    const end = yield* process.ended
    yield* Stored.forgotten(raw, job.client)
    return end
  }))

/** Lets processes run one after another, each with its fate, and a last one to the end. */
export const live = (place: Place, job: Job, fates: ReadonlyArray<Fate>) =>
  Effect.gen(function*() {
    const deaths: Array<Death> = []
    for (const [k, fate] of [...fates, {}].entries()) {
      const own: Job = { ...job, client: `${job.client}-${k}`, ...fate.job }
      const end = yield* once(place, own, fate)
      const lines = EffectLog.read(job.log)
      if (end.report?._tag === "Completed" || k === fates.length) return { job, deaths, lines, end } satisfies Life
      const committed = yield* Stored.committed(place.raw, job)
      deaths.push({ effects: lines.length, committed, report: end.report })
    }
    return yield* Effect.dieMessage("the last process ends the loop")
  })
