import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { WorkName } from "./job.js"
import { open, runs } from "./place.js"
import { broken, race } from "./race.js"
import { report } from "./results.js"

const works: ReadonlyArray<WorkName> = ["graph", "program", "fan-out"]

/** So long that a process which the machine keeps waiting does not lose it. */
const lease = 3_000

describe("five processes that run one execution", () => {
  it.scopedLive.each(works)("one does, the others find it busy: %s", (work) =>
    Effect.gen(function*() {
      const place = yield* open()
      const size = work === "fan-out" ? 4 : 24
      const jobs = Array.from({ length: runs(3) }, (_, n) =>
        // Half of the races are to the end: who finds it busy waits for its turn.
        place.job(`race-${work}-${n}`, work, { size, lease, pause: 4, behind: 4, patient: n % 2 === 1 }))
      const all = yield* Effect.forEach(jobs, (job) =>
        Effect.map(race(place, job), (raced) => {
          assert.deepStrictEqual(broken(raced), [], JSON.stringify({ job, raced }))
          return raced
        }))
      const total = (count: (one: typeof all[number]) => number) => all.reduce((sum, one) => sum + count(one), 0)
      report({
        table: "results",
        scenario: `5 processes race, ${work}`,
        cells: {
          executions: all.length,
          kills: 0,
          repeated: total((one) => one.repeated),
          reRun: total((one) => one.repeated),
          wrong: total((one) => one.wrong),
          note: `${total((one) => one.completed)} completed, ${total((one) => one.busy)} busy, 1 writer each`
        }
      })
    }), 240_000)
})
