import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Random from "../../races/random.js"
import type { Job, WorkName } from "./job.js"
import { broken, judge, sum } from "./judge.js"
import { type Fate, live } from "./life.js"
import { open, type Place, runs, seedOf, size } from "./place.js"
import { report } from "./results.js"

const mostKills = 3

/** Long enough after the lease of the last process to get on, short enough not to end. */
const fates = (random: Random.Random): ReadonlyArray<Fate> =>
  Array.from({ length: mostKills }, (_, k) => ({ after: (k === 0 ? 5 : 200) + random.integer(250) }))

const works: ReadonlyArray<WorkName> = ["graph", "program", "fan-out", "nested"]

/** A child that takes as long as a graph of its own. */
const jobOf = (place: Place, work: WorkName, n: number): Job =>
  place.job(`${work}-${n}`, work, work === "nested" ? { size: size.graph } : {})

describe("processes killed at random", () => {
  it.scopedLive.each(works)("repeat at most what was between effect and commit: %s", (work) =>
    Effect.gen(function*() {
      const place = yield* open()
      const random = Random.make(seedOf(`random SIGKILL, ${work}`))
      const lives = Array.from({ length: runs(4) }, (_, n) => [jobOf(place, work, n), fates(random)] as const)
      const verdicts = yield* Effect.forEach(lives, ([job, fates]) =>
        Effect.map(live(place, job, fates), (life) => {
          const verdict = judge(life)
          assert.deepStrictEqual(broken(life, verdict), [], JSON.stringify({ job, deaths: life.deaths, end: life.end }))
          return verdict
        }), { concurrency: 3 })
      const { between, executions, gaps, kills, mostAfterOneKill, reRun, repeated, wrong } = sum(verdicts)
      report({
        table: "results",
        scenario: `random SIGKILL, ${work}`,
        cells: { executions, kills, between, repeated, "most after one kill": mostAfterOneKill, reRun, gaps, wrong }
      })
      assert.isAbove(kills, 0)
    }), 240_000)
})
