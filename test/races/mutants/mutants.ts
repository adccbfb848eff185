/** Stores that are broken on purpose, each in one way that a store of checkpoints is written at first. */
import { Duration, Effect, Layer, Schedule } from "effect"
import type { Input } from "../../../src/schema/Checkpoint.js"
import type { StorageError } from "../../../src/schema/Errors.js"
import { CheckpointConflict } from "../../../src/schema/Errors.js"
import * as CheckpointProgram from "../../../src/services/CheckpointProgram.js"
import * as CheckpointStore from "../../../src/services/CheckpointStore.js"
import type { KeyLayout } from "../../../src/services/KeyLayout.js"
import { checkpointKey, indexKey } from "../../../src/services/KeyLayout.js"
import { Redis, type Service } from "../../../src/services/Redis.js"
import * as P from "../../../src/services/RedisProgram.js"
import * as R from "../../../src/services/RedisReply.js"
import { isSix } from "../../support/RedisServer.js"
import type { Opened } from "../stores.js"
import { executionOf, payloadOf } from "./payload.js"

type Store = CheckpointStore.Service

export type Mutant = (opened: Opened) => Store

const millis = (options: CheckpointStore.SaveOptions = {}): number => Duration.toMillis(options.ttl ?? 0)

const ignored = (name: string, ...args: ReadonlyArray<string | number>) => P.command(name, args, R.ignored)

const ownerOf = (redis: Service, layout: KeyLayout, id: string) =>
  Effect.map(
    redis.pipeline(CheckpointProgram.load(layout, id)),
    (payload): string | undefined => payload === null ? undefined : JSON.parse(payload).metadata?.execution_id
  )

/** SET, ZADD, PEXPIRE: what a save is made of when no script makes it. */
const commands = (layout: KeyLayout, input: Input<unknown>, ttl: number) => {
  const index = indexKey(layout, executionOf(input))
  const key = checkpointKey(layout, input.id)
  return [
    ignored("SET", key, payloadOf(input), ...ttl > 0 ? ["PX", ttl] : []),
    ignored("ZADD", index, input.version, input.id),
    ignored("ZADD", layout.executions, Date.now() * 1000, executionOf(input)),
    ttl > 0 ? ignored("PEXPIRE", index, ttl, ...isSix() ? [] : ["GT"]) : ignored("PERSIST", index)
  ]
}

/** Only saves that compare nothing; the others stay as they are. */
const withPlainSave = (
  store: Store,
  save: (input: Input<unknown>, options?: CheckpointStore.SaveOptions) => Effect.Effect<unknown, StorageError>
): Store => {
  const both = (input: Input<unknown>, options?: CheckpointStore.SaveOptions) =>
    options?.expectedVersion === undefined ? save(input, options) : store.save(input, options as never)
  return { ...store, save: both as Store["save"] }
}

/** Looks where the checkpoint was, then sends its commands in one pipeline. */
export const pipelinedSave: Mutant = ({ redis, store }) =>
  withPlainSave(store, (input, options) =>
    Effect.flatMap(ownerOf(redis, store.layout, input.id), (owner) => {
      const leave = owner === undefined || owner === executionOf(input)
        ? []
        : [ignored("ZREM", indexKey(store.layout, owner), input.id)]
      return redis.pipeline(P.all([...leave, ...commands(store.layout, input, millis(options))]))
    }))

/** The same commands between MULTI and EXEC, without a look at whose the checkpoint was. */
export const transactionalSave: Mutant = ({ redis, store }) =>
  withPlainSave(store, (input, options) => redis.transaction(P.all(commands(store.layout, input, millis(options)))))

/** ZRANGE, then DEL of what it gave and of the index. */
export const readThenClear: Mutant = ({ redis, store }) => ({
  ...store,
  clear: (executionId) =>
    Effect.gen(function*() {
      const index = indexKey(store.layout, executionId)
      const ids = yield* redis.pipeline(P.command("ZRANGE", [index, 0, -1], R.array(R.string)))
      const keys = [index, ...ids.map((id) => checkpointKey(store.layout, id))]
      yield* redis.pipeline(P.all([ignored("DEL", ...keys), ignored("ZREM", store.layout.executions, executionId)]))
      return ids.length
    })
})

/** GET for the execution, then DEL and ZREM. */
export const readThenDelete: Mutant = ({ redis, store }) => ({
  ...store,
  delete: (id) =>
    Effect.flatMap(ownerOf(redis, store.layout, id), (owner) =>
      owner === undefined ? Effect.succeed(false) : Effect.as(
        redis.pipeline(P.all([
          ignored("DEL", checkpointKey(store.layout, id)),
          ignored("ZREM", indexKey(store.layout, owner), id)
        ])),
        true
      ))
})

const comparing = (
  store: Store,
  save: (
    input: Input<unknown>,
    options: Omit<CheckpointStore.SaveOptions, "expectedVersion">,
    expected: number
  ) => Effect.Effect<unknown, unknown>
): Store => {
  const both = (input: Input<unknown>, { expectedVersion, ...options }: CheckpointStore.SaveOptions = {}) =>
    expectedVersion === undefined ? store.save(input, options) : save(input, options, expectedVersion)
  return { ...store, save: both as Store["save"] }
}

/** Sets the head, whatever is expected of it. */
export const uncomparedHead: Mutant = ({ store }) => comparing(store, (input, options) => store.save(input, options))

/** Gets the head and compares it here, then sets it. */
export const getThenSet: Mutant = ({ redis, store }) =>
  comparing(store, (input, options, expected) =>
    Effect.gen(function*() {
      const executionId = executionOf(input)
      const actual = yield* redis.pipeline(CheckpointProgram.head(store.layout, executionId))
      if (actual !== expected) return yield* new CheckpointConflict({ executionId, expected, actual })
      return yield* store.save(input, options)
    }))

/** The index lives as long as what was saved last. */
export const lastTtl: Mutant = ({ redis, store }) =>
  withPlainSave(store, (input, options) =>
    Effect.flatMap(Effect.orDie(store.saveProgram(input, options)), (save) => {
      const index = indexKey(store.layout, executionOf(input))
      const ttl = millis(options)
      const program = ttl > 0 ? P.zip(save, ignored("PEXPIRE", index, ttl)) : save
      return Effect.catchTag(redis.transaction(program), "CheckpointConflict", Effect.die)
    }))

/** Large payloads wait under a key of their own, for ever if nobody comes for them. */
export const eternalStage: Mutant = ({ redis, store }) =>
  withPlainSave(store, (input, options) => {
    const staged = `${store.layout.stagedPrefix}${crypto.randomUUID()}`
    return Effect.zipRight(
      redis.pipeline(ignored("SET", staged, payloadOf(input))),
      Effect.zipRight(Effect.orDie(store.save(input, { ttl: options?.ttl })), redis.pipeline(ignored("DEL", staged)))
    )
  })

/** Sends again whatever got no reply. */
export const resending = ({ redis }: Opened): Effect.Effect<Store> => {
  const pipeline: Service["pipeline"] = (program) =>
    Effect.retry(redis.pipeline(program), {
      while: (error) => (error as StorageError)._tag === "RedisConnectionError",
      schedule: Schedule.intersect(Schedule.spaced("10 millis"), Schedule.recurs(200))
    })
  return CheckpointStore.CheckpointStore.pipe(
    Effect.provide(Layer.provide(CheckpointStore.layer(), Layer.succeed(Redis, { ...redis, pipeline }))),
    Effect.orDie
  )
}
