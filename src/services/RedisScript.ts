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
 * which ends the script; `pcall` returns it. What was written before stays.
 *
 * @see https://redis.io/docs/latest/commands/eval/
 * @since 0.1.0
 */
export interface ScriptContext {
  /** Runs a command; throws when it is refused. */
  readonly call: (name: string, ...args: ReadonlyArray<string | number>) => Reply
  /** Runs a command; gives a `RedisCommandError` when it is refused. */
  readonly pcall: (name: string, ...args: ReadonlyArray<string | number>) => Reply
}

/**
 * The steps of a script in TypeScript. `keys` and `args` are Lua's `KEYS` and
 * `ARGV`, counted from 0. What it returns becomes a reply by Lua's rules: numbers
 * lose their fraction. An exception of its own is a defect, not a reply.
 *
 * @since 0.1.0
 */
export type Model = (redis: ScriptContext, keys: ReadonlyArray<string>, args: ReadonlyArray<string>) => Reply

/**
 * A declared script. Declare it once, at the top of a module: its digest is kept
 * with the value.
 *
 * @since 0.1.0
 */
export interface RedisScript {
  /** What errors and `TestMemory` call it; Redis does not see it. */
  readonly name: string
  /** The source, as `EVAL` takes it. */
  readonly lua: string
  /** Running it twice leaves the same data and gives the same reply as running it once. */
  readonly repeatable: boolean
  /** Calls of many fibers may run one after the other in one `EVAL`. */
  readonly batchable: boolean
  /** Without one the script fails with code `ERR` where there is no Lua. */
  readonly model: Model | undefined
}

/**
 * Declares a script. Without a `model` it runs on Redis only. Put every check
 * before the first write: Lua has no rollback. `repeatable` is `false` by default.
 *
 * `RedisLive` sends calls of a `batchable` script that several fibers make in the same turn of the event loop
 * as one `EVAL`, up to 16 of them, 4 where the server waits, and up to 128 that are all of one program: one
 * command to write, look up and answer. Each call has its own `KEYS` and `ARGV`, its own reply and its own
 * error; they run in turn, in one atomic step, in which the server's clock stands still. On a cluster each goes alone.
 *
 * @example
 * ```ts
 * import { RedisProgram, RedisReply, RedisScript } from "effect-checkpoint"
 *
 * const incrementUpTo = RedisScript.make({
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
 *
 * export const admit = (room: string) => RedisProgram.script(incrementUpTo, [room], [20], RedisReply.integer)
 * ```
 *
 * @since 0.1.0
 */
export const make = (options: {
  readonly name: string
  readonly lua: string
  /** Running it twice leaves the same data and gives the same reply. Default: `false`. */
  readonly repeatable?: boolean | undefined
  /** Calls of many fibers may run one after the other in one `EVAL`. Default: `false`. */
  readonly batchable?: boolean | undefined
  readonly model?: Model | undefined
}): RedisScript => ({
  name: options.name,
  lua: options.lua,
  repeatable: options.repeatable ?? false,
  batchable: options.batchable ?? false,
  model: options.model
})
