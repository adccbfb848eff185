/**
 * A pure description of Redis commands with typed replies. It compiles into one
 * pipeline or one transaction; an interpreter, {@link Redis}, runs it.
 *
 * Programs are applicative: no command can depend on an earlier reply, because
 * within one round trip none has come yet. What must decide on the server is a
 * script, which is one command. A program is no `Effect`, so `Effect.all`
 * cannot split a pipeline by accident.
 *
 * @see https://doi.org/10.1017/S0956796807006326 Applicative programming with effects, McBride and Paterson 2008
 * @since 0.1.0
 */
import type * as Either from "effect/Either"
import { dual } from "effect/Function"
import type { Pipeable } from "effect/Pipeable"
import { pipeArguments } from "effect/Pipeable"
import type { Instruction, Node } from "../internal/compile.js"
import { evaluate, flatten } from "../internal/compile.js"
import { readCommands } from "../internal/readCommands.js"
import type { RedisCommandError } from "../schema/Errors.js"
import type { Argument, Command } from "./RedisCommand.js"
import type { Reader, Reply } from "./RedisReply.js"
import type { RedisScript } from "./RedisScript.js"

export type { Argument, Command } from "./RedisCommand.js"

/**
 * Marks programs; see {@link isRedisProgram}.
 *
 * @since 0.1.0
 */
export const TypeId: "~effect-checkpoint/RedisProgram" = "~effect-checkpoint/RedisProgram"

/**
 * A program that yields an `A`, or fails with an `E`, once all its replies are in.
 * An immutable value: it can be run many times, and be a part of many others.
 *
 * @since 0.1.0
 */
export interface RedisProgram<out A, out E = never> extends Pipeable {
  readonly [TypeId]: { readonly _A: (_: never) => A; readonly _E: (_: never) => E }
  /** @internal */
  readonly node: Node
}

/**
 * A program compiled: what to send, and how to read what comes back.
 *
 * @since 0.1.0
 */
export interface Compiled<out A, out E> {
  readonly commands: ReadonlyArray<Command>
  /** Takes exactly one reply a command, in order. What a function of {@link map} throws comes through. */
  readonly read: (replies: ReadonlyArray<Reply>) => Either.Either<A, E>
}

const variance = { _A: (_: never): never => _, _E: (_: never): never => _ }

const make = (node: Node): RedisProgram<never, never> => ({
  [TypeId]: variance,
  node,
  pipe() {
    return pipeArguments(this, arguments)
  }
})

/**
 * Whether a value is a program.
 *
 * @since 0.1.0
 */
export const isRedisProgram = (u: unknown): u is RedisProgram<unknown, unknown> =>
  typeof u === "object" && u !== null && TypeId in u

/**
 * Sends nothing and yields `value`.
 *
 * @since 0.1.0
 */
export const succeed = <A>(value: A): RedisProgram<A> => make({ _tag: "Succeed", value })

/**
 * Any Redis command, but none that blocks or changes the connection (`BLPOP`,
 * `SELECT`, `SUBSCRIBE`): others share it. The name is one word (`"CLIENT"`), the
 * rest are arguments (`["SETINFO", …]`). With `bytes` (default `false`) strings in
 * the reply are `Uint8Array`. A `repeatable` command may be sent again when its
 * reply was lost; default: commands that only read.
 *
 * Fails with `RedisCommandError`: what Redis refused, or code `REPLY` when
 * `reader` does not take the reply; then the command was applied.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * export const counter = (key: string) => RedisProgram.command("INCR", [key], RedisReply.integer)
 * ```
 *
 * @since 0.1.0
 */
export const command = <A>(
  name: string,
  args: ReadonlyArray<Argument>,
  reader: Reader<A>,
  options?: { readonly repeatable?: boolean | undefined; readonly bytes?: boolean | undefined }
): RedisProgram<A, RedisCommandError> =>
  make({
    _tag: "Send",
    command: {
      _tag: "Command",
      name,
      args,
      bytes: options?.bytes ?? false,
      repeatable: options?.repeatable ?? readCommands.has(name.toUpperCase())
    },
    reader
  })

/**
 * A Lua script: one command, atomic, and the only way to decide on the server. It
 * goes by its digest once the connection has sent it, but with its source in a
 * transaction and ahead of commands that must not run twice. `repeatable`
 * overrides the script's. `RedisScript.make` has an example.
 *
 * @see https://redis.io/docs/latest/commands/eval/
 * @since 0.1.0
 */
export const script = <A>(
  script: RedisScript,
  keys: ReadonlyArray<string>,
  args: ReadonlyArray<Argument>,
  reader: Reader<A>,
  options?: { readonly repeatable?: boolean | undefined }
): RedisProgram<A, RedisCommandError> =>
  make({
    _tag: "Send",
    command: { _tag: "Script", script, keys, args, repeatable: options?.repeatable ?? script.repeatable },
    reader
  })

/**
 * Changes the result. A failure stays as it is.
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
 * Both programs in one, this one's commands first.
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
 * Both programs in one, as a pair.
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
 * What a program yields.
 *
 * @since 0.1.0
 */
export type Success<P> = P extends RedisProgram<infer A, infer _E> ? A : never

/**
 * What a program fails with.
 *
 * @since 0.1.0
 */
export type Failure<P> = P extends RedisProgram<infer _A, infer E> ? E : never

/**
 * A tuple or record of programs as one program of a tuple or record, sent in
 * order. All commands are sent whatever fails; the first failure in order is
 * the program's. Use {@link either} on the parts to see each.
 *
 * @example
 * ```ts
 * import { Either } from "effect"
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * const length = (key: string) => RedisProgram.command("LLEN", [key], RedisReply.integer)
 *
 * export const queues = RedisProgram.all({
 *   all: RedisProgram.forEach(["low", "high"], length),
 *   sum: RedisProgram.zipWith(length("low"), length("high"), (low, high) => low + high),
 *   busy: RedisProgram.mapEither(length("high"), (n) => n > 99 ? Either.left("busy" as const) : Either.right(n)),
 *   other: RedisProgram.either(length("perhaps-no-list"))
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
 * One program an element, the results in order.
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
 * @since 0.1.0
 */
export const either = <A, E>(self: RedisProgram<A, E>): RedisProgram<Either.Either<A, E>> =>
  make({ _tag: "Either", source: self.node })

/**
 * The commands to send and the reader of their replies. Stack-safe, and worth
 * doing once for a program that is run often.
 *
 * @since 0.1.0
 */
export const compile = <A, E>(self: RedisProgram<A, E>): Compiled<A, E> => {
  const commands: Array<Command> = []
  const instructions: ReadonlyArray<Instruction> = flatten(self.node, commands)
  // The instructions were made by typed constructors only: the result is an A, a failure an E.
  return { commands, read: (replies) => evaluate(instructions, replies) as Either.Either<A, E> }
}
