import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import type { Durability } from "../../services/StoreOptions.js"
import type { Acknowledgement } from "../programs/acknowledged.js"

const isNegative = (input: Duration.DurationInput): boolean => {
  if (typeof input === "number") return !(input >= 0)
  if (typeof input === "bigint") return input < 0n
  if (typeof input === "string") return input.trimStart().startsWith("-")
  return Array.isArray(input) && input.some((part: number) => !(part >= 0))
}

/**
 * A time to live in whole milliseconds, 0 for never. `Duration` itself turns
 * negative input into zero, which would mean "never expires": it is looked at
 * before.
 */
export const ttlMillis = (input: Duration.DurationInput | undefined): Either.Either<number, string> => {
  if (input === undefined) return Either.right(0)
  const millis = isNegative(input) ? NaN : Math.ceil(typeof input === "number" ? input : Duration.toMillis(input))
  return Number.isSafeInteger(millis)
    ? Either.right(millis)
    : Either.left("the TTL must be a finite duration of 0 (never expires) or more")
}

/** Where a write has to be. */
export const acknowledgement = (
  input: Durability | undefined
): Either.Either<Acknowledgement | undefined, string> => {
  if (input === undefined || input === "memory") return Either.right(undefined)
  const { replicas, timeout, to } = typeof input === "string"
    ? { to: input, replicas: undefined, timeout: undefined }
    : input
  const count = replicas ?? (to === "replicas" ? 1 : 0)
  if (to !== "replicas" && to !== "fsync") return Either.left("durability must be memory, replicas or fsync")
  if (!Number.isSafeInteger(count) || count < (to === "replicas" ? 1 : 0)) {
    return Either.left("the number of replicas must be a positive integer, or 0 with fsync")
  }
  // With `appendfsync everysec` a disk is written to a second after it was last; Redis 8 takes a little more.
  const millis = ttlMillis(timeout ?? (to === "fsync" ? "3 seconds" : "1 second"))
  return Either.isRight(millis) && millis.right > 0
    ? Either.right({ to, replicas: count, timeout: millis.right })
    : Either.left("the timeout of durability must be a finite duration above 0")
}

/** How many checkpoints to keep, 0 for all. */
export const keepCount = (input: number | undefined): Either.Either<number, string> => {
  if (input === undefined || input === Infinity) return Either.right(0)
  return Number.isSafeInteger(input) && input > 0
    ? Either.right(input)
    : Either.left("maxCheckpoints must be a positive integer, or Infinity to keep all")
}

/** How many to return: a fraction counts down, nothing or less is nothing; undefined is all. */
export const limitOf = (input: number | undefined): number | undefined => {
  if (input === undefined || input === Infinity) return undefined
  return input > 0 ? Math.floor(input) : 0
}
