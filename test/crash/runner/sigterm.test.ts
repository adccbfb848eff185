import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Random from "../../races/random.js"
import type { WorkName } from "./job.js"
import { judge, sum } from "./judge.js"
import { type Fate, live } from "./life.js"
import { open, runs, seedOf } from "./place.js"
import { report } from "./results.js"

const works: ReadonlyArray<WorkName> = ["graph", "program", "fan-out"]

const fates = (random: Random.Random): ReadonlyArray<Fate> =>
  Array.from({ length: 4 }, () => ({ after: 20 + random.integer(150), signal: "SIGTERM" as const }))

describe("processes that are asked to end by SIGTERM", () => {
  it.scopedLive.each(works)("repeat nothing, and the next one need not wait: %s", (work) =>
    Effect.gen(function*() {
      const place = yield* open()
      const random = Random.make(seedOf(`SIGTERM, ${work}`))
      const lives = Array.from({ length: runs(3) }, (_, n) =>
        [
          // A lease that the test would not live to see the end of, and nobody who tries again.
          place.job(`sigterm-${work}-${n}`, work, { pause: 3, behind: 0, lease: 120_000, patient: false }),
          fates(random)
        ] as const)
      const verdicts = yield* Effect.forEach(lives, ([job, fates]) =>
        Effect.map(live(place, job, fates), (life) => {
          for (const { report } of life.deaths) assert.deepStrictEqual(report, { _tag: "Stopped" })
          return judge(life)
        }), { concurrency: 3 })
      const { executions, gaps, kills, reRun, repeated, wrong } = sum(verdicts)
      report({
        table: "results",
        scenario: `SIGTERM, ${work}`,
        cells: { executions, kills, repeated, reRun, gaps, wrong }
      })
      assert.deepStrictEqual({ repeated, reRun, gaps, wrong }, { repeated: 0, reRun: 0, gaps: 0, wrong: 0 })
      assert.isAbove(kills, 0)
    }), 240_000)
})
