/** The table at the end of the run. */
import * as Tables from "../support/Tables.js"

const tables = Tables.make("limits")

export const setup = tables.clear

const titles = {
  commands: "A million checkpoints: what each verb asks of the server",
  states: "States of 64 MiB"
} as const

export const report = (table: keyof typeof titles, scenario: string, cells: Tables.Row["cells"]): void =>
  tables.report({ table, scenario, cells })

export const teardown = (): void => {
  for (const [table, title] of Object.entries(titles)) tables.print(title, table, [])
}
