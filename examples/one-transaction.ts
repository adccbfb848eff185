/** Save a checkpoint, count it and publish an event: one transaction, one round trip. */
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Either, Schema } from "effect"
import { CheckpointProgram, CheckpointStore, Redis, RedisLive, RedisProgram, RedisReply } from "effect-checkpoint"

const Shipment = Schema.Struct({ parcels: Schema.Int })

const shipped = (parcels: number) => RedisProgram.command("INCRBY", ["examples:parcels", parcels], RedisReply.integer)

const announce = (event: string) => RedisProgram.command("PUBLISH", ["examples:events", event], RedisReply.integer)

const program = Effect.gen(function*() {
  const redis = yield* Redis.Redis
  const store = yield* CheckpointStore.CheckpointStore
  const shipments = store.forSchema(Shipment)
  const executionId = "shipment-1"
  yield* shipments.clear(executionId)

  const save = yield* shipments.saveProgram(
    { id: "shipment-1-packed", executionId, nodeName: "pack", state: { parcels: 3 }, version: 1 },
    { expectedVersion: 0 }
  )
  const result = yield* redis.transaction(RedisProgram.all({
    save: RedisProgram.either(save),
    parcels: shipped(3),
    listeners: announce("packed")
  }))
  yield* Console.log(`saved: ${Either.isRight(result.save)}, ${result.parcels} parcels, ${result.listeners} listeners`)

  // The store's own verbs are programs too: four questions, one pipeline.
  const answers = yield* redis.pipeline(RedisProgram.all({
    head: CheckpointProgram.head(store.layout, executionId),
    count: CheckpointProgram.count(store.layout, executionId),
    stored: CheckpointProgram.exists(store.layout, "shipment-1-packed"),
    time: RedisProgram.command("TIME", [], RedisReply.array(RedisReply.integer))
  }))
  yield* Console.log(`head ${answers.head}, ${answers.count} checkpoint, stored: ${answers.stored}`)
  yield* shipments.clear(executionId)
  yield* redis.pipeline(RedisProgram.command("DEL", ["examples:parcels"], RedisReply.ignored))
})

program.pipe(
  Effect.provide(RedisLive.layerConfig({ url: Config.redacted("REDIS_URL"), prefix: Config.succeed("examples:") })),
  NodeRuntime.runMain
)
