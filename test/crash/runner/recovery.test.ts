import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as EffectLog from "./effectLog.js"
import * as Incarnation from "./incarnation.js"
import type { Job, WorkName } from "./job.js"
import { broken, type Death, judge, type Life } from "./judge.js"
import { open, type Place } from "./place.js"
import * as Progress from "./progress.js"
import { report } from "./results.js"
import * as Stored from "./stored.js"
import { effectsOf } from "./work.js"

const works: ReadonlyArray<WorkName> = ["graph", "program", "fan-out"]

const daemon = ({ bundle }: Place, job: Job, name: string) =>
  Effect.tap(
    Incarnation.begin(bundle, { ...job, client: `${job.client}-${name}`, recovers: true }),
    ({ ready }) => ready
  )

/** A process is killed; who finds it out is a daemon in another one. */
const recovered = (place: Place, job: Job) =>
  Effect.scoped(Effect.gen(function*() {
    // A live process that the machine keeps waiting must not be taken for a dead one.
    const process = yield* Incarnation.begin(place.bundle, job)
    yield* Progress.effects(job, Math.floor(effectsOf(job) / 3))
    yield* process.signal("SIGKILL")
    yield* process.ended
    yield* Stored.forgotten(place.raw, job.client)
    const death: Death = {
      effects: EffectLog.read(job.log).length,
      committed: yield* Stored.committed(place.raw, job),
      report: undefined
    }
    yield* daemon(place, job, "one")
    yield* daemon(place, job, "two")
    yield* Progress.end(place.raw, job)
    const { state: { result, trail }, version } = yield* Stored.headOf(place.raw, job.executionId)
    return {
      job,
      deaths: [death],
      lines: EffectLog.read(job.log),
      end: { signal: null, report: { _tag: "Completed", value: trail ?? result, version } }
    } satisfies Life
  }))

describe("a recovery daemon in another process", () => {
  it.scopedLive.each(works)("goes on with an execution whose process was killed: %s", (work) =>
    Effect.gen(function*() {
      const place = yield* open()
      const life = yield* recovered(place, place.job(`recovered-${work}`, work, { lease: 1_000 }))
      const verdict = judge(life)
      assert.deepStrictEqual(broken(life, verdict), [])
      const { executions, gaps, kills, reRun, repeated, wrong } = verdict
      report({
        table: "results",
        scenario: `recovery by one of two daemons, ${work}`,
        cells: { executions, kills, repeated, reRun, gaps, wrong }
      })
    }), 60_000)

  it.scopedLive(
    "wakes an execution that slept while the server and a daemon were killed",
    () =>
      Effect.gen(function*() {
        const place = yield* open({ appendonly: true, config: ["appendfsync always"] })
        const job = place.job("slept", "nap", { size: 2_500, inlineSleep: 0, lease: 1_000 })
        const process = yield* Incarnation.begin(place.bundle, job)
        const { report: ended } = yield* process.ended
        const until = ended?._tag === "Sleeping" ? ended.until : Infinity
        const first = yield* daemon(place, job, "one")
        yield* place.server.restart()
        yield* first.signal("SIGKILL")
        assert.strictEqual(EffectLog.read(job.log).length, 1)
        yield* daemon(place, job, "two")
        yield* Progress.end(yield* place.server.connect, job)
        const lines = EffectLog.read(job.log)
        const late = (lines[1]?.at ?? 0) - until
        report({
          table: "results",
          scenario: "a durable sleep over restarts",
          cells: {
            executions: 1,
            kills: 2,
            repeated: lines.length - 2,
            reRun: 0,
            wrong: 0,
            note: `woke ${late} ms late`
          }
        })
        assert.deepStrictEqual(lines.map(({ i }) => i), [0, 1])
        assert.isAtLeast(late, 0)
        assert.isBelow(late, 20_000)
      }),
    60_000
  )
})
