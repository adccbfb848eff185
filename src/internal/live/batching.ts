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
 * A script that runs another as often as it is called. What is the same in all calls is sent once, for each
 * argument costs both sides.
 *
 * KEYS  those of all calls, then those of each call in turn
 * ARGV  1 calls, 2 keys and 3 arguments of a call, `=` for one of all calls and `~` for one of its own,
 *       then the arguments as the keys
 * Reply that of each call; an error is a reply here, of its call alone
 */
const batchOf = (script: RedisScript): RedisScript => {
  const known = batches.get(script)
  if (known !== undefined) return known
  const batch = make({
    name: script.name,
    lua: `${functionOf(script.lua)}
local function split(values, marks, at)
  local common, own = {}, {}
  for i = 1, #marks do
    if marks:sub(i, i) == '=' then
      at = at + 1
      common[i] = values[at]
    else
      own[#own + 1] = i
    end
  end
  return at, common, own
end
local function rowOf(values, at, common, own, size)
  local row = {unpack(common, 1, size)}
  for i = 1, #own do row[own[i]] = values[at + i] end
  return row
end
local replies, keys, args = {}, #ARGV[2], #ARGV[3]
local key, commonKeys, ownKeys = split(KEYS, ARGV[2], 0)
local arg, commonArgs, ownArgs = split(ARGV, ARGV[3], 3)
for call = 1, tonumber(ARGV[1]) do
  local ok, reply = pcall(script, rowOf(KEYS, key, commonKeys, ownKeys, keys), rowOf(ARGV, arg, commonArgs, ownArgs, args))
  key, arg = key + #ownKeys, arg + #ownArgs
  if not ok and type(reply) ~= 'table' then
    reply = {err = 'ERR Error running script (call to f_batch): @user_script:1: ' .. tostring(reply)}
  end
  replies[call] = reply or false
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

/** Puts what all rows have in a place before what each has there, and says which places are which. */
const fold = <A>(rows: readonly [ReadonlyArray<A>, ...ReadonlyArray<ReadonlyArray<A>>], into: Array<A>): string => {
  const own: Array<number> = []
  const marks = rows[0].map((value, i) => {
    if (rows.every((row) => row[i] === value)) {
      into.push(value)
      return "="
    }
    own.push(i)
    return "~"
  })
  for (const row of rows) for (const i of own) into.push(row[i]!)
  return marks.join("")
}

/** Calls that fit as one call. */
export const batched = (calls: readonly [Call, ...ReadonlyArray<Call>]): Call => {
  const [first, ...others] = calls
  const [keys, args]: [Array<string>, Array<Argument>] = [[], []]
  const keyMarks = fold([first.keys, ...others.map(({ keys }) => keys)], keys)
  const argMarks = fold([first.args, ...others.map(({ args }) => args)], args)
  return {
    _tag: "Script",
    script: batchOf(first.script),
    keys,
    args: [calls.length, keyMarks, argMarks, ...args],
    repeatable: false
  }
}
