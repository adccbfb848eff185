/** A run as sections of tables. */
import { bulkCells, bulkHeader } from "../bulk/bulk.js"
import { memoryCells, memoryHeader } from "../memory.js"
import type { Row } from "../race.js"
import type { Results } from "../results.js"
import { cellsOf, header, markdown, time } from "../table.js"
import { goalCells, goalHeader } from "./goals.js"
import type { Section } from "./sections.js"

const ladders = ["save", "staging", "load", "latest", "list"]

const table = (name: string, head: ReadonlyArray<string>, cells: ReadonlyArray<ReadonlyArray<string>>): Section => ({
  name,
  text: cells.length === 0 ? "" : markdown(head, cells)
})

const growth = (rows: ReadonlyArray<Row>): Section => {
  const [first] = rows
  const head = ["case", ...first?.subjects.map(({ name }) => name) ?? [], first?.baseline.name ?? ""]
  const cells = rows.map((row) => [
    row.detail.replace(/,$/, "").replace("of ", ""),
    ...[...row.subjects, row.baseline].map(({ micros, server }) =>
      `${time(micros.median)}, server ${time(server.execution)}`
    )
  ])
  return table("growth", ["history", ...head.slice(1)], cells)
}

/** Only what was measured. */
export const sectionsOf = (results: Results): ReadonlyArray<Section> => {
  const { bulk, memory, rows } = results
  const of = (verbs: ReadonlyArray<string>) => rows.filter(({ verb }) => verbs.includes(verb))
  const others = rows.filter(({ verb }) => verb !== "growth" && !ladders.includes(verb))
  return [
    ...ladders.map((verb) => table(verb, header, of([verb]).flatMap(cellsOf))),
    table("others", header, others.flatMap(cellsOf)),
    growth(of(["growth"])),
    table("memory", memoryHeader, memory.map(memoryCells)),
    table("bulk", bulkHeader, bulk.map(bulkCells)),
    table("goals", goalHeader, goalCells(results))
  ].filter(({ text }) => text !== "")
}
