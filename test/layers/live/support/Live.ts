/**
 * The live layer in tests: built in the test's scope, timed, with retries off
 * unless a test is about them.
 */
import { assert } from "@effect/vitest"
import { Context, Duration, Effect, Layer, Logger, Redacted, Schedule, type Scope } from "effect"
import { type Errors, Redis, RedisLive, RedisProgram, RedisReply } from "effect-checkpoint"
import * as RawRedis from "../../../support/RawRedis.js"

export type Service = Redis.Service

/** No retries, and deadlines that a busy machine does not meet by accident. */
const defaults = {
  host: "127.0.0.1",
  retry: Schedule.stop,
  timeout: "20 seconds",
  connectTimeout: "20 seconds"
} as const

/** The service of a layer that lives as long as the scope; what it logs is not printed. */
export const build = <E>(layer: Layer.Layer<Redis.Redis, E>): Effect.Effect<Service, E, Scope.Scope> =>
  Layer.build(layer).pipe(Effect.map(Context.get(Redis.Redis)), Effect.provide(Logger.remove(Logger.defaultLogger)))

export const connect = (
  options: RedisLive.Options
): Effect.Effect<Service, RedisLive.BuildError, Scope.Scope> => build(RedisLive.redis({ ...defaults, ...options }))

/** Fails the test when the effect takes longer, in real time. */
export const within = <A, E, R>(duration: Duration.DurationInput, effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const start = performance.now()
    const exit = yield* Effect.exit(effect)
    const elapsed = performance.now() - start
    assert.isBelow(elapsed, Duration.toMillis(duration), "settled too late")
    return yield* exit
  })

/** How an effect fails, in time. */
export const failure = <A, E, R>(duration: Duration.DurationInput, effect: Effect.Effect<A, E, R>) =>
  within(duration, Effect.flip(effect))

interface ConnectionFailure {
  readonly reason: Errors.ConnectionReason
  readonly outcome: Errors.Outcome
}

export const assertConnectionError = (error: unknown, expected: ConnectionFailure): void => {
  assert.propertyVal(error, "_tag", "RedisConnectionError", String(error))
  const { outcome, reason } = error as Errors.RedisConnectionError
  assert.deepStrictEqual({ reason, outcome }, { reason: expected.reason, outcome: expected.outcome }, String(error))
}

export const assertCommandError = (
  error: unknown,
  expected: { readonly command: string; readonly code: string; readonly message?: RegExp }
): void => {
  assert.propertyVal(error, "_tag", "RedisCommandError", String(error))
  const { code, command, message } = error as Errors.RedisCommandError
  assert.deepStrictEqual({ command, code }, { command: expected.command, code: expected.code }, message)
  if (expected.message !== undefined) assert.match(message, expected.message)
}

export const get = (key: string) => RedisProgram.command("GET", [key], RedisReply.nullable(RedisReply.string))
export const set = (key: string, value: string) => RedisProgram.command("SET", [key, value], RedisReply.ignored)
export const incr = (key: string) => RedisProgram.command("INCR", [key], RedisReply.integer)
export const ping = RedisProgram.command("PING", [], RedisReply.string)

/** Tries until the service has a connection again. */
export const recovered = (redis: Service): Effect.Effect<string, Errors.StorageError> =>
  redis.pipeline(ping).pipe(
    Effect.retry(Schedule.intersect(Schedule.spaced("10 millis"), Schedule.recurs(500)))
  )

/** `CONFIG SET`, undone with the scope. */
export const configure = (port: number, parameter: string, value: string) =>
  Effect.acquireRelease(
    Effect.gen(function*() {
      const reply = yield* RawRedis.call({ port }, "CONFIG", "GET", parameter)
      yield* RawRedis.call({ port }, "CONFIG", "SET", parameter, value)
      return String((reply as ReadonlyArray<RawRedis.Reply>)[1])
    }),
    (before) => Effect.ignore(RawRedis.call({ port }, "CONFIG", "SET", parameter, before))
  )

export const url = (text: string): { readonly url: Redacted.Redacted } => ({ url: Redacted.make(text) })
