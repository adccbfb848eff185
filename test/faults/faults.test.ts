import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { faults } from "./faults.js"
import * as Results from "./results.js"
import * as Trial from "./trial.js"

describe("a fault while clients run", () => {
  it.live.each(faults)("$name: every history is explained, and the invariants hold", (fault) =>
    Effect.gen(function*() {
      const trial = yield* Trial.run(fault)
      Results.reportTrial(fault.name, fault.loses, trial)
      assert.deepStrictEqual(trial.violations, [])
      assert.strictEqual(trial.undecided, 0)
      assert.deepStrictEqual(trial.broken, [])
      if (fault.loses === "nothing") assert.strictEqual(trial.lost, 0)
      if (fault.loses === "everything") assert.isAbove(trial.told, 0)
    }))
})
