/**
 * What a rule of the conformance suite works with: a store under a prefix of
 * its own, and a look at the keys beneath it.
 */
import { assert, type Vitest } from "@effect/vitest"
import { Chunk, type ConfigError, DateTime, Effect, Layer, Option, Stream, type TestServices } from "effect"
import type { Checkpoint, Input } from "../../src/schema/Checkpoint.js"
import type { StorageError } from "../../src/schema/Errors.js"
import type { StateCodec } from "../../src/schema/StateCodec.js"
import * as CheckpointStore from "../../src/services/CheckpointStore.js"
import { checkpointKey, indexKey, type IndexKind, type KeyLayout } from "../../src/services/KeyLayout.js"
import { Redis } from "../../src/services/Redis.js"
import * as RedisProgram from "../../src/services/RedisProgram.js"
import * as RedisReply from "../../src/services/RedisReply.js"
import { located } from "../support/Located.js"

export type Argument = RedisProgram.Argument

export interface Subject {
  readonly index: IndexKind
  /** Keys for a cluster. */
  readonly cluster?: boolean
  /** Default: the layer's. */
  readonly codec?: StateCodec | undefined
  /** One for all rules of a file; each rule has its prefix. */
  readonly redis: Layer.Layer<Redis, unknown>
}

export interface KeyDump {
  readonly type: string
  readonly value: unknown
  readonly persistent: boolean
}

export interface Bench {
  readonly prefix: string
  readonly cluster: boolean
  readonly layout: KeyLayout
  readonly store: CheckpointStore.Service
  readonly redis: typeof Redis.Service
  /** The same keys through a layer with other options. */
  readonly storeWith: (
    options: CheckpointStore.Options
  ) => Effect.Effect<CheckpointStore.Service, ConfigError.ConfigError>
  readonly send: (name: string, ...args: ReadonlyArray<Argument>) => Effect.Effect<RedisReply.Reply, StorageError>
  /** Of one that was saved with an execution, a cluster needs that. */
  readonly checkpointKey: (id: string, executionId?: string) => string
  readonly indexKey: (executionId: string) => string
  /** Lets the time to live of checkpoints run out. */
  readonly expire: (...ids: ReadonlyArray<string>) => Effect.Effect<void, StorageError>
  /** Milliseconds left, -1 never expires, -2 no such key. */
  readonly pttl: (key: string) => Effect.Effect<number, StorageError>
  readonly dump: (...keys: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<KeyDump>, StorageError>
  /** Ids in the index, in its order; expired ones too. */
  readonly indexed: (executionId: string) => Effect.Effect<ReadonlyArray<string>, StorageError>
  readonly inExecutions: (executionId: string) => Effect.Effect<boolean, StorageError>
  readonly ids: (
    executionId: string,
    options?: CheckpointStore.ListOptions
  ) => Effect.Effect<ReadonlyArray<string>, unknown>
}

type Register = (name: string, body: (bench: Bench) => Effect.Effect<void, unknown, TestServices.TestServices>) => void

export interface Rule extends Register {
  /** Of states that lie in Redis as JSON has them: it says nothing about other codecs. */
  readonly plain: Register
}

export const input = <State = unknown>(
  id: string,
  executionId: string | undefined,
  version: number,
  rest: Partial<Input<State>> = {}
): Input<State> =>
  ({ id, executionId, nodeName: "node", state: { of: id }, version, ...rest }) as unknown as Input<State>

/** What a reader sees of a checkpoint, in plain values. */
export const plain = (checkpoint: Checkpoint<unknown>) => ({
  ...checkpoint,
  executionId: Option.getOrNull(checkpoint.executionId),
  timestamp: DateTime.toEpochMillis(checkpoint.timestamp)
})

export const idsOf = (checkpoints: Iterable<Checkpoint<unknown>>): ReadonlyArray<string> =>
  Array.from(checkpoints, ({ id }) => id)

export const range = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, i) => i + 1)

const readers: Readonly<Record<string, ReadonlyArray<string>>> = {
  string: ["GET"],
  list: ["LRANGE", "0", "-1"],
  set: ["SMEMBERS"],
  zset: ["ZRANGE", "0", "-1", "WITHSCORES"],
  hash: ["HGETALL"]
}

