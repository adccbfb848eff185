import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readdirSync, statSync, truncateSync } from "node:fs"
import { join } from "node:path"
import * as EffectLog from "./effectLog.js"
import * as Incarnation from "./incarnation.js"
import type { Job, Report, WorkName } from "./job.js"
import { type Death, judge } from "./judge.js"
import { live } from "./life.js"
import { open, type Place } from "./place.js"
import * as Progress from "./progress.js"
import { report } from "./results.js"
import * as Stored from "./stored.js"

/** The file that grows with each write. */
const tailOf = ({ server }: Place): string => {
  const directory = join(server.dir, "appendonlydir")
  return join(directory, readdirSync(directory).find((name) => name.endsWith(".incr.aof")) ?? "")
}

/** Destroys what the server has acknowledged between two numbers of effects, under a live runner. */
const lose = (place: Place, job: Job, from: number, to: number) =>
  Effect.scoped(Effect.gen(function*() {
    const process = yield* Incarnation.begin(place.bundle, { ...job, waits: true })
    yield* process.ready
    const untouched = statSync(tailOf(place)).size
    yield* process.go
    yield* Progress.effects(job, from)
    const kept = from === 0 ? untouched : statSync(tailOf(place)).size
    yield* Progress.effects(job, to)
    yield* place.server.kill()
    truncateSync(tailOf(place), kept)
    yield* place.server.restart()
    const { report } = yield* process.ended
    const raw = yield* place.server.connect
    yield* Stored.forgotten(raw, job.client)
    const death: Death = {
      effects: EffectLog.read(job.log).length,
      committed: yield* Stored.committed(raw, job),
      report
    }
    // The first connection died with the server.
    return { death, after: { ...place, raw } satisfies Place }
  }))

const kinds = (report: Report | undefined): string => {
  if (report?._tag !== "Failed") return String(report?._tag)
  return report.isLoss === true ? `${report.error}, isLoss` : report.error
}

interface Subject {
  readonly name: string
  readonly work: WorkName
  readonly from: number
  readonly to: number
  readonly ends: string
}

/**
 * A lost commit is told by the next write: the head is behind what the runner has seen. With the claim
 * gone as well the token is unknown, so it is told like every other loss of the execution. The loss
 * of memos alone is not told: the runner that lives has their results, and ends well.
 */
const subjects: ReadonlyArray<Subject> = [
  { name: "graph", work: "graph", from: 30, to: 50, ends: "CheckpointConflict, isLoss" },
  { name: "fan-out", work: "fan-out", from: 30, to: 60, ends: "CheckpointConflict, isLoss" },
  { name: "graph, its claim too", work: "graph", from: 0, to: 20, ends: "Fenced" },
  { name: "program, its claim too", work: "program", from: 0, to: 20, ends: "Fenced" },
  { name: "program, memos only", work: "program", from: 30, to: 50, ends: "Completed" }
]

describe("a server that loses acknowledged writes under a live runner", () => {
  it.scopedLive.each(subjects)(
    "$name: $ends, and a clean resume",
    ({ ends, from, name, to, work }) =>
      Effect.gen(function*() {
        const place = yield* open({ appendonly: true, config: ["appendfsync always"] })
        const job = place.job("lost", work, { pause: 3, behind: 3 })
        const { after, death } = yield* lose(place, job, from, to)
        assert.strictEqual(kinds(death.report), ends)
        const resumed = yield* Effect.scoped(Effect.gen(function*() {
          const raw = yield* place.server.connect
          return yield* live({ ...after, raw }, { ...job, client: `${job.client}-next` }, [])
        }))
        const { executions, gaps, reRun, repeated, wrong } = judge({ ...resumed, deaths: [death] })
        report({
          table: "results",
          scenario: `AOF tail cut, ${name}`,
          cells: { executions, kills: 1, repeated, reRun, gaps, wrong, note: ends }
        })
        assert.deepStrictEqual({ gaps, reRun, wrong }, { gaps: 0, reRun: 0, wrong: 0 })
        assert.strictEqual(repeated, ends === "Completed" ? 0 : death.effects - death.committed.size)
      }),
    120_000
  )
})
