/** One line for each contender that is compared with its baseline. */
import type { Result, Row } from "./race.js"
import type { Spread } from "./statistics.js"

export const time = (micros: number): string =>
  micros < 1000 ? `${micros.toPrecision(3)} us` : `${(micros / 1000).toPrecision(3)} ms`

const ratio = (value: number): string => value >= 100 ? value.toFixed(0) : value.toPrecision(3)

export const spread = ({ lower, median, upper }: Spread): string => `${ratio(median)} (${ratio(lower)}-${ratio(upper)})`

export const header = [
  "case",
  "what",
  "time",
  "baseline",
  "throughput",
  "cpu",
  "client cpu",
  "server",
  "baseline's"
]

const cells = (row: Row, { cpu, micros, name, outside, server, thrift, throughput }: Result): ReadonlyArray<string> => [
  row.rounds < 7 ? `${row.name}, ${row.rounds} rounds` : row.name,
  name,
  time(micros.median),
  time(row.baseline.micros.median),
  spread(throughput),
  outside ? "-" : spread(thrift),
  outside ? "-" : time(cpu.median),
  time(server.execution),
  time(row.baseline.server.execution)
]

export const cellsOf = (row: Row): ReadonlyArray<ReadonlyArray<string>> =>
  row.subjects.map((subject) => cells(row, subject))

/** A table in Markdown that reads well as plain text too. */
export const markdown = (head: ReadonlyArray<string>, body: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = head.map((title, i) => Math.max(title.length, ...body.map((row) => row[i]?.length ?? 0)))
  const line = (row: ReadonlyArray<string>) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`
  return [line(head), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...body.map(line)].join("\n")
}
