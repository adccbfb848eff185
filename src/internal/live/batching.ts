import type { Argument, Command } from "../../services/RedisCommand.js"
import { make, type RedisScript } from "../../services/RedisScript.js"

/** One call of a script. */
export type Call = Command & { readonly _tag: "Script" }

const batches = new WeakMap<RedisScript, RedisScript>()

/** What a script does, as a function; what stands before it is done once for all calls. */
const functionOf = (lua: string): string => {
  const tail = /\nreturn (\w+)\(KEYS, ARGV\)\s*$/.exec(lua)
  return tail === null
    ? `local function script(KEYS, ARGV)\n${lua}\nend`
    : `${lua.slice(0, tail.index)}\nlocal script = ${tail[1]}`
}

/**
 * A script that runs another as often as it is called.
 *
 * KEYS  those of each call in turn
 * ARGV  1 keys of a call, 2 arguments of a call, 3 calls, then the arguments of each call in turn
 * Reply that of each call; an error is a reply here, of its call alone
 */
const batchOf = (script: RedisScript): RedisScript => {
  const known = batches.get(script)
  if (known !== undefined) return known
  const batch = make({
    name: script.name,
    lua: `${functionOf(script.lua)}
local replies, keys, args = {}, tonumber(ARGV[1]), tonumber(ARGV[2])
for call = 0, tonumber(ARGV[3]) - 1 do
  local key, arg = call * keys, call * args + 3
  local ok, reply = pcall(script, {unpack(KEYS, key + 1, key + keys)}, {unpack(ARGV, arg + 1, arg + args)})
  if not ok and type(reply) ~= 'table' then
    reply = {err = 'ERR Error running script (call to f_batch): @user_script:1: ' .. tostring(reply)}
  end
  replies[call + 1] = reply or false
end
return replies`
  })
  batches.set(script, batch)
  return batch
}

/** Whether two calls can share a command. */
export const fit = (one: Call, other: Call): boolean =>
  one.script === other.script && one.keys.length === other.keys.length && one.args.length === other.args.length

const isCall = (command: Command | undefined): command is Call => command?._tag === "Script" && command.script.batchable

/** The most calls in one command. Those of one program are never divided, which could change their order. */
const mostCalls = 128

/** Whether commands may go as one. */
export const areCalls = (commands: ReadonlyArray<Command>): commands is ReadonlyArray<Call> => {
  const [first] = commands
  return isCall(first) && commands.length <= mostCalls &&
    commands.every((command) => isCall(command) && fit(first, command))
}

/** Calls that fit as one call. */
export const batched = (calls: readonly [Call, ...ReadonlyArray<Call>]): Call => {
  const [{ args: { length }, keys: { length: keyCount }, script }] = calls
  const keys: Array<string> = []
  const args: Array<Argument> = [keyCount, length, calls.length]
  // Spread and flatMap cost more than what they save here.
  for (const call of calls) {
    for (const key of call.keys) keys.push(key)
    for (const arg of call.args) args.push(arg)
  }
  return { _tag: "Script", script: batchOf(script), keys, args, repeatable: false }
}
