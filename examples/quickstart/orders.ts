/** The input: orders in a file, read a batch at a time. */
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

export const batchSize = 100

export const readOrders = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const text = yield* fs.readFileString(fileURLToPath(new URL("orders.csv", import.meta.url)))
  return yield* Effect.forEach(text.trim().split("\n").slice(1), (line) => {
    const [orderId, day, country, item, quantity, unitPriceCents] = line.split(",")
    return Schema.decodeUnknown(Order)({ orderId, day, country, item, quantity, unitPriceCents })
  })
})

/** Cents by country. */
export const Totals = Schema.Record({ key: Schema.String, value: Schema.Int })

export const totalsOf = (orders: Effect.Effect.Success<typeof readOrders>): typeof Totals.Type => {
  const totals: Record<string, number> = {}
  for (const { country, quantity, unitPriceCents } of orders) {
    totals[country] = (totals[country] ?? 0) + quantity * unitPriceCents
  }
  return totals
}

export const addTotals = (a: typeof Totals.Type, b: typeof Totals.Type): typeof Totals.Type => {
  const sum = { ...a }
  for (const [country, cents] of Object.entries(b)) sum[country] = (sum[country] ?? 0) + cents
  return sum
}
