/** The job, as a graph: `import` a batch until there is none left, then `summarise`. It knows nothing of crashes. */
import { Console, Effect, Schema } from "effect"
import { Execution, Graph } from "effect-checkpoint"
import { World } from "../support/World.js"
import { addTotals, batchSize, readOrders, Totals, totalsOf } from "./orders.js"

const ImportState = Schema.Struct({
  orders: Schema.Int,
  imported: Schema.Int,
  totals: Totals,
  summary: Schema.String
})

type ImportState = typeof ImportState.Type

export const input: ImportState = { orders: 1_200, imported: 0, totals: {}, summary: "" }

/** Imports the next batch, and books it in the world outside, under a key that is the same if it is done again. */
const importBatch = ({ imported }: ImportState) =>
  Effect.gen(function*() {
    const world = yield* World
    const orders = yield* readOrders
    const batch = orders.slice(imported, imported + batchSize)
    const key = yield* Execution.idempotencyKey("book")
    yield* world.write(key)
    yield* Console.log(`batch ${imported / batchSize + 1}: ${batch.length} orders booked`)
    yield* Effect.sleep("150 millis")
    return { imported: imported + batch.length, totals: totalsOf(batch) }
  })

const summarise = ({ imported, totals }: ImportState) => {
  const cents = Object.values(totals).reduce((sum, cents) => sum + cents, 0)
  const countries = Object.keys(totals).length
  return Effect.succeed({
    summary: `${imported} orders from ${countries} countries, ${(cents / 100).toFixed(2)} in sales`
  })
}

export const importOrders = Graph.make("import-orders", { state: ImportState, reducers: { totals: addTotals } })
  .node("import", importBatch)
  .node("summarise", summarise)
  .edge(Graph.START, "import")
  .branch("import", ["import", "summarise"], ({ imported, orders }) => imported < orders ? "import" : "summarise")
  .build()
