/** Ratios that a change must not fall below; not times, which are another machine's. */
import { readFileSync, writeFileSync } from "node:fs"
import type { Result, Row } from "../race.js"

const file = "bench/bounds.json"

/** What another load of the machine may take away. */
const slack = 0.35

type Bounds = Readonly<Record<string, number>>

interface Compared {
  readonly key: string
  readonly ratio: number
}

/** By wall clock or by processor time, whichever is better: a busy neighbour spoils one of them. */
const ratioOf = ({ throughput, thrift }: Result): number => Math.max(throughput.median, thrift.median)

/** The library's own line of each case. */
const compared = (rows: ReadonlyArray<Row>): ReadonlyArray<Compared> =>
  rows.flatMap(({ baseline, name, subjects: [ours] }) =>
    ours === undefined || ours.outside ? [] : [{ key: `${name} / ${baseline.name}`, ratio: ratioOf(ours) }]
  )

export const writeBounds = (rows: ReadonlyArray<Row>): void => {
  const bounds = compared(rows).map(({ key, ratio }) => [key, Number((ratio * slack).toPrecision(2))])
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(bounds), undefined, 2)}\n`)
}

export const boundHeader = ["case / beside", "at least", "measured", "holds"]

export interface Verdict {
  readonly cells: ReadonlyArray<string>
  readonly holds: boolean
}

/** A bound whose case was not measured does not hold: it would guard nothing. */
export const verdictsOf = (rows: ReadonlyArray<Row>, bounds: Bounds): ReadonlyArray<Verdict> => {
  const ratios = new Map(compared(rows).map(({ key, ratio }) => [key, ratio]))
  return Object.entries(bounds).map(([key, least]) => {
    const ratio = ratios.get(key) ?? NaN
    const holds = ratio >= least
    return { holds, cells: [key, String(least), ratio.toPrecision(3), holds ? "yes" : "NO"] }
  })
}

export const checkBounds = (rows: ReadonlyArray<Row>): ReadonlyArray<Verdict> =>
  verdictsOf(rows, JSON.parse(readFileSync(file, "utf8")))
