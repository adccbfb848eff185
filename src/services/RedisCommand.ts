/**
 * One Redis command, as data.
 *
 * @since 0.1.0
 */
import type { RedisScript } from "./RedisScript.js"

/**
 * What a command takes. Numbers are sent as decimal digits.
 *
 * @since 0.1.0
 */
export type Argument = string | number | Uint8Array

/**
 * One command as an interpreter sees it.
 *
 * @since 0.1.0
 */
export type Command = {
  readonly _tag: "Command"
  readonly name: string
  readonly args: ReadonlyArray<Argument>
  /** Strings in the reply come as bytes. */
  readonly bytes: boolean
  /** May be sent again when it is unknown whether it was applied. */
  readonly repeatable: boolean
} | {
  readonly _tag: "Script"
  readonly script: RedisScript
  readonly keys: ReadonlyArray<string>
  readonly args: ReadonlyArray<Argument>
  readonly repeatable: boolean
}
