/** The tables at the end of the run; every test file leaves its rows in a directory. */
import * as fs from "node:fs"

const directory = new URL("../../../.tmp/crash/", import.meta.url)

export interface Row {
  readonly table: "results" | "mutants"
  readonly scenario: string
  readonly cells: Readonly<Record<string, string | number>>
}

export const report = (row: Row): void => {
  const name = `${row.table}-${row.scenario.replaceAll(/[^a-z0-9]+/gi, "-")}.json`
  fs.mkdirSync(directory, { recursive: true })
  fs.writeFileSync(new URL(name, directory), JSON.stringify(row))
}

export const setup = (): void => fs.rmSync(directory, { recursive: true, force: true })

const rows = (): ReadonlyArray<Row> =>
  fs.existsSync(directory)
    ? fs.readdirSync(directory).toSorted().map((name) => JSON.parse(fs.readFileSync(new URL(name, directory), "utf8")))
    : []

const order = ["executions", "kills", "between", "repeated", "most after one kill", "reRun", "gaps", "wrong", "note"]

const print = (title: string, some: ReadonlyArray<Row>): void => {
  if (some.length === 0) return
  const used = new Set(some.flatMap(({ cells }) => Object.keys(cells)))
  const columns = [...order.filter((name) => used.has(name)), ...[...used].filter((name) => !order.includes(name))]
  console.log([
    `\n${title}`,
    `| scenario | ${columns.join(" | ")} |`,
    `|---|${columns.map(() => "---|").join("")}`,
    ...some.map(({ cells, scenario }) => `| ${scenario} | ${columns.map((name) => cells[name] ?? "").join(" | ")} |`)
  ].join("\n"))
}

export const teardown = (): void => {
  const all = rows()
  print("What the runner survived", all.filter(({ table }) => table === "results"))
  print("Broken runners, and what told", all.filter(({ table }) => table === "mutants"))
}
