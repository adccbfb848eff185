import { RedisCommandError } from "../../schema/Errors.js"
import type { Reply } from "../../services/RedisReply.js"
import type { RedisScript, ScriptContext } from "../../services/RedisScript.js"
import { fromBytes } from "./bytes.js"
import type { Keyspace } from "./Keyspace.js"

const context = (keyspace: Keyspace, now: number): ScriptContext => {
  const pcall: ScriptContext["pcall"] = (name, ...args) => keyspace.execute(now, name, args.map(String))
  return {
    pcall,
    call: (name, ...args) => {
      const reply = pcall(name, ...args)
      if (reply instanceof RedisCommandError) throw reply
      return reply
    }
  }
}

/** As Lua's values become replies. A model without types may return what `Reply` does not name. */
const fromLua = (script: string, value: unknown): Reply => {
  if (typeof value === "string") return value
  if (typeof value === "number") return Math.trunc(value)
  if (value === true) return 1
  if (Array.isArray(value)) return value.map((element) => fromLua(script, element))
  if (value instanceof Uint8Array) return fromBytes(value)
  if (value instanceof RedisCommandError) {
    return new RedisCommandError({ command: script, code: value.code, message: value.message })
  }
  return null
}

/**
 * Runs a script's model. What it wrote before a command failed stays, as in
 * Redis. Anything else that a model throws is a bug in it, and is thrown on.
 */
export const runScript = (
  keyspace: Keyspace,
  now: number,
  { model, name }: RedisScript,
  keys: ReadonlyArray<string>,
  args: ReadonlyArray<string>
): Reply => {
  if (model === undefined) {
    return RedisCommandError.fromReply(name, `ERR script '${name}' has no model for the in-memory interpreter`)
  }
  try {
    return fromLua(name, model(context(keyspace, now), keys, args))
  } catch (thrown) {
    if (thrown instanceof RedisCommandError) return fromLua(name, thrown)
    throw thrown
  }
}
