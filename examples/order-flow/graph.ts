/** Pay, let somebody approve, ship; give the money back when it is refused or cannot be delivered. */
import { Effect, Schedule, Schema } from "effect"
import { Execution, Graph } from "effect-checkpoint"
import * as outside from "./outside.js"

const Order = Schema.Struct({
  item: Schema.String,
  cents: Schema.Int,
  status: Schema.Literal("placed", "paid", "approved", "refused", "shipped", "undeliverable", "refunded"),
  receipts: Schema.Array(Schema.String)
})

type Order = typeof Order.Type

export const order: Order = { item: "desk lamp", cents: 24_900, status: "placed", receipts: [] }

/** The key is the same when the step is repeated after a crash, so the bank knows it. */
const pay = ({ cents }: Order) =>
  Effect.gen(function*() {
    const key = yield* Execution.idempotencyKey("charge")
    const receipt = yield* Execution.step("charge", outside.charge(key, cents), Schema.String)
    return { status: "paid" as const, receipts: [receipt] }
  })

/** Ends the run until somebody answers; no process waits meanwhile. */
const approve = ({ cents, item }: Order) =>
  Execution.ask("approve", { question: { item, cents }, answer: Schema.Boolean }).pipe(
    Effect.map((yes) => ({ status: yes ? "approved" as const : "refused" as const }))
  )

/** What the carrier refuses for good is no failure of the run, but a state to go on from. */
const ship = ({ item }: Order) =>
  outside.hand(item).pipe(
    Effect.as({ status: "shipped" as const }),
    Effect.catchTag("Undeliverable", () => Effect.succeed({ status: "undeliverable" as const }))
  )

const refund = ({ cents }: Order) =>
  Effect.gen(function*() {
    const key = yield* Execution.idempotencyKey("refund")
    return { status: "refunded" as const, receipts: [yield* outside.refund(key, cents)] }
  })

export const orderFlow = Graph.make("order-flow", {
  state: Order,
  reducers: { receipts: (all, more) => [...all, ...more] }
})
  .node("pay", pay, { retry: Schedule.recurs(2) })
  .node("approve", approve)
  .node("ship", ship)
  .node("refund", refund)
  .edge(Graph.START, "pay")
  .edge("pay", "approve")
  .branch("approve", ["ship", "refund"], ({ status }) => status === "approved" ? "ship" : "refund")
  .branch("ship", ["refund", Graph.END], ({ status }) => status === "shipped" ? Graph.END : "refund")
  .build()
