/**
 * Replies as Redis sends them, and readers that give them a type.
 *
 * A reader is total: what does not fit becomes a `RedisCommandError` with code
 * `REPLY`, never an exception. Its message tells the kind of the reply, not what
 * was in it. The command has been applied all the same.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type { RedisCommandError } from "../schema/Errors.js"

/**
 * A reply: a bulk or simple string, an integer, nil, an array of replies, or
 * an error that Redis gave for this command alone. Commands that ask for bytes
 * get `Uint8Array` instead of strings. What RESP3 sends comes as RESP2 has it.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
 * @since 0.1.0
 */
export type Reply = string | number | null | Uint8Array | RedisCommandError | ReadonlyArray<Reply>

/**
 * Gives a reply its type, or says in words what it expected. It never sees the
 * error that Redis gave for the whole command; those inside an array it does.
 *
 * @example
 * ```ts
 * import { Either } from "effect"
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * const date: RedisReply.Reader<Date> = (reply) =>
 *   Either.map(RedisReply.integer(reply), (seconds) => new Date(seconds * 1000))
 *
 * export const lastSave = RedisProgram.command("LASTSAVE", [], date)
 * ```
 *
 * @since 0.1.0
 */
export type Reader<A> = (reply: Reply) => Either.Either<A, string>

const expected = (what: string, reply: Reply): Either.Either<never, string> =>
  Either.left(`expected ${what}, got ${reply === null ? "nil" : Array.isArray(reply) ? "an array" : typeof reply}`)

/**
 * The reply as it is.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * export const configuration = RedisProgram.command("CONFIG", ["GET", "*"], RedisReply.raw)
 * ```
 *
 * @since 0.1.0
 */
export const raw: Reader<Reply> = Either.right

/**
 * Ignores the reply. An error that Redis gave is still the program's failure.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * export const forget = RedisProgram.command("UNLINK", ["visits"], RedisReply.ignored)
 * ```
 *
 * @since 0.1.0
 */
export const ignored: Reader<void> = () => Either.void

/**
 * A string, decoded as UTF-8. No reply (`nil`) does not fit: see {@link nullable}.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * export const name = RedisProgram.command("CLIENT", ["INFO"], RedisReply.string)
 * ```
 *
 * @since 0.1.0
 */
export const string: Reader<string> = (reply) =>
  typeof reply === "string" ? Either.right(reply) : expected("a string", reply)

/**
 * An integer, also when it comes as digits. Redis counts to 2^63; beyond
 * ±(2^53 − 1) it is rounded to the nearest double.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * export const visit = RedisProgram.command("INCR", ["visits"], RedisReply.integer)
 * ```
 *
 * @since 0.1.0
 */
export const integer: Reader<number> = (reply) => {
  const value = typeof reply === "string" && /^-?\d+$/.test(reply) ? Number(reply) : reply
  return typeof value === "number" && Number.isInteger(value) ? Either.right(value) : expected("an integer", reply)
}

/**
 * A double, such as a score; it comes as a string in RESP2. `inf` and `-inf` are
 * infinite, `nan` does not fit.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * export const bonus = RedisProgram.command("ZINCRBY", ["scores", 1.5, "ada"], RedisReply.double)
 * ```
 *
 * @since 0.1.0
 */
export const double: Reader<number> = (reply) => {
  if (typeof reply === "number") return Either.right(reply)
  if (reply === "inf") return Either.right(Infinity)
  if (reply === "-inf") return Either.right(-Infinity)
  const value = typeof reply === "string" && reply.trim() !== "" ? Number(reply) : NaN
  return Number.isNaN(value) ? expected("a double", reply) : Either.right(value)
}

/**
 * Bytes, for commands sent with `{ bytes: true }`.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * export const image = RedisProgram.command("GET", ["image"], RedisReply.nullable(RedisReply.bytes), { bytes: true })
 * ```
 *
 * @since 0.1.0
 */
export const bytes: Reader<Uint8Array> = (reply) =>
  reply instanceof Uint8Array ? Either.right(reply) : expected("bytes", reply)

/**
 * `nil` as `null`, everything else by `reader`.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * export const motto = RedisProgram.command("GET", ["motto"], RedisReply.nullable(RedisReply.string))
 * ```
 *
 * @since 0.1.0
 */
export const nullable = <A>(reader: Reader<A>): Reader<A | null> => (reply) =>
  reply === null ? Either.right(null) : reader(reply)

/**
 * An array whose elements all fit `reader`; the message names the first that does
 * not. `nil` is no array, but an empty array is.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * export const queue = RedisProgram.command("LRANGE", ["queue", 0, -1], RedisReply.array(RedisReply.string))
 * ```
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
