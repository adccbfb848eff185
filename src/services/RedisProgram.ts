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
import type { Pipeable } from "effect/Pipeable"
import type { Instruction, Node } from "../internal/compile.js"
import { evaluate, flatten } from "../internal/compile.js"
import { make, TypeId } from "../internal/programs/program.js"
import { readCommands } from "../internal/readCommands.js"
import type { RedisCommandError } from "../schema/Errors.js"
import type { Argument, Command } from "./RedisCommand.js"
import type { Reader, Reply } from "./RedisReply.js"
import type { RedisScript } from "./RedisScript.js"

export * from "../internal/programs/combining.js"
export { TypeId } from "../internal/programs/program.js"
export type { Argument, Command } from "./RedisCommand.js"

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
  /** In the order in which they are sent. */
  readonly commands: ReadonlyArray<Command>
  /** Takes exactly one reply a command, in order. What a function of {@link map} throws comes through. */
  readonly read: (replies: ReadonlyArray<Reply>) => Either.Either<A, E>
}

/**
 * Whether a value is a program.
 *
 * @example
 * ```ts
 * import { RedisProgram } from "effect-checkpoint"
 *
 * export const yes = RedisProgram.isRedisProgram(RedisProgram.succeed(1)) // true
 * ```
 *
 * @since 0.1.0
 */
export const isRedisProgram = (u: unknown): u is RedisProgram<unknown, unknown> =>
  typeof u === "object" && u !== null && TypeId in u

/**
 * Sends nothing and yields `value`.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * export const read = (key: string | undefined) =>
 *   key === undefined
 *     ? RedisProgram.succeed(null)
 *     : RedisProgram.command("GET", [key], RedisReply.nullable(RedisReply.string))
 * ```
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
 * overrides the script's.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply, RedisScript } from "effect-checkpoint"
 *
 * const double = RedisScript.make({
 *   name: "double",
 *   lua: `return redis.call("INCRBY", KEYS[1], redis.call("GET", KEYS[1]) or 0)`,
 *   model: (redis, [key = ""]) => redis.call("INCRBY", key, Number(redis.call("GET", key) ?? 0))
 * })
 *
 * export const doubled = RedisProgram.script(double, ["stock"], [], RedisReply.integer)
 * ```
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
 * The commands to send and the reader of their replies. Stack-safe; interpreters
 * do it for each program that they are given.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * const { read } = RedisProgram.compile(RedisProgram.command("INCR", ["visits"], RedisReply.integer))
 *
 * export const result = read([7]) // Either.right(7)
 * ```
 *
 * @since 0.1.0
 */
export const compile = <A, E>(self: RedisProgram<A, E>): Compiled<A, E> => {
  const commands: Array<Command> = []
  const instructions: ReadonlyArray<Instruction> = flatten(self.node, commands)
  // The instructions were made by typed constructors only: the result is an A, a failure an E.
  return { commands, read: (replies) => evaluate(instructions, replies) as Either.Either<A, E> }
}
