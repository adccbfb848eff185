import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Instant, WorkName } from "./job.js"
import { broken, judge, sum } from "./judge.js"
import { type Fate, live } from "./life.js"
import { open } from "./place.js"
import { report } from "./results.js"

const steps = [0, 1, 50, 98, 99]

const dyingAt = (at: Instant, step: number): Fate => ({ job: { dies: { at, step } } })

/** To die once the execution is claimed at a step, another process has to die there first. */
const fates = (at: Instant, step: number): ReadonlyArray<Fate> =>
  at === "claimed" && step > 0 ? [dyingAt("before effect", step), dyingAt(at, step)] : [dyingAt(at, step)]

/** Repeats of each death, exactly; of a write that was sent it is not known whether it was applied. */
const repeats: ReadonlyArray<readonly [Instant, ReadonlyArray<number>]> = [
  ["claimed", [0]],
  ["before effect", [0]],
  ["after effect", [1]],
  ["write sent", [0, 1]],
  ["write acknowledged", [0]]
]

const works: ReadonlyArray<WorkName> = ["graph", "program"]

const subjects = works.flatMap((work) => repeats.map(([at, allowed]) => ({ work, at, allowed })))

describe("processes killed at an exact point", () => {
  it.scopedLive.each(subjects)("$work, $at: repeat $allowed", ({ allowed, at, work }) =>
    Effect.gen(function*() {
      const place = yield* open()
      const verdicts = yield* Effect.forEach(steps, (step) => {
        const job = place.job(`${work}-${at.replace(" ", "-")}-${step}`, work, { pause: 0, behind: 0 })
        return Effect.map(live(place, job, fates(at, step)), (life) => {
          const verdict = judge(life)
          assert.deepStrictEqual(broken(life, verdict), [], `step ${step}`)
          assert.strictEqual(verdict.kills, fates(at, step).length, `step ${step}`)
          assert.include(allowed, verdict.repeated, `step ${step}`)
          return verdict
        })
      }, { concurrency: 5 })
      const { between, executions, gaps, kills, mostAfterOneKill, reRun, repeated, wrong } = sum(verdicts)
      report({
        table: "results",
        scenario: `killed ${at}, ${work}`,
        cells: { executions, kills, between, repeated, "most after one kill": mostAfterOneKill, reRun, gaps, wrong }
      })
    }), 240_000)
})
