import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as EffectLog from "./effectLog.js"
import * as Incarnation from "./incarnation.js"
import type { Job, WorkName } from "./job.js"
import { judge } from "./judge.js"
import { open, type Place, runs } from "./place.js"
import * as Progress from "./progress.js"
import { report } from "./results.js"
import { effectsOf } from "./work.js"

const works: ReadonlyArray<WorkName> = ["graph", "program", "fan-out"]

/** Redis writes its file before it replies, whenever the disk has it: a kill of the process loses nothing either way. */
const cases = (["always", "everysec"] as const).flatMap((fsync) => works.map((work) => ({ fsync, work })))

const restarts = 3

const survive = (place: Place, job: Job) =>
  Effect.scoped(Effect.gen(function*() {
    const process = yield* Incarnation.begin(place.bundle, job)
    yield* process.ready
    for (let k = 1; k <= restarts; k++) {
      yield* Progress.effects(job, Math.floor(k * effectsOf(job) / (restarts + 1)))
      yield* place.server.restart()
    }
    const end = yield* process.ended
    return judge({ job, deaths: [], lines: EffectLog.read(job.log), end })
  }))

describe("a redis-server that is killed under a live runner", () => {
  it.scopedLive.each(cases)(
    "with appendfsync $fsync costs no effect: $work",
    ({ fsync, work }) =>
      Effect.gen(function*() {
        const place = yield* open({ appendonly: true, config: [`appendfsync ${fsync}`] })
        const jobs = Array.from(
          { length: runs(2) },
          (_, n) => place.job(`server-${work}-${n}`, work, { pause: 2, behind: 2, lease: 300 })
        )
        const verdicts = yield* Effect.forEach(jobs, (job) => survive(place, job))
        const repeated = verdicts.reduce((sum, { reRun }) => sum + reRun, 0)
        const wrong = verdicts.reduce((sum, { wrong }) => sum + wrong, 0)
        report({
          table: "results",
          scenario: `redis-server killed, appendfsync ${fsync}, ${work}`,
          cells: { executions: jobs.length, kills: restarts * jobs.length, repeated, reRun: repeated, wrong }
        })
        assert.deepStrictEqual({ repeated, wrong }, { repeated: 0, wrong: 0 })
      }),
    240_000
  )
})
