/**
 * Redis in memory, for tests: the same programs and scripts, the same replies
 * and errors, TTL on the Effect `Clock` (so `TestClock` drives it), and a
 * control service for what goes wrong.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { commandName } from "../internal/compile.js"
import { toText } from "../internal/keyspace/bytes.js"
import type { Value } from "../internal/keyspace/Database.js"
import { Keyspace } from "../internal/keyspace/Keyspace.js"
import { SortedSet } from "../internal/keyspace/SortedSet.js"
import * as memoryRedis from "../internal/memoryRedis.js"
import type { StorageError } from "../schema/Errors.js"
import * as CheckpointStore from "../services/CheckpointStore.js"
import { Redis } from "../services/Redis.js"
import type { Command } from "../services/RedisProgram.js"
import type { Reply } from "../services/RedisReply.js"

/**
 * What a key holds, as text. Sorted sets come in their order, with scores.
 *
 * @since 0.1.0
 */
export type Entry =
  & (
    | { readonly type: "string"; readonly value: string }
    | { readonly type: "list"; readonly value: ReadonlyArray<string> }
    | { readonly type: "set"; readonly value: ReadonlySet<string> }
    | { readonly type: "hash"; readonly value: ReadonlyMap<string, string> }
    | { readonly type: "zset"; readonly value: ReadonlyArray<readonly [member: string, score: number]> }
  )
  & {
    /** Milliseconds since the epoch; undefined for a key that never expires. */
    readonly expiresAt: number | undefined
  }

/**
 * A program that was sent: how, and the names of its commands and scripts.
 *
 * @since 0.1.0
 */
export interface RoundTrip {
  readonly kind: "pipeline" | "transaction"
  /** Redis' names of commands, the declared names of scripts, in the order they were sent. */
  readonly commands: ReadonlyArray<string>
}

/**
 * What a test can see of the memory, and do to it.
 *
 * @since 0.1.0
 */
export interface Service {
  /**
   * The next `times` (default 1) programs fail with `error`. With `applied`
   * they are applied first, as when a reply is lost; without, nothing changes.
   * Called again it adds to what is to come.
   */
  readonly failNext: (
    error: StorageError,
    options?: { readonly applied?: boolean | undefined; readonly times?: number | undefined }
  ) => Effect.Effect<void>
  /** Every living key and what it holds. */
  readonly snapshot: Effect.Effect<ReadonlyMap<string, Entry>>
  /** What was sent, oldest first, one element a round trip; those that `failNext` failed too. */
  readonly commands: Effect.Effect<ReadonlyArray<RoundTrip>>
  /** Forgets all keys, what was sent, and the failures to come. */
  readonly clear: Effect.Effect<void>
}

/**
 * Controls the memory that {@link redis} provides.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Errors, Redis, RedisProgram, RedisReply, TestMemory } from "effect-checkpoint"
 *
 * const increment = RedisProgram.command("INCR", ["visits"], RedisReply.integer)
 *
 * // The reply is lost, but the increment was applied.
 * export const test = Effect.gen(function*() {
 *   const redis = yield* Redis.Redis
 *   const memory = yield* TestMemory.TestMemory
 *   yield* memory.failNext(
 *     new Errors.RedisConnectionError({ reason: "Closed", outcome: "Unknown", address: "memory" }),
 *     { applied: true }
 *   )
 *   yield* Effect.flip(redis.pipeline(increment))
 *   return (yield* memory.snapshot).get("visits")?.value // "1"
 * }).pipe(Effect.provide(TestMemory.redis()))
 * ```
 *
 * @since 0.1.0
 */
export class TestMemory extends Context.Tag("effect-checkpoint/TestMemory")<TestMemory, Service>() {}

const readable = (value: Value, expiresAt: number | undefined): Entry => {
  if (typeof value === "string") return { type: "string", value: toText(value), expiresAt }
  if (Array.isArray(value)) return { type: "list", value: value.map(toText), expiresAt }
  if (value instanceof Set) return { type: "set", value: new Set(Array.from(value, toText)), expiresAt }
  if (value instanceof SortedSet) {
    return { type: "zset", value: value.all().map(({ member, score }) => [toText(member), score]), expiresAt }
  }
  const fields = Array.from(value, ([field, text]) => [toText(field), toText(text)] as const)
  return { type: "hash", value: new Map(fields), expiresAt }
}

