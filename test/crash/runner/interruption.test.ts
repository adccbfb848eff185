import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { interruptions, type Trials } from "./interruptions.js"
import { seedOf } from "./place.js"
import { report } from "./results.js"

const trials = 300

const subjects: Readonly<Record<string, Omit<Trials, "seed">>> = {
  "graph": { work: "graph", size: 12, trials },
  "graph, saved at its end": { work: "graph", size: 12, trials, policy: { autoSave: false } },
  "program": { work: "program", size: 12, trials },
  "fan-out": { work: "fan-out", size: 4, trials }
}

describe("runs that are interrupted", () => {
  it.live.each(Object.entries(subjects))(
    "finish the commit of what has succeeded, and give the lease back at once: %s",
    ([name, subject]) =>
      Effect.gen(function*() {
        const scenario = `${trials} interruptions, ${name}`
        const { executions, interruptions: kills, refused, repeated, wrong } = yield* interruptions({
          ...subject,
          seed: seedOf(scenario)
        })
        report({ table: "results", scenario, cells: { executions, kills, repeated, wrong: wrong + refused.length } })
        assert.deepStrictEqual(refused, [])
        assert.deepStrictEqual({ repeated, wrong }, { repeated: 0, wrong: 0 })
        assert.isAtLeast(kills, trials)
      })
  )
})
