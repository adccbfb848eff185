/** The input: orders in a file, read a batch at a time, and what the import makes of them. */
import { FileSystem } from "@effect/platform"
import { Effect, Schema } from "effect"
import { fileURLToPath } from "node:url"

const Order = Schema.Struct({
  orderId: Schema.String,
  day: Schema.String,
  country: Schema.String,
  item: Schema.String,
  quantity: Schema.NumberFromString,
  unitPriceCents: Schema.NumberFromString
})

export type Order = typeof Order.Type

/** The state of an import: what has been imported, and so where it goes on. */
export const ImportState = Schema.Struct({
  imported: Schema.Number,
  lastOrder: Schema.String,
  worker: Schema.Number,
  centsByCountry: Schema.Record({ key: Schema.String, value: Schema.Number })
})

export type ImportState = typeof ImportState.Type

export const empty: ImportState = { imported: 0, lastOrder: "", worker: 0, centsByCountry: {} }

export const batchSize = 100

const decodeRow = (line: string) => {
  const [orderId, day, country, item, quantity, unitPriceCents] = line.split(",")
  return Schema.decodeUnknown(Order)({ orderId, day, country, item, quantity, unitPriceCents })
}

export const readOrders = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const text = yield* fs.readFileString(fileURLToPath(new URL("orders.csv", import.meta.url)))
  return yield* Effect.forEach(text.trim().split("\n").slice(1), decodeRow)
})

export const addBatch = (state: ImportState, batch: ReadonlyArray<Order>, worker: number): ImportState => {
  const centsByCountry = { ...state.centsByCountry }
  for (const { country, quantity, unitPriceCents } of batch) {
    centsByCountry[country] = (centsByCountry[country] ?? 0) + quantity * unitPriceCents
  }
  return { imported: state.imported + batch.length, lastOrder: batch.at(-1)?.orderId ?? "", worker, centsByCountry }
}