const make = (bare: typeof Redis.Service, prefix: string, { cluster = false, codec, index }: Omit<Subject, "redis">) =>
  Effect.gen(function*() {
    const places = located(bare)
    const { redis } = places
    const storeWith: Bench["storeWith"] = (options) =>
      Effect.provide(
        CheckpointStore.CheckpointStore,
        CheckpointStore.layer({ prefix, index, cluster, codec, ...options })
      ).pipe(Effect.provideService(Redis, redis))
    const store = yield* storeWith({})
    const { layout } = store
    const send: Bench["send"] = (name, ...args) => redis.pipeline(RedisProgram.command(name, args, RedisReply.raw))
    const dumpOne = (key: string) =>
      Effect.gen(function*() {
        const type = String(yield* send("TYPE", key))
        const [name, ...args] = readers[type] ?? []
        const value = name === undefined ? null : yield* send(name, key, ...args)
        const left = Number(yield* send("PTTL", key))
        return {
          type,
          value: type === "set" ? (value as ReadonlyArray<string>).toSorted() : value,
          persistent: left === -1
        }
      })
    const keyOf = (id: string, executionId?: string) =>
      executionId === undefined ? places.checkpointKey(layout, id) : checkpointKey(layout, id, executionId)
    const list = index === "set" ? ["SMEMBERS"] : ["ZRANGE", "0", "-1"]
    return {
      prefix,
      cluster,
      layout,
      store,
      redis,
      storeWith,
      send,
      checkpointKey: keyOf,
      indexKey: (executionId) => indexKey(layout, executionId),
      expire: (...ids) =>
        Effect.forEach(
          ids,
          (id) => send("PEXPIREAT", keyOf(id), 0),
          { discard: true }
        ),
      pttl: (key) => Effect.map(send("PTTL", key), Number),
      dump: (...keys) => Effect.forEach(keys, dumpOne),
      indexed: (executionId) =>
        Effect.map(
          send(list[0]!, indexKey(layout, executionId), ...list.slice(1)),
          (ids) => [...ids as ReadonlyArray<string>]
        ),
      inExecutions: (executionId) =>
        cluster
          ? Effect.map(Stream.runCollect(store.executions()), Chunk.contains(executionId))
          : Effect.map(send("ZSCORE", layout.executions, executionId), (score) => score !== null),
      ids: (executionId, options) => Effect.map(store.list(executionId, options), idsOf)
    } satisfies Bench
  })

let rules = 0

/** Registers rules that each run on a fresh store. */
export const ruleOf = (it: Vitest.MethodsNonLive<Redis>, subject: Omit<Subject, "redis">): Rule => {
  const register: Register = (name, body) =>
    it.effect(name, () =>
      Effect.gen(function*() {
        const redis = yield* Redis
        yield* body(yield* make(redis, `rule${++rules}:`, subject))
      }))
  const plain: Register = (name, body) => subject.codec === undefined ? register(name, body) : undefined
  return Object.assign((...[name, body]: Parameters<Register>) => register(name, body), { plain })
}

/** A yield before each round trip, so that fibers interleave on an interpreter that never waits. */
export const yielding = <E, R>(layer: Layer.Layer<Redis, E, R>): Layer.Layer<Redis, E, R> =>
  Layer.effect(
    Redis,
    Effect.map(Redis, (redis) =>
      Redis.of({
        ...redis,
        pipeline: (program) => Effect.zipRight(Effect.yieldNow(), redis.pipeline(program)),
        transaction: (program) => Effect.zipRight(Effect.yieldNow(), redis.transaction(program))
      }))
  ).pipe(Layer.provide(layer))

type Failing = Error & { readonly _tag: string }

/** The failure of an effect, by its tag. */
export const failure = <A, R>(tag: string, effect: Effect.Effect<A, unknown, R>): Effect.Effect<Failing, never, R> =>
  Effect.map(Effect.exit(effect), (exit) => {
    const error = exit._tag === "Failure" && exit.cause._tag === "Fail" ? exit.cause.error as Failing : undefined
    assert.strictEqual(error?._tag, tag, `expected ${tag}, got ${String(exit)}`)
    return error!
  })