interface Failure {
  readonly error: StorageError
  readonly applied: boolean
}

class Memory {
  keyspace = new Keyspace()
  sent: Array<RoundTrip> = []
  failures: Array<Failure> = []
  private expired: Array<string> = []

  constructor() {
    this.clear()
  }

  clear(): void {
    this.keyspace = new Keyspace()
    this.keyspace.observer = { onWrite: () => {}, onExpire: (_, key) => this.expired.push(key) }
    this.sent = []
    this.failures = []
  }

  takeExpired(): ReadonlyArray<string> {
    const keys = this.expired
    this.expired = []
    return keys
  }

  roundTrip(
    now: number,
    kind: memoryRedis.Kind,
    commands: ReadonlyArray<Command>
  ): Effect.Effect<ReadonlyArray<Reply>, StorageError> {
    this.sent.push({ kind, commands: commands.map(commandName) })
    const failure = this.failures.shift()
    if (failure?.applied === false) return Effect.fail(failure.error)
    const aborted = memoryRedis.aborted(kind, commands)
    if (aborted !== undefined) return Effect.fail(failure?.error ?? aborted)
    const replies = memoryRedis.run(this.keyspace, now, commands)
    return failure === undefined ? Effect.succeed(replies) : Effect.fail(failure.error)
  }
}

const keeper = (memory: Memory): memoryRedis.Keeper => ({
  roundTrip: (kind, commands) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => memory.roundTrip(now, kind, commands)),
  expireDue: Effect.map(Clock.currentTimeMillis, (now) => memory.keyspace.expireDue(now)),
  takeExpired: Effect.sync(() => memory.takeExpired())
})

const control = (memory: Memory): Service =>
  TestMemory.of({
    failNext: (error, options) =>
      Effect.sync(() => {
        const failure = { error, applied: options?.applied ?? false }
        for (let i = options?.times ?? 1; i > 0; i--) memory.failures.push(failure)
      }),
    snapshot: Effect.map(Clock.currentTimeMillis, (now) =>
      new Map(Array.from(
        memory.keyspace.entries(now),
        ([key, value, deadline]) => [toText(key), readable(value, deadline)]
      ))),
    commands: Effect.sync(() => [...memory.sent]),
    clear: Effect.sync(() => memory.clear())
  })

/**
 * An empty memory each time it is built, and its control.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Redis, RedisProgram, RedisReply, TestMemory } from "effect-checkpoint"
 *
 * export const test = Effect.gen(function*() {
 *   const redis = yield* Redis.Redis
 *   return yield* redis.pipeline(RedisProgram.command("INCR", ["visits"], RedisReply.integer))
 * }).pipe(Effect.provide(TestMemory.redis()))
 * ```
 *
 * @since 0.1.0
 */
export const redis = (): Layer.Layer<Redis | TestMemory> =>
  Layer.effectContext(Effect.gen(function*() {
    const memory = new Memory()
    const service = yield* memoryRedis.make(keeper(memory))
    return Context.make(Redis, service).pipe(Context.add(TestMemory, control(memory)))
  }))

/**
 * The checkpoint store on an empty memory, with the memory's control: the layer
 * for tests. Options as everywhere; a `ttl` passes with `TestClock`.
 *
 * @example
 * ```ts
 * import { Effect, TestClock } from "effect"
 * import { CheckpointStore, TestMemory } from "effect-checkpoint"
 *
 * export const test = Effect.gen(function*() {
 *   const store = yield* CheckpointStore.CheckpointStore
 *   yield* store.append("order-7", { nodeName: "charge", state: { total: 12.5 } })
 *   yield* TestClock.adjust("2 hours")
 *   return yield* store.count("order-7") // 0
 * }).pipe(Effect.provide(TestMemory.layer({ ttl: "1 hour" })))
 * ```
 *
 * @since 0.1.0
 */
export const layer = (
  options?: CheckpointStore.Options
): Layer.Layer<CheckpointStore.CheckpointStore | Redis | TestMemory, ConfigError.ConfigError> =>
  Layer.provideMerge(CheckpointStore.layer(options), redis())
