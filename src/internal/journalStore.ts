/** Sealed entries in a `KeyValueStore`, and what goes wrong with them. */
import type * as PlatformError from "@effect/platform/Error"
import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Outcome, RedisConnectionError } from "../schema/Errors.js"
import { seal, unseal, type Unsealed } from "./journalEntry.js"

export type Store = KeyValueStore.KeyValueStore

export const failure = (outcome: Outcome, cause: unknown): RedisConnectionError =>
  new RedisConnectionError({ reason: "Storage", outcome, address: "KeyValueStore", cause })

export const damaged = (key: string, what: string): RedisConnectionError =>
  failure("NotSent", new Error(`The entry ${key} ${what}. Nothing was changed: restore the store from a backup`))

const orFail =
  (outcome: Outcome) =>
  <A>(effect: Effect.Effect<A, PlatformError.PlatformError>): Effect.Effect<A, RedisConnectionError> =>
    Effect.mapError(effect, (cause) => failure(outcome, cause))

export const readText = (store: Store, key: string): Effect.Effect<string | undefined, RedisConnectionError> =>
  Effect.map(orFail("NotSent")(store.get(key)), Option.getOrUndefined)

export const writeText = (store: Store, key: string, text: string): Effect.Effect<void, RedisConnectionError> =>
  orFail("Unknown")(store.set(key, text))

export const has = (store: Store, key: string): Effect.Effect<boolean, RedisConnectionError> =>
  orFail("NotSent")(store.has(key))

export const remove = (store: Store, key: string): Effect.Effect<void, RedisConnectionError> =>
  Effect.flatMap(has(store, key), (present) => present ? orFail("Unknown")(store.remove(key)) : Effect.void)

export type Intact = Exclude<Unsealed, { readonly _tag: "Damaged" }>

/** An entry, which may be torn; undefined if there is none. Fails if its bytes changed after they were written. */
export const read = (store: Store, key: string): Effect.Effect<Intact | undefined, RedisConnectionError> =>
  Effect.flatMap(readText(store, key), (text) => {
    const entry = text === undefined ? undefined : unseal(text)
    return entry?._tag === "Damaged"
      ? Effect.fail(damaged(key, "is damaged: its checksum is wrong"))
      : Effect.succeed(entry)
  })

/** Gives the size of what was written. */
export const write = (store: Store, key: string, value: unknown): Effect.Effect<number, RedisConnectionError> =>
  Effect.suspend(() => {
    const text = seal(value)
    return Effect.as(writeText(store, key, text), text.length)
  })
