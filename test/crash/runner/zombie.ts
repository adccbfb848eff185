/** A process that is stopped in the middle of a step, taken over from, and continued. */
import { Effect } from "effect"
import * as EffectLog from "./effectLog.js"
import * as Incarnation from "./incarnation.js"
import type { Job, Report } from "./job.js"
import { widthOf } from "./judge.js"
import type { Place } from "./place.js"
import * as Stored from "./stored.js"
import { effectsOf } from "./work.js"

/** How far the process is that took over, when the zombie goes on. */
export type Heir = "finished" | "in the same step"

export interface Haunted {
  /** How the zombie ended. */
  readonly zombie: Report | undefined
  /** Keys that are others than before it went on. */
  readonly changed: ReadonlyArray<string>
  /** Effects of the zombie after it went on. */
  readonly late: number
  readonly repeated: number
  readonly wrong: number
}

export const haunt = (place: Place, job: Job, stops: NonNullable<Job["stops"]>, heir: Heir) =>
  Effect.scoped(Effect.gen(function*() {
    const { bundle, raw } = place
    const zombie = yield* Incarnation.begin(bundle, { ...job, stops })
    yield* zombie.stopping
    const next = yield* Incarnation.begin(bundle, {
      ...job,
      client: `${job.client}-heir`,
      ...(heir === "finished" ? undefined : { stops: { at: "before effect" as const, step: stops.step } })
    })
    yield* heir === "finished" ? next.ended : next.stopping

    const before = yield* Stored.fingerprint(raw, job.executionId)
    const effects = EffectLog.read(job.log).length
    yield* zombie.signal("SIGCONT")
    const { report } = yield* zombie.ended
    yield* Stored.forgotten(raw, job.client)
    const after = yield* Stored.fingerprint(raw, job.executionId)
    const late = EffectLog.read(job.log).slice(effects).length

    yield* next.signal("SIGCONT")
    const end = yield* next.ended
    const all = EffectLog.read(job.log)
    const right = JSON.stringify(Array.from({ length: effectsOf(job) }, (_, i) => i))
    const value = end.report?._tag === "Completed" ? JSON.stringify(end.report.value) : ""
    return {
      zombie: report,
      changed: after.filter((row) => !before.includes(row)).concat(before.filter((row) => !after.includes(row))),
      late,
      repeated: all.length - new Set(all.map(({ i }) => i)).size,
      wrong: value === right ? 0 : 1
    } satisfies Haunted
  }))

/** What must not be; empty when all is well. */
export const broken = (job: Job, { changed, late, repeated, wrong, zombie }: Haunted): ReadonlyArray<string> => [
  ...(zombie?._tag === "Failed" && zombie.error === "Fenced" ? [] : [`the zombie ended ${JSON.stringify(zombie)}`]),
  ...(changed.length === 0 ? [] : [`it changed ${changed.join()}`]),
  ...(late <= widthOf(job) ? [] : [`it had ${late} more effects`]),
  ...(repeated <= widthOf(job) ? [] : [`${repeated} repeated effects`]),
  ...(wrong === 0 ? [] : ["a wrong result"])
]
