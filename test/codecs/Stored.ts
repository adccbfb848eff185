/** What lies in Redis, read and changed behind the store's back. */
import { assert } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import { Errors, KeyLayout, Redis, RedisProgram, RedisReply } from "effect-checkpoint"
import { inspect } from "node:util"

/** Stands in states; it must not come out anywhere. */
export const secret = "SECRET-PAYLOAD"

const send = (name: string, ...args: ReadonlyArray<RedisProgram.Argument>) =>
  Effect.flatMap(Redis.Redis, (redis) => redis.pipeline(RedisProgram.command(name, args, RedisReply.raw)))

const keyOf = (id: string) => KeyLayout.checkpointKey(KeyLayout.make(), id)

export const stored = (id: string) => Effect.map(send("GET", keyOf(id)), String)

export const plant = (id: string, payload: string) => send("SET", keyOf(id), payload)

export interface Wire {
  readonly id: string
  readonly state: unknown
  readonly metadata: { readonly [key: string]: unknown }
  readonly version: number
}

export const wireOf = (id: string) => Effect.map(stored(id), (payload): Wire => JSON.parse(payload))

export const change = (id: string, f: (wire: Wire) => Wire) =>
  Effect.flatMap(wireOf(id), (wire) => plant(id, JSON.stringify(f(wire))))

/** The fields of a coded state. */
export const codedOf = (id: string) =>
  Effect.map(
    wireOf(id),
    ({ state }) => state as { readonly "~codec": string; readonly key: string; readonly data: string }
  )

const textsOf = (exit: Exit.Exit<unknown, unknown>): ReadonlyArray<string> => {
  const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) as Error : undefined
  return [
    `${error?.message} ${error?.stack} ${JSON.stringify(error)}`,
    inspect(error, { depth: 9, showHidden: true }),
    Exit.isFailure(exit) ? Cause.pretty(exit.cause, { renderErrorCause: true }) : "",
    JSON.stringify(exit)
  ]
}

/** The issue of a read that cannot be decoded, which tells nothing of the state. */
export const refusal = <A, E, R>(read: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.exit(read), (exit) => {
    const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
    assert.instanceOf(error, Errors.CheckpointDecodeError, String(exit))
    for (const text of textsOf(exit)) assert.notInclude(text, secret)
    return error.issue
  })
