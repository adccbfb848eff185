/** What the library set out to reach, and what this run says. */
import type { Result, Row } from "../race.js"
import type { Results } from "../results.js"

interface Goal {
  readonly work: string
  readonly against: string
  readonly most?: number
  readonly least?: number
  readonly unit: string
  /** Undefined when the run left it out. */
  readonly measured: number | undefined
}

const rowOf = (rows: ReadonlyArray<Row>, name: string, baseline?: string): Row | undefined =>
  rows.find((row) => row.name === name && (baseline === undefined || row.baseline.name === baseline))

const throughput = (row: Row | undefined): number | undefined => row?.subjects[0]?.throughput.median

const times = (row: Row | undefined): number | undefined => {
  const rate = throughput(row)
  return rate === undefined ? undefined : 1 / rate
}

const processor = (row: Row | undefined): number | undefined => {
  const ours: Result | undefined = row?.subjects[0]
  return row === undefined || ours === undefined ? undefined : ours.cpu.median - row.baseline.cpu.median
}

const ofSaving = (rows: ReadonlyArray<Row>): ReadonlyArray<Goal> => {
  const against = "pipeline of three commands"
  const rate = (name: string) => throughput(rowOf(rows, name))
  const batch = rate("saveAll 100 of 1 KiB x 1")
  return [
    { work: "save, 1 KiB, 64 fibers", against, least: 1.2, unit: "x throughput", measured: rate("save 1 KiB x 64") },
    {
      work: "save, 100 KiB, 64 fibers",
      against,
      least: 0.9,
      unit: "x throughput",
      measured: rate("save 100 KiB x 64")
    },
    {
      work: "saveAll of 100",
      against: "pipeline of the same commands",
      least: 1,
      unit: "x throughput",
      measured: batch
    }
  ]
}

const ofReading = (rows: ReadonlyArray<Row>): ReadonlyArray<Goal> => {
  const work = "latest of 100,000"
  const name = "latest of 100000, 1 KiB x 1"
  const list = rowOf(rows, name, "list and take the last")
  const get = times(rowOf(rows, name, "GET and JSON.parse"))
  const listed = times(rowOf(rows, "list 1000 of 1 KiB x 1"))
  return [
    { work, against: "list and take the last", least: 500, unit: "x throughput", measured: throughput(list) },
    { work, against: "one GET", most: 1.3, unit: "x time", measured: get },
    {
      work: "list of 1,000 x 1 KiB",
      against: "SMEMBERS, MGET, JSON.parse",
      most: 1.5,
      unit: "x time",
      measured: listed
    }
  ]
}

const ofStreaming = ({ bulk }: Results): ReadonlyArray<Goal> => {
  const row = bulk.find(({ work }) => work === "stream")
  const work = "stream of 100,000 x 1 KiB"
  const share = row === undefined ? undefined : row.ours.memory / row.bare.memory
  return [
    { work, against: "the same at once", most: 0.25, unit: "x peak memory", measured: share },
    { work, against: "longest block of the event loop", most: 50, unit: "ms", measured: row?.ours.block }
  ]
}

const ofLayers = (rows: ReadonlyArray<Row>): ReadonlyArray<Goal> => {
  const [runner, entry, layer] = ["runner 100 B x 1", "import 0 B x 1", "layer 100 B x 64"].map((name) =>
    rowOf(rows, name)
  )
  const [gone, cleared] = ["delete 1 KiB x 64", "clear 100 of 1 KiB x 1"].map((name) => throughput(rowOf(rows, name)))
  return [
    { work: "runner step, empty node", against: "one EVALSHA", most: 2, unit: "x time", measured: times(runner) },
    { work: "import", against: "effect and ioredis", most: 1.3, unit: "x time", measured: times(entry) },
    {
      work: "Effect layer, tracing off",
      against: "the command alone",
      most: 20,
      unit: "us more cpu",
      measured: processor(layer)
    },
    { work: "delete", against: "GET, then DEL and SREM", least: 2, unit: "x throughput", measured: gone },
    { work: "clear of 100", against: "SMEMBERS, then DEL each", least: 2, unit: "x throughput", measured: cleared }
  ]
}

const reached = ({ least = -Infinity, most = Infinity }: Goal, measured: number): boolean =>
  measured >= least && measured <= most

const number = (value: number): string => value >= 100 ? value.toFixed(0) : value.toPrecision(3)

export const goalHeader = ["work", "against", "goal", "measured", "reached"]

export const goalCells = (results: Results): ReadonlyArray<ReadonlyArray<string>> =>
  [...ofSaving(results.rows), ...ofReading(results.rows), ...ofStreaming(results), ...ofLayers(results.rows)]
    .flatMap((goal) => {
      const { against, least, measured, most, unit, work } = goal
      if (measured === undefined) return []
      const bound = least === undefined ? `<= ${most}` : `>= ${least}`
      return [[work, against, `${bound} ${unit}`, number(measured), reached(goal, measured) ? "yes" : "no"]]
    })
