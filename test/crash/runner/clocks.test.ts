import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as EffectLog from "./effectLog.js"
import * as Incarnation from "./incarnation.js"
import { broken, judge, sum } from "./judge.js"
import { live } from "./life.js"
import { open } from "./place.js"
import * as Progress from "./progress.js"
import { report } from "./results.js"
import * as Stored from "./stored.js"

const hour = 3_600_000

const orders = [["ahead", hour, 0], ["behind", 0, hour]] as const

describe("processes whose clocks are an hour apart", () => {
  it.scopedLive.each(orders)("take over in order, the first one %s", ([name, first, second]) =>
    Effect.gen(function*() {
      const place = yield* open()
      const lives = yield* Effect.forEach(["graph", "program", "fan-out"] as const, (work) =>
        live(place, place.job(`clocks-${work}`, work), [
          { after: 120, job: { ahead: first } },
          { after: 400, job: { ahead: second } },
          { after: 400, job: { ahead: first } }
        ]), { concurrency: 3 })
      for (const life of lives) {
        assert.deepStrictEqual(broken(life, judge(life)), [])
      }
      const history = yield* Stored.epochs(place.raw, "clocks-graph")
      assert.deepStrictEqual(
        history.map(({ version }) =>
          version
        ),
        history.map((_, at) =>
          at + 1
        )
      )
      const epochs = history.map(({ epoch }) => epoch)
      assert.deepStrictEqual(epochs, epochs.toSorted((a, b) => a - b))
      const { executions, kills, reRun, repeated, wrong } = sum(lives.map(judge))
      report({
        table: "results",
        scenario: `clocks an hour apart, first ${name}`,
        cells: { executions, kills, repeated, reRun, wrong }
      })
    }), 120_000)

  it.scopedLive.each(orders)("agree whose lease it is, the holder %s", ([, first, second]) =>
    Effect.gen(function*() {
      const place = yield* open()
      const lease = 20_000
      const job = place.job("leased", "graph", { pause: 20, behind: 20, lease, patient: false })
      const holder = yield* Incarnation.begin(place.bundle, { ...job, ahead: first })
      yield* Progress.effects(job, 2)
      const other = yield* Incarnation.begin(place.bundle, { ...job, client: `${job.client}-other`, ahead: second })
      const { report } = yield* other.ended
      assert.include(report, { _tag: "Failed", error: "ExecutionBusy" })
      const remaining = report?._tag === "Failed" ? report.remaining ?? 0 : 0
      assert.isAbove(remaining, 0)
      assert.isAtMost(remaining, lease)
      yield* holder.signal("SIGKILL")
    }), 60_000)

  it.scopedLive.each(orders)(
    "sleep by the server's clock, the first one %s",
    ([name, first, second]) =>
      Effect.gen(function*() {
        const place = yield* open()
        const job = place.job("nap", "nap", { size: 900 })
        const life = yield* live(place, job, [{ after: 300, job: { ahead: first } }, {
          after: 300,
          job: { ahead: second }
        }])
        const [before, after] = EffectLog.read(job.log)
        const slept = (after?.at ?? 0) - (before?.at ?? 0)
        const { executions, kills, reRun, repeated, wrong } = judge(life)
        report({
          table: "results",
          scenario: `a sleep with clocks an hour apart, first ${name}`,
          cells: { executions, kills, repeated, reRun, wrong, note: `900 ms, woke after ${slept} ms` }
        })
        assert.strictEqual(wrong, 0)
        assert.isAtLeast(slept, 890)
        assert.isBelow(slept, 30_000)
      }),
    60_000
  )
})
