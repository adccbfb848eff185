/** The tables at the end of the run. */
import * as Tables from "../../support/Tables.js"

const tables = Tables.make("crash")

export const report = (row: Tables.Row & { readonly table: "results" | "mutants" }): void => tables.report(row)

export const setup = tables.clear

const order = ["executions", "kills", "between", "repeated", "most after one kill", "reRun", "gaps", "wrong", "note"]

export const teardown = (): void => {
  tables.print("What the runner survived", "results", order)
  tables.print("Broken runners, and what told", "mutants", order)
}
