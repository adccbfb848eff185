import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Random from "../../races/random.js"
import type { WorkName } from "./job.js"
import { open, runs, seedOf, size } from "./place.js"
import { report } from "./results.js"
import { effectsOf } from "./work.js"
import { broken, haunt } from "./zombie.js"

const works: ReadonlyArray<WorkName> = ["graph", "program", "fan-out"]

const heirs = ["finished", "in the same step"] as const

describe("a process that is stopped, taken over from, and continued", () => {
  it.scopedLive.each(works)("ends with Fenced and writes nothing: %s", (work) =>
    Effect.gen(function*() {
      const place = yield* open()
      const random = Random.make(seedOf(`zombies, ${work}`))
      const trials = Array.from({ length: 2 * runs(4) }, (_, n) => ({
        job: place.job(`zombie-${work}-${n}`, work, { behind: random.integer(2) }),
        stops: {
          at: n % 2 === 0 ? "after effect" as const : "before effect" as const,
          step: n === 0 ? 0 : random.integer(effectsOf({ work, size: size[work] }))
        },
        heir: heirs[Math.floor(n / 2) % 2] ?? "finished"
      }))
      const all = yield* Effect.forEach(trials, ({ heir, job, stops }) =>
        Effect.map(haunt(place, job, stops, heir), (haunted) => {
          assert.deepStrictEqual(broken(job, haunted), [], JSON.stringify({ job, stops, heir }))
          return haunted
        }), { concurrency: 3 })
      report({
        table: "results",
        scenario: `SIGSTOP zombies, ${work}`,
        cells: {
          executions: all.length,
          kills: 0,
          repeated: all.reduce((sum, { repeated }) =>
            sum + repeated, 0),
          reRun: 0,
          wrong: all.reduce((sum, { wrong }) =>
            sum + wrong, 0),
          note: `${all.length} of ${all.length} ended with Fenced, no key changed`
        }
      })
    }), 240_000)
})
