/** Connections of the suite, and what it wants to see of what goes through them. */
import { Context, Effect, Layer, Schedule } from "effect"
import { encoded } from "../../src/internal/store/codec.js"
import { decoding } from "../../src/internal/store/decoding.js"
import { streamBy } from "../../src/internal/store/reading.js"
import type * as RedisLive from "../../src/layers/RedisLive.js"
import type * as Errors from "../../src/schema/Errors.js"
import * as CheckpointStore from "../../src/services/CheckpointStore.js"
import { Redis, type Service } from "../../src/services/Redis.js"
import type { Command } from "../../src/services/RedisCommand.js"
import { compile } from "../../src/services/RedisProgram.js"
import { open, type Opened } from "../races/stores.js"
import { type Entry, pageSize } from "./history.js"

/** Told of each attempt that failed, by the retry schedule, which runs in the fiber of the call. */
export class Attempts extends Context.Reference<Attempts>()("test/faults/Attempts", {
  defaultValue: (): { readonly failed: (error: Errors.StorageError) => void } => ({ failed: () => {} })
}) {}

const watched = <Out>(retry: Schedule.Schedule<Out, Errors.StorageError>): typeof retry =>
  Schedule.tapInput(retry, (error: Errors.StorageError) => Effect.map(Attempts, ({ failed }) => failed(error)))

/** Told of the checkpoints that are about to be sent, if it wants to know. */
export class Written extends Context.Reference<Written>()("test/faults/Written", {
  defaultValue: (): { readonly saves: ((entries: ReadonlyArray<Entry>) => void) | undefined } => ({ saves: undefined })
}) {}

const entriesOf = (commands: ReadonlyArray<Command>): ReadonlyArray<Entry> => {
  const staged = new Map(commands.flatMap(({ _tag, args }) => _tag === "Command" ? [[args[0], args[1]] as const] : []))
  return commands.flatMap((command) => {
    if (command._tag !== "Script" || command.script.name !== "save") return []
    const [id, , version, payload] = command.args
    const { state } = JSON.parse(String(payload === "" ? staged.get(command.keys[3]!) : payload))
    return [{ id: String(id), version: Number(version), tag: state.tag }]
  })
}

const telling = (redis: Service): Service => ({
  ...redis,
  pipeline: (program) =>
    Effect.flatMap(Written, ({ saves }) => {
      saves?.(entriesOf(compile(program).commands))
      return redis.pipeline(program)
    })
})

/** The store on another connection than the one that it was made for. */
export const over = (redis: Service): Effect.Effect<Opened["store"]> =>
  CheckpointStore.CheckpointStore.pipe(
    Effect.provide(Layer.provide(CheckpointStore.layer(), Layer.succeed(Redis, redis))),
    Effect.orDie,
    Effect.map((store) => ({
      ...store,
      stream: streamBy(pageSize)(store.core, decoding(store.core, encoded))
    }))
  )

const patience = Schedule.spaced("5 millis").pipe(Schedule.jittered, Schedule.upTo("3 seconds"))

/** Fast to give up and to come back, so that much happens in a short time. */
const impatient = {
  timeout: "200 millis",
  connectTimeout: "500 millis",
  reconnectDelay: "2 millis",
  maxReconnectDelay: "20 millis",
  closeTimeout: "100 millis"
} as const

export const connect = (options: RedisLive.Options) =>
  Effect.gen(function*() {
    const opened = yield* open({ host: "127.0.0.1", ...impatient, retry: watched(patience), ...options })
    const redis = telling(opened.redis)
    return { redis, store: yield* over(redis) } satisfies Opened
  })
