/** The rules, applied to the log of effects: it is what the outside world has seen. */
import type { Line } from "./effectLog.js"
import type { Ended } from "./incarnation.js"
import type { Job } from "./job.js"
import { effectsOf, width } from "./work.js"

/** How it stood when nobody ran. */
export interface Death {
  /** Effects until then. */
  readonly effects: number
  /** Whose results Redis held. */
  readonly committed: ReadonlySet<number>
  /** What the process said in the end; undefined when it was killed. */
  readonly report: Ended["report"]
}

export interface Life {
  readonly job: Job
  readonly deaths: ReadonlyArray<Death>
  readonly lines: ReadonlyArray<Line>
  readonly end: Ended
}

export interface Verdict {
  readonly executions: number
  readonly kills: number
  /** Deaths that fell between an effect and its commit. */
  readonly between: number
  readonly repeated: number
  readonly mostAfterOneKill: number
  /** Effects that ran although their result was safe. */
  readonly reRun: number
  /** Effects that ran before what comes ahead of them was done, or results without an effect. */
  readonly gaps: number
  readonly wrong: number
}

export const none: Verdict = {
  executions: 0,
  kills: 0,
  between: 0,
  repeated: 0,
  mostAfterOneKill: 0,
  reRun: 0,
  gaps: 0,
  wrong: 0
}

export const sum = (all: ReadonlyArray<Verdict>): Verdict =>
  all.reduce((a, b) => ({
    executions: a.executions + b.executions,
    kills: a.kills + b.kills,
    between: a.between + b.between,
    repeated: a.repeated + b.repeated,
    mostAfterOneKill: Math.max(a.mostAfterOneKill, b.mostAfterOneKill),
    reRun: a.reRun + b.reRun,
    gaps: a.gaps + b.gaps,
    wrong: a.wrong + b.wrong
  }), none)

export const widthOf = ({ work }: Pick<Job, "work">): number => work === "fan-out" ? width : 1

/** What one incarnation did, given what was safe when it began and what had ever been done. */
const incarnation = (
  job: Job,
  lines: ReadonlyArray<Line>,
  safe: ReadonlySet<number>,
  before: ReadonlySet<number>
): Verdict => {
  const wide = widthOf(job)
  const known = new Set(safe)
  const tally = { repeated: 0, reRun: 0, gaps: 0 }
  for (const { i } of lines) {
    if (known.has(i)) tally.reRun++
    if (before.has(i)) tally.repeated++
    const group = Math.floor(i / wide) * wide
    for (let ahead = 0; ahead < group; ahead++) if (!known.has(ahead)) tally.gaps++
    known.add(i)
  }
  return { ...none, ...tally, mostAfterOneKill: tally.repeated }
}

const isRight = ({ end: { report }, job }: Life): boolean =>
  report?._tag === "Completed" &&
  JSON.stringify(report.value) === JSON.stringify(Array.from({ length: effectsOf(job) }, (_, i) => i))

export const judge = (life: Life): Verdict => {
  const { deaths, job, lines } = life
  const starts: ReadonlyArray<Death> = [{ effects: 0, committed: new Set(), report: undefined }, ...deaths]
  const parts = starts.map(({ committed, effects }, k) => {
    const before = new Set(lines.slice(0, effects).map(({ i }) => i))
    const made = incarnation(job, lines.slice(effects, starts[k + 1]?.effects), committed, before)
    const invented = [...committed].filter((i) => !before.has(i)).length
    const between = [...before].some((i) => !committed.has(i)) ? 1 : 0
    return { ...made, between, gaps: made.gaps + invented }
  })
  const seen = new Set(lines.map(({ i }) => i)).size
  return {
    ...sum(parts),
    executions: 1,
    kills: deaths.length,
    wrong: isRight(life) && seen === effectsOf(job) ? 0 : 1
  }
}

/** What must not be, in words; empty when all is well. */
export const broken = ({ job }: Pick<Life, "job">, verdict: Verdict): ReadonlyArray<string> => {
  const wide = widthOf(job)
  return [
    verdict.reRun > 0 ? `${verdict.reRun} committed steps ran again` : "",
    verdict.gaps > 0 ? `${verdict.gaps} gaps` : "",
    verdict.mostAfterOneKill > wide ? `${verdict.mostAfterOneKill} effects repeated after one kill` : "",
    verdict.repeated > verdict.between * wide
      ? `${verdict.repeated} repeated, but ${verdict.between} kills between effect and commit`
      : "",
    verdict.wrong > 0 ? "a wrong result" : ""
  ].filter((rule) => rule !== "")
}
