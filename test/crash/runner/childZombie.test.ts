import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Incarnation from "./incarnation.js"
import { open, size } from "./place.js"
import { report } from "./results.js"
import * as Stored from "./stored.js"

it.scopedLive(
  "a zombie that wakes up before it claims a child leaves the heir's child alone",
  () =>
    Effect.gen(function*() {
      const place = yield* open()
      const job = place.job("nested", "nested", { pause: 5, behind: 5 })
      const zombie = yield* Incarnation.begin(place.bundle, { ...job, stops: { at: "child claim", step: 0 } })
      yield* zombie.stopping
      const stops = { at: "before effect", step: 5 } as const
      const heir = yield* Incarnation.begin(place.bundle, { ...job, client: `${job.client}-heir`, stops })
      yield* heir.stopping
      const before = yield* Stored.fingerprint(place.raw, job.executionId)
      yield* zombie.signal("SIGCONT")
      assert.include((yield* zombie.ended).report, { _tag: "Failed", error: "Fenced" })
      assert.deepStrictEqual(yield* Stored.fingerprint(place.raw, job.executionId), before)
      yield* heir.signal("SIGCONT")
      const { report: end } = yield* heir.ended
      assert.deepInclude(end, { _tag: "Completed", value: Array.from({ length: size.nested }, (_, i) => i) })
      report({
        table: "results",
        scenario: "SIGSTOP zombie before a child",
        cells: { executions: 1, kills: 0, repeated: 0, wrong: 0 }
      })
    }),
  60_000
)
