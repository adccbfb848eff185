/** The public API beside the same work by hand, in one run on one server. */
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { bulk, type BulkRow } from "./bulk/bulk.js"
import { type Work, works } from "./bulk/works.js"
import { nameOf, sizeName } from "./case.js"
import { bounds, check, last, only, small, write } from "./flags.js"
import { batching } from "./groups/batching.js"
import { growth, histories } from "./groups/growth.js"
import { importing } from "./groups/importing.js"
import * as Ladder from "./groups/ladder.js"
import { effectLayer, supersteps } from "./groups/layers.js"
import { heads, listings, loads, longHistory } from "./groups/reading.js"
import { removing } from "./groups/removing.js"
import { saving } from "./groups/saving.js"
import { sizes, staging } from "./groups/staging.js"
import { machineWithServer } from "./machine.js"
import { memoryOf, type MemoryRow, shapes } from "./memory.js"
import { type Effort, race, type Row } from "./race.js"
import { boundHeader, checkBounds, writeBounds } from "./report/bounds.js"
import { plot } from "./report/plot.js"
import { sectionsOf } from "./report/report.js"
import { writeSections } from "./report/sections.js"
import { readResults, type Results, writeResults } from "./results.js"
import { cellsOf, markdown } from "./table.js"
import { World } from "./world.js"

const ladder = small ? Ladder.small : Ladder.full
const effort: Effort = small
  ? { rounds: 7, sample: 40, warmUp: 100, patience: 3_000 }
  : { rounds: 7, sample: 300, warmUp: 600, patience: 60_000 }
/** The first case of a verb meets code that nobody has compiled yet. */
const first = small ? 6 : 12
const bulkRounds = 3
/** Bounds are about the library alone. */
const guarding = check || bounds

const groups = [
  saving(ladder),
  staging(small ? sizes.small : sizes.full),
  loads(ladder),
  heads(ladder),
  listings(ladder),
  longHistory(small ? 10_000 : 100_000),
  batching,
  removing,
  effectLayer,
  supersteps,
  growth(small ? histories.small : histories.full),
  importing
]

/** So that one sees that it goes on. */
const tell = (text: string) => Effect.sync(() => process.stderr.write(`${text}\n`))

const raced = Effect.gen(function*() {
  const { server } = yield* World
  const rows: Array<Row> = []
  for (const group of groups) {
    for (const one of yield* group) {
      if (!only.test(nameOf(one)) || (guarding && one.subjects[0]?.outside === true)) continue
      const known = rows.some(({ verb }) => verb === one.verb)
      const asked = guarding ? { ...one, subjects: one.subjects.slice(0, 1) } : one
      const row = yield* race(server, asked, known ? effort : { ...effort, warmUp: effort.warmUp * first })
      rows.push(row)
      yield* Effect.forEach(cellsOf(row), (cells) => tell(cells.join("  ")))
    }
  }
  return rows
})

const measured = Effect.gen(function*() {
  const rows = yield* raced
  const memory: Array<MemoryRow> = []
  const bulks: Array<BulkRow> = []
  for (const shape of small ? [] : shapes) {
    if (only.test(`memory ${sizeName(shape.bytes)}`)) memory.push(yield* memoryOf(shape))
  }
  for (const work of small ? [] : Object.keys(works) as Array<Work>) {
    if (!only.test(`bulk ${work}`)) continue
    yield* tell(`bulk ${work}`)
    bulks.push(yield* bulk(work, bulkRounds))
  }
  const results: Results = { machine: machineWithServer(), rows, memory, bulk: bulks }
  return results
})

const guard = (rows: ReadonlyArray<Row>): void => {
  const verdicts = checkBounds(rows)
  console.log(`\n${markdown(boundHeader, verdicts.map(({ cells }) => cells))}`)
  if (verdicts.some(({ holds }) => !holds)) process.exitCode = 1
}

const document = (results: Results): void => {
  writeSections("docs/performance.md", [{ name: "machine", text: results.machine }, ...sectionsOf(results)])
  const growing = results.rows.filter(({ verb }) => verb === "growth")
  if (growing.length > 0) writeFileSync("docs/growth.svg", plot(growing))
}

const program = Effect.gen(function*() {
  const results = last ? readResults() : yield* measured
  console.log(results.machine)
  for (const { name, text } of sectionsOf(results)) console.log(`\n${name}\n\n${text}`)
  if (!last) yield* writeResults("results", results)
  if (write) document(results)
  if (bounds) writeBounds(results.rows)
  if (check) guard(results.rows)
})

await Effect.runPromise(Effect.provide(program, World.layer))
