/** An order flow that remembers each step, and handles every failure by its tag. */
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Option, Schema } from "effect"
import { CheckpointStore, RedisLive } from "effect-checkpoint"

const Order = Schema.Struct({
  items: Schema.Array(Schema.Struct({ sku: Schema.String, cents: Schema.Int })),
  paidAt: Schema.optional(Schema.DateTimeUtc)
})

const program = Effect.gen(function*() {
  const orders = yield* CheckpointStore.forSchema(Order)
  const id = "order-flow-7"
  yield* orders.clear(id)

  const placed = yield* orders.append(id, { nodeName: "place", state: { items: [{ sku: "desk-lamp", cents: 2490 }] } })
  const paidAt = new Date("2026-05-04T12:00:00Z")
  const paid = yield* orders.append(id, {
    nodeName: "pay",
    state: { ...placed.state, paidAt: yield* Schema.decodeUnknown(Schema.DateTimeUtc)(paidAt.toISOString()) },
    after: placed
  })
  yield* Console.log(`paid in version ${paid.version}, stored as ${paid.id}`)

  // Another process still believes that the order is where it was placed.
  yield* orders.append(id, { nodeName: "cancel", state: placed.state, after: placed }).pipe(
    Effect.catchTag("CheckpointConflict", (conflict) => Console.log(`cancelling came too late: ${conflict.message}`))
  )

  const latest = yield* orders.latest(id)
  yield* Console.log(`the order is at ${Option.getOrThrow(latest).nodeName}`)
  yield* Console.log(`its history: ${(yield* orders.list(id)).map(({ nodeName }) => nodeName).join(", ")}`)

  yield* orders.load("no such id").pipe(
    Effect.catchTags({
      CheckpointNotFound: ({ checkpointId }) => Console.log(`not found: ${checkpointId}`),
      CheckpointDecodeError: ({ issue }) => Console.log(`stored by another version: ${issue}`),
      RedisConnectionError: ({ outcome, reason }) => Console.log(`no answer: ${reason}, ${outcome}`),
      RedisCommandError: ({ code }) => Console.log(`refused: ${code}`)
    })
  )
  yield* orders.clear(id)
})

program.pipe(
  Effect.provide(RedisLive.layerConfig({ url: Config.redacted("REDIS_URL"), prefix: Config.succeed("examples:") })),
  NodeRuntime.runMain
)
