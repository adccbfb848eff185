/**
 * One Redis command, as data.
 *
 * @since 0.1.0
 */
import type { RedisScript } from "./RedisScript.js"

/**
 * What a command takes. Strings are sent as UTF-8, bytes as they are, numbers as
 * `String` writes them.
 *
 * @since 0.1.0
 */
export type Argument = string | number | Uint8Array

/**
 * One command as an interpreter sees it: a command of Redis, or a script.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * const { commands } = RedisProgram.compile(RedisProgram.command("GET", ["visits"], RedisReply.string))
 *
 * export const names = commands.map((command) => command._tag === "Script" ? command.script.name : command.name)
 * ```
 *
 * @see https://redis.io/docs/latest/commands/
 * @since 0.1.0
 */
export type Command = {
  readonly _tag: "Command"
  /** One word, in any case. */
  readonly name: string
  readonly args: ReadonlyArray<Argument>
  /** Strings in the reply come as bytes, those in arrays too. */
  readonly bytes: boolean
  /** May be sent again when it is unknown whether it was applied. */
  readonly repeatable: boolean
} | {
  readonly _tag: "Script"
  readonly script: RedisScript
  /** `KEYS` in Lua. */
  readonly keys: ReadonlyArray<string>
  /** `ARGV` in Lua. */
  readonly args: ReadonlyArray<Argument>
  /** May be sent again when it is unknown whether it was applied. */
  readonly repeatable: boolean
}
