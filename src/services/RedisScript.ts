/**
 * A Lua script and, beside it, its model in TypeScript: the interpreters that
 * have no Lua (`TestMemory`, `EmbeddedLive`) run the model.
 *
 * @since 0.1.0
 */
import type { Reply } from "./RedisReply.js"

/**
 * What `redis.call` is to Lua. Keys, arguments and strings in replies are byte
 * strings, one character a byte, as in Lua. `call` throws on an error reply,
 * which ends the script; `pcall` returns it.
 *
 * @since 0.1.0
 */
export interface ScriptContext {
  readonly call: (name: string, ...args: ReadonlyArray<string | number>) => Reply
  readonly pcall: (name: string, ...args: ReadonlyArray<string | number>) => Reply
}

/**
 * @since 0.1.0
 */
export type Model = (redis: ScriptContext, keys: ReadonlyArray<string>, args: ReadonlyArray<string>) => Reply

/**
 * @since 0.1.0
 */
export interface RedisScript {
  readonly name: string
  readonly lua: string
  /** Running it twice leaves the same data and gives the same reply as running it once. */
  readonly repeatable: boolean
  readonly model: Model | undefined
}

/**
 * Declares a script. Without a `model` it runs on Redis only. Every check comes
 * before the first write: Lua has no rollback.
 *
 * @example
 * ```ts
 * import { RedisScript } from "effect-checkpoint"
 *
 * export const incrementUpTo = RedisScript.make({
 *   name: "incrementUpTo",
 *   lua: `
 *     local value = tonumber(redis.call("GET", KEYS[1]) or "0")
 *     if value >= tonumber(ARGV[1]) then return value end
 *     return redis.call("INCR", KEYS[1])`,
 *   model: (redis, [key = ""], [limit]) => {
 *     const value = Number(redis.call("GET", key) ?? 0)
 *     return value >= Number(limit) ? value : redis.call("INCR", key)
 *   }
 * })
 * ```
 *
 * @since 0.1.0
 */
export const make = (options: {
  readonly name: string
  readonly lua: string
  readonly repeatable?: boolean | undefined
  readonly model?: Model | undefined
}): RedisScript => ({
  name: options.name,
  lua: options.lua,
  repeatable: options.repeatable ?? false,
  model: options.model
})
