/**
 * Replies as Redis sends them, and readers that give them a type.
 *
 * A reader is total: what does not fit becomes a `RedisCommandError` with code
 * `REPLY`, never an exception.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type { RedisCommandError } from "../schema/Errors.js"

/**
 * A reply: a bulk or simple string, an integer, nil, an array of replies, or
 * an error that Redis gave for this command alone. Commands that ask for bytes
 * get `Uint8Array` instead of strings.
 *
 * @since 0.1.0
 */
export type Reply = string | number | null | Uint8Array | RedisCommandError | ReadonlyArray<Reply>

/**
 * Gives a reply its type, or says in words what it expected.
 *
 * @since 0.1.0
 */
export type Reader<A> = (reply: Reply) => Either.Either<A, string>

const expected = (what: string, reply: Reply): Either.Either<never, string> =>
  Either.left(`expected ${what}, got ${reply === null ? "nil" : Array.isArray(reply) ? "an array" : typeof reply}`)

/**
 * The reply as it is.
 *
 * @since 0.1.0
 */
export const raw: Reader<Reply> = Either.right

/**
 * Ignores the reply. Errors still count.
 *
 * @since 0.1.0
 */
export const ignored: Reader<void> = () => Either.void

/**
 * A string.
 *
 * @since 0.1.0
 */
export const string: Reader<string> = (reply) =>
  typeof reply === "string" ? Either.right(reply) : expected("a string", reply)

/**
 * An integer, also when it comes as digits.
 *
 * @since 0.1.0
 */
export const integer: Reader<number> = (reply) => {
  const value = typeof reply === "string" && /^-?\d+$/.test(reply) ? Number(reply) : reply
  return typeof value === "number" && Number.isInteger(value) ? Either.right(value) : expected("an integer", reply)
}

/**
 * A double, such as a score; it comes as a string in RESP2.
 *
 * @since 0.1.0
 */
export const double: Reader<number> = (reply) => {
  if (typeof reply === "number") return Either.right(reply)
  if (reply === "inf") return Either.right(Infinity)
  if (reply === "-inf") return Either.right(-Infinity)
  const value = typeof reply === "string" && reply !== "" ? Number(reply) : NaN
  return Number.isNaN(value) ? expected("a double", reply) : Either.right(value)
}

/**
 * Bytes, for commands sent with `{ bytes: true }`.
 *
 * @since 0.1.0
 */
export const bytes: Reader<Uint8Array> = (reply) =>
  reply instanceof Uint8Array ? Either.right(reply) : expected("bytes", reply)

/**
 * `nil` as `null`, everything else by `reader`.
 *
 * @since 0.1.0
 */
export const nullable = <A>(reader: Reader<A>): Reader<A | null> => (reply) =>
  reply === null ? Either.right(null) : reader(reply)

/**
 * An array whose elements all fit `reader`.
 *
 * @since 0.1.0
 */
export const array = <A>(reader: Reader<A>): Reader<Array<A>> => (reply) => {
  if (!Array.isArray(reply)) return expected("an array", reply)
  const out: Array<A> = []
  for (const element of reply as ReadonlyArray<Reply>) {
    const read = reader(element)
    if (Either.isLeft(read)) return Either.left(`element ${out.length}: ${read.left}`)
    out.push(read.right)
  }
  return Either.right(out)
}
