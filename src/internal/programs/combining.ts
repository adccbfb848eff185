import type * as Either from "effect/Either"
import { dual } from "effect/Function"
import type { Failure, RedisProgram, Success } from "../../services/RedisProgram.js"
import { make } from "./program.js"

/**
 * Changes the result. A failure stays as it is.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * export const known = RedisProgram.command("EXISTS", ["order-7"], RedisReply.integer).pipe(
 *   RedisProgram.map((found) => found === 1)
 * )
 * ```
 *
 * @since 0.1.0
 */
export const map: {
  <A, B>(f: (a: A) => B): <E>(self: RedisProgram<A, E>) => RedisProgram<B, E>
  <A, E, B>(self: RedisProgram<A, E>, f: (a: A) => B): RedisProgram<B, E>
} = dual(
  2,
  <A, E, B>(self: RedisProgram<A, E>, f: (a: A) => B): RedisProgram<B, E> => make({ _tag: "Map", source: self.node, f })
)

/**
 * Changes the result, or fails. The commands have been applied all the same.
 *
 * @example
 * ```ts
 * import { Either } from "effect"
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * export const waiting = RedisProgram.command("LLEN", ["queue"], RedisReply.integer).pipe(
 *   RedisProgram.mapEither((length) => length > 99 ? Either.left("busy" as const) : Either.right(length))
 * )
 * ```
 *
 * @since 0.1.0
 */
export const mapEither: {
  <A, B, E2>(f: (a: A) => Either.Either<B, E2>): <E>(self: RedisProgram<A, E>) => RedisProgram<B, E | E2>
  <A, E, B, E2>(self: RedisProgram<A, E>, f: (a: A) => Either.Either<B, E2>): RedisProgram<B, E | E2>
} = dual(
  2,
  <A, E, B, E2>(self: RedisProgram<A, E>, f: (a: A) => Either.Either<B, E2>): RedisProgram<B, E | E2> =>
    make({ _tag: "MapEither", source: self.node, f })
)

/**
 * Both programs in one, this one's commands first. When both fail, the failure is
 * this one's.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * const length = (key: string) => RedisProgram.command("LLEN", [key], RedisReply.integer)
 *
 * export const waiting = RedisProgram.zipWith(length("low"), length("high"), (low, high) => low + high)
 * ```
 *
 * @since 0.1.0
 */
export const zipWith: {
  <A, A2, E2, B>(
    that: RedisProgram<A2, E2>,
    f: (a: A, a2: A2) => B
  ): <E>(self: RedisProgram<A, E>) => RedisProgram<B, E | E2>
  <A, E, A2, E2, B>(
    self: RedisProgram<A, E>,
    that: RedisProgram<A2, E2>,
    f: (a: A, a2: A2) => B
  ): RedisProgram<B, E | E2>
} = dual(
  3,
  <A, E, A2, E2, B>(
    self: RedisProgram<A, E>,
    that: RedisProgram<A2, E2>,
    f: (a: A, a2: A2) => B
  ): RedisProgram<B, E | E2> =>
    make({ _tag: "All", sources: [self.node, that.node], gather: ([a, a2]) => f(a as A, a2 as A2) })
)

/**
 * Both programs in one, as a pair. See {@link zipWith}.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * export const visit = RedisProgram.zip(
 *   RedisProgram.command("INCR", ["visits"], RedisReply.integer),
 *   RedisProgram.command("TIME", [], RedisReply.array(RedisReply.integer))
 * )
 * ```
 *
 * @since 0.1.0
 */
export const zip: {
  <A2, E2>(that: RedisProgram<A2, E2>): <A, E>(self: RedisProgram<A, E>) => RedisProgram<[A, A2], E | E2>
  <A, E, A2, E2>(self: RedisProgram<A, E>, that: RedisProgram<A2, E2>): RedisProgram<[A, A2], E | E2>
} = dual(
  2,
  <A, E, A2, E2>(self: RedisProgram<A, E>, that: RedisProgram<A2, E2>): RedisProgram<[A, A2], E | E2> =>
    zipWith(self, that, (a, a2) => [a, a2])
)

/**
 * A tuple or record of programs as one program of a tuple or record, sent in
 * order. All commands are sent whatever fails; the first failure in order is
 * the program's. Use {@link either} on the parts to see each.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * // { visits: number, motto: string | null }
 * export const visit = RedisProgram.all({
 *   visits: RedisProgram.command("INCR", ["visits"], RedisReply.integer),
 *   motto: RedisProgram.command("GET", ["motto"], RedisReply.nullable(RedisReply.string))
 * })
 * ```
 *
 * @since 0.1.0
 */
export const all = <
  const P extends
    | ReadonlyArray<RedisProgram<unknown, unknown>>
    | { readonly [name: string]: RedisProgram<unknown, unknown> }
>(
  programs: P
): RedisProgram<{ -readonly [K in keyof P]: Success<P[K]> }, Failure<P[keyof P]>> => {
  if (Array.isArray(programs)) {
    const sources = (programs as ReadonlyArray<RedisProgram<unknown, unknown>>).map((program) => program.node)
    return make({ _tag: "All", sources, gather: (values) => values })
  }
  const names = Object.keys(programs)
  const record = programs as { readonly [name: string]: RedisProgram<unknown, unknown> }
  return make({
    _tag: "All",
    sources: Object.values(record).map((program) => program.node),
    gather: (values) => Object.fromEntries(names.map((name, i) => [name, values[i]]))
  })
}

/**
 * One program an element, the results in order. The elements are read once, at
 * once. Without elements nothing is sent.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * export const lengths = RedisProgram.forEach(
 *   ["low", "high"],
 *   (key) => RedisProgram.command("LLEN", [key], RedisReply.integer)
 * )
 * ```
 *
 * @since 0.1.0
 */
export const forEach: {
  <T, A, E>(f: (item: T, index: number) => RedisProgram<A, E>): (items: Iterable<T>) => RedisProgram<Array<A>, E>
  <T, A, E>(items: Iterable<T>, f: (item: T, index: number) => RedisProgram<A, E>): RedisProgram<Array<A>, E>
} = dual(
  2,
  <T, A, E>(items: Iterable<T>, f: (item: T, index: number) => RedisProgram<A, E>): RedisProgram<Array<A>, E> =>
    make({ _tag: "All", sources: Array.from(items, (item, i) => f(item, i).node), gather: (values) => values })
)

/**
 * Makes the failure a value, so that the other parts of a program keep theirs.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * export const both = RedisProgram.all([
 *   RedisProgram.either(RedisProgram.command("LLEN", ["perhaps-no-list"], RedisReply.integer)),
 *   RedisProgram.command("INCR", ["visits"], RedisReply.integer)
 * ])
 * ```
 *
 * @since 0.1.0
 */
export const either = <A, E>(self: RedisProgram<A, E>): RedisProgram<Either.Either<A, E>> =>
  make({ _tag: "Either", source: self.node })
