import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { faults } from "./faults.js"
import { mutants } from "./mutants.js"
import * as Results from "./results.js"
import * as Trial from "./trial.js"

/** A broken store shows when the right calls meet: it gets this many times the time of a sound one. */
const patience = 4

describe("a broken store is rejected", () => {
  it.live.each(mutants)("$name, under: $under", ({ name, storeOf, under }) =>
    Effect.gen(function*() {
      const fault = faults.find(({ name }) => name === under)!
      const { broken, calls, rounds, violations } = yield* Trial.run(fault, {
        subject: { storeOf },
        stopAtFirst: true,
        patience
      })
      const first = violations[0]?.split("\n").at(-1)?.trim() ??
        broken.map(({ detail, rule }) => `${rule} ${detail}`)[0]
      Results.report("mutants", name, {
        under,
        rounds,
        calls: calls.length,
        "told by": violations.length > 0 ? "history" : broken.length > 0 ? "invariants" : "nobody",
        first: (first ?? "").replaceAll("|", "/").slice(0, 120)
      })
      assert.isAbove(violations.length + broken.length, 0)
    }))
})
