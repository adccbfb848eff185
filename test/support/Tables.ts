/** Tables at the end of a run: every test file leaves its rows in a directory, and the run prints them when it ends. */
import * as fs from "node:fs"

export interface Row {
  readonly table: string
  readonly scenario: string
  readonly cells: Readonly<Record<string, string | number>>
}

export interface Tables {
  readonly report: (row: Row) => void
  /** Forgets the rows of the last run. */
  readonly clear: () => void
  /** Columns of `order` first, then the others as they come. */
  readonly print: (title: string, table: string, order: ReadonlyArray<string>) => void
}

const lines = (title: string, some: ReadonlyArray<Row>, order: ReadonlyArray<string>): string => {
  const used = new Set(some.flatMap(({ cells }) => Object.keys(cells)))
  const columns = [...order.filter((name) => used.has(name)), ...[...used].filter((name) => !order.includes(name))]
  return [
    `\n${title}`,
    `| scenario | ${columns.join(" | ")} |`,
    `|---|${columns.map(() => "---|").join("")}`,
    ...some.map(({ cells, scenario }) => `| ${scenario} | ${columns.map((name) => cells[name] ?? "").join(" | ")} |`)
  ].join("\n")
}

/** Rows under `.tmp/<name>`. */
export const make = (name: string): Tables => {
  const directory = new URL(`../../.tmp/${name}/`, import.meta.url)
  const read = (file: string): Row => JSON.parse(fs.readFileSync(new URL(file, directory), "utf8"))
  const rows = (): ReadonlyArray<Row> => fs.existsSync(directory) ? fs.readdirSync(directory).toSorted().map(read) : []
  return {
    report: (row) => {
      const file = `${row.table}-${row.scenario.replaceAll(/[^a-z0-9]+/gi, "-")}.json`
      fs.mkdirSync(directory, { recursive: true })
      fs.writeFileSync(new URL(file, directory), JSON.stringify(row))
    },
    clear: () => fs.rmSync(directory, { recursive: true, force: true }),
    print: (title, table, order) => {
      const some = rows().filter((row) => row.table === table)
      if (some.length > 0) console.log(lines(title, some, order))
    }
  }
}
