/** The public API beside the same work by hand, in one run on one server. */
import { Effect } from "effect"
import { nameOf } from "./case.js"
import { only, small } from "./flags.js"
import { batching } from "./groups/batching.js"
import { importing } from "./groups/importing.js"
import * as Ladder from "./groups/ladder.js"
import { effectLayer, supersteps } from "./groups/layers.js"
import { heads, listings, loads, longHistory } from "./groups/reading.js"
import { removing } from "./groups/removing.js"
import { saving } from "./groups/saving.js"
import { type Effort, race, type Row } from "./race.js"
import { writeResults } from "./results.js"
import { cellsOf, header, markdown } from "./table.js"
import { World } from "./world.js"

const ladder = small ? Ladder.small : Ladder.full
const effort: Effort = small ? { rounds: 7, sample: 80, warmUp: 150 } : { rounds: 9, sample: 80, warmUp: 150 }

const groups = [
  saving(ladder),
  loads(ladder),
  heads(ladder),
  longHistory,
  listings(ladder),
  batching,
  removing,
  effectLayer,
  supersteps,
  importing
]

const program = Effect.gen(function*() {
  const { server } = yield* World
  const rows: Array<Row> = []
  for (const group of groups) {
    for (const one of yield* group) {
      if (!only.test(nameOf(one))) continue
      const known = rows.some(({ verb }) => verb === one.verb)
      const row = yield* race(server, one, known ? effort : { ...effort, warmUp: effort.warmUp * 10 })
      rows.push(row)
      process.stderr.write(`${cellsOf(row).map((cells) => cells.join("  ")).join("\n")}\n`)
    }
  }
  console.log(markdown(header, rows.flatMap(cellsOf)))
  yield* writeResults("results", { rows })
})

await Effect.runPromise(Effect.provide(program, World.layer))
