import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Mutation } from "./job.js"
import * as Judge from "./judge.js"
import { live } from "./life.js"
import { open, type Place } from "./place.js"
import * as Race from "./race.js"
import { report } from "./results.js"
import * as Zombie from "./zombie.js"

/** What tells that a runner is broken; the same trial finds nothing wrong with the runner as it is. */
type Trial = (
  place: Place,
  name: string,
  mutation: Mutation | undefined
) => Effect.Effect<ReadonlyArray<string>, unknown>

const mutated = (mutation: Mutation | undefined) => mutation === undefined ? {} : { mutation }

/** A commit takes 10 ms, so one that is not awaited is still on its way when the next effects happen. */
const killed: Trial = (place, name, mutation) => {
  const job = place.job(name, "graph", { pause: 0, behind: 0, latency: 10, ...mutated(mutation) })
  const fate = { job: { dies: { at: "after effect", step: 50 } } } as const
  return Effect.map(live(place, job, [fate]), (life) => Judge.broken(life, Judge.judge(life)))
}

const raced: Trial = (place, name, mutation) =>
  Effect.map(
    Race.race(place, place.job(name, "graph", { size: 24, lease: 3_000, patient: false, ...mutated(mutation) })),
    Race.broken
  )

const haunted: Trial = (place, name, mutation) =>
  Effect.map(
    Effect.forEach(["graph", "program"] as const, (work) => {
      // Nothing lies between going on and writing, so no heartbeat comes first.
      const job = place.job(`${name}-${work}`, work, { behind: 0, ...mutated(mutation) })
      const stops = { at: "after effect", step: 50 } as const
      return Effect.map(Zombie.haunt(place, job, stops, "in the same step"), (one) =>
        Zombie.broken(job, one).map((what) => `${work}: ${what}`))
    }),
    (found) =>
      found.flat()
  )

const subjects: ReadonlyArray<readonly [Mutation, against: string, Trial]> = [
  ["commit not awaited", "killed after effect, 10 ms a commit", killed],
  ["claim always steals", "5 processes race", raced],
  ["writes not fenced", "SIGSTOP zombies", haunted]
]

describe("a broken runner is told from a sound one", () => {
  it.scopedLive.each(subjects)("%s", ([mutation, against, trial]) =>
    Effect.gen(function*() {
      const place = yield* open()
      const name = mutation.replaceAll(" ", "-")
      assert.deepStrictEqual(yield* trial(place, `${name}-control`, undefined), [])
      const told = yield* trial(place, name, mutation)
      const brief = told.map((what) => what.replaceAll(/langgraph\S* [0-9a-f]+/g, "a key").slice(0, 120))
      report({ table: "mutants", scenario: mutation, cells: { against, told: brief.join("; ") } })
      assert.isAbove(told.length, 0)
    }), 240_000)
})
