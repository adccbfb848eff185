/** What was measured, for the tools that make something of it. */
import { Effect } from "effect"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import type { BulkRow } from "./bulk/bulk.js"
import type { MemoryRow } from "./memory.js"
import type { Row } from "./race.js"

export interface Results {
  /** Date, versions and processor. */
  readonly machine: string
  readonly rows: ReadonlyArray<Row>
  readonly bulk: ReadonlyArray<BulkRow>
  readonly memory: ReadonlyArray<MemoryRow>
}

const folder = ".tmp/bench"

export const writeResults = (name: string, results: object): Effect.Effect<void> =>
  Effect.sync(() => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(`${folder}/${name}.json`, `${JSON.stringify(results, undefined, 2)}\n`)
  })

export const readResults = (): Results => {
  try {
    return JSON.parse(readFileSync(`${folder}/results.json`, "utf8"))
  } catch (cause) {
    throw new Error("There are no results to compute from: run npm run bench first", { cause })
  }
}
