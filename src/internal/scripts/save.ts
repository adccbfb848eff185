import { RedisCommandError } from "../../schema/Errors.js"
import type { Reply } from "../../services/RedisReply.js"
import type { Model, ScriptContext } from "../../services/RedisScript.js"
import { make } from "../../services/RedisScript.js"
import { card, doomed, some, sweep } from "./doomed.js"
import { lacking } from "./lacking.js"
import { has, livingHead, missing, ownerOf, unindex, unlink } from "./parts.js"
import { absent, retain } from "./retain.js"

const staleStage = "STAGED the staged payload expired before it was committed; save again"

/** What an interrupted clear has left goes in so small parts with the saves that meet it: one for all that share a command. */
const swept = 100

/** What a save asks the ACL for: what comes behind its first write, which is SET or RENAME, or tidies up. */
const refused = `
local function refused(KEYS, ARGV, ttl, keep, left, tidies)
  local data, index, set, expire = KEYS[1], KEYS[2], ARGV[8] == 'set', ttl > 0 and 'PEXPIRE' or 'PERSIST'
  local free = index .. '\\0'
  local function all(...) return lacking(free, {...}) end
  local refusal = KEYS[4] and lacks(free, expire, data)
  if not refusal and ARGV[2] ~= '' then
    refusal = lacks(free, set and 'SADD' or 'ZADD', index) or lacks(free, 'ZADD', KEYS[3])
    if not refusal and (tidies or left >= 0 or (ttl > 0 and left == -2)) then refusal = lacks(free, expire, index) end
  end
  if not refusal and (tidies or set) then refusal = lacks(free, KEYS[4] and 'RENAME' or 'SET', data) end
  if not refusal and (tidies or keep > 0) then refusal = lacks(free, 'UNLINK', index) end
  if refusal or not (tidies or ttl > 0 or keep > 0) then return refusal end
  if set then return all('SREM', index, 'EXISTS', index, 'ZREM', KEYS[3]) end
  refusal = lacks(free, 'ZREM', index) or lacks(free, 'EXISTS', index) or lacks(free, 'ZRANGE', index)
  return refusal or (keep > 0 and all('ZCARD', index, 'ZREVRANGE', index)) or nil
end`

/**
 * Writes one checkpoint with its index entries, all or nothing.
 *
 * KEYS  1 checkpoint, 2 index, 3 executions, 4 staged payload (absent: it is ARGV 4)
 * ARGV  1 id, 2 execution or "", 3 version, 4 payload, 5 TTL in ms or 0, 6 expected head, "none" or "",
 *       7 checkpoints to keep or 0, 8 index kind, 9 checkpoint prefix, 10 index prefix, 11 index suffix,
 *       12 write id, 13 anything: the executions are out of reach
 * Reply {"ok", expired entries dropped}, {"ok", 0, "again"} when it had won before, or {"conflict", head}
 */
const lua =
  `${has.lua}${ownerOf.lua}${missing.lua}${unindex.lua}${unlink.lua}${livingHead.lua}${absent.lua}${retain.lua}
${card.lua}${some.lua}${doomed.lua}${sweep.lua}${lacking.lua}${refused}
local has_swept = false
local function save(KEYS, ARGV)
local data, index, executions, staged = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, execution, version, payload, ttl = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local expected, keep, kind, prefix = ARGV[6], tonumber(ARGV[7]), ARGV[8], ARGV[9]
local expired, owner, gone = 0, owner_at(data), {}
if execution ~= '' then (kind == 'set' and has or card)(kind, index, id) end
local levels = execution ~= '' and doomed(kind, index) or 0
if staged and redis.call('EXISTS', staged) == 0 then
  local stored = expected ~= '' and has(kind, index, id) and redis.call('GET', data)
  if stored and stored:find('"write_id":"' .. ARGV[12] .. '"', 1, true) then return {'ok', 0, 'again'} end
  return redis.error_reply('${staleStage}')
end
redis.call('ZCARD', executions)
local left, now = redis.call('PTTL', index), redis.call('TIME')
if expected ~= '' then
  local top, head
  top, head, gone = living_head(index, prefix, execution)
  if (expected == 'none' and top) or (expected ~= 'none' and tonumber(head) ~= tonumber(expected)) then
    if staged then
      payload = redis.call('GET', staged)
      redis.call('UNLINK', staged)
    end
    if has(kind, index, id) and redis.call('GET', data) == payload then return {'ok', 0, 'again'} end
    return {'conflict', head}
  end
end
local moves = owner and owner ~= '' and owner ~= execution
local refusal = refused(KEYS, ARGV, ttl, keep, left, #gone > 0 or moves)
if refusal then return refusal end
if #gone > 0 then
  unindex(kind, index, gone, '', '')
  expired, left = #gone, redis.call('PTTL', index)
end
if moves then unindex(kind, ARGV[10] .. owner .. ARGV[11], {id}, executions, owner) end
if kind == 'set' and execution ~= '' then redis.call('SADD', index, id) end
if staged then
  redis.call('RENAME', staged, data)
  if ttl > 0 then redis.call('PEXPIRE', data, ttl) else redis.call('PERSIST', data) end
elseif ttl > 0 then
  redis.call('SET', data, payload, 'PX', ttl)
else
  redis.call('SET', data, payload)
end
if execution == '' then return {'ok', expired} end
if kind ~= 'set' then redis.call('ZADD', index, version, id) end
if ttl == 0 then
  if left >= 0 then redis.call('PERSIST', index) end
elseif left == -2 or (left >= 0 and left < ttl) then
  redis.call('PEXPIRE', index, ttl)
end
if not ARGV[13] then redis.call('ZADD', executions, now[1] .. string.format('%06d', now[2]), execution) end
if kind ~= 'set' then expired = expired + retain(index, prefix, ttl, keep, execution) end
local free, take = index .. '\\0', kind == 'set' and 'SREM' or 'ZREM'
if levels > 0 and not has_swept and not lacking(free, {'UNLINK', index, take, index}) then
  has_swept = true
  pcall(sweep, kind, index, prefix, execution, ${swept})
end
return {'ok', expired}
end`

const write = (redis: ScriptContext, data: string, staged: string | undefined, payload: string, ttl: number): void => {
  if (staged === undefined) {
    redis.call("SET", data, payload, ...(ttl > 0 ? ["PX", ttl] : []))
    return
  }
  redis.call("RENAME", staged, data)
  if (ttl > 0) redis.call("PEXPIRE", data, ttl)
  else redis.call("PERSIST", data)
}

const index = (redis: ScriptContext, keys: ReadonlyArray<string>, args: ReadonlyArray<string>, ttl: number): void => {
  const [, index = "", executions = ""] = keys
  const [id = "", execution = "", version = ""] = args
  const left = Number(redis.call("PTTL", index))
  if (args[7] === "set") redis.call("SADD", index, id)
  else redis.call("ZADD", index, version, id)
  if (ttl === 0) {
    if (left >= 0) redis.call("PERSIST", index)
  } else if (left === -2 || (left >= 0 && left < ttl)) redis.call("PEXPIRE", index, ttl)
  const [seconds = "", micros = ""] = redis.call("TIME") as ReadonlyArray<string>
  if (args[12] === undefined) redis.call("ZADD", executions, seconds + micros.padStart(6, "0"), execution)
}

/** The staged payload has expired: another sending of the same save has brought it home, or none has. */
const stale = (redis: ScriptContext, data: string, listed: boolean, args: ReadonlyArray<string>): Reply => {
  const stored = args[5] !== "" && listed ? redis.call("GET", data) : null
  return String(stored).includes(`"write_id":"${args[11]}"`)
    ? ["ok", 0, "again"]
    : RedisCommandError.fromReply("save", staleStage)
}

const refuse = (
  redis: ScriptContext,
  data: string,
  staged: string | undefined,
  payload: string,
  listed: boolean,
  head: string
): Reply => {
  const mine = staged === undefined ? payload : redis.call("GET", staged)
  if (staged !== undefined) redis.call("UNLINK", staged)
  return listed && redis.call("GET", data) === mine ? ["ok", 0, "again"] : ["conflict", head]
}

/** What goes wrong there is no failure of the save. */
const sweepQuietly = (
  redis: ScriptContext,
  kind: string,
  index: string,
  prefix: string,
  execution: string
): void => {
  try {
    sweep.model(redis, kind, index, prefix, execution, swept)
  } catch (thrown) {
    if (!(thrown instanceof RedisCommandError)) throw thrown
  }
}

const model: Model = (redis, keys, args) => {
  const [data = "", indexKey = "", executions = "", staged] = keys
  const [id = "", execution = "", , payload = "", ttlText, expected = "", keep, kind = "", prefix = ""] = args
  const ttl = Number(ttlText)
  let expired = 0
  // These come first for the errors of keys of another type: nothing is written yet.
  const listed = execution !== "" && has.model(redis, kind, indexKey, id)
  const levels = execution === "" ? 0 : doomed.model(redis, kind, indexKey).levels
  if (staged !== undefined && redis.call("EXISTS", staged) === 0) return stale(redis, data, listed, args)
  const owner = ownerOf.model(redis.call("GET", data))
  redis.call("ZCARD", executions)
  if (expected !== "") {
    const head = livingHead.model(redis, indexKey, prefix, execution)
    if (expected === "none" ? head.id !== undefined : Number(head.version) !== Number(expected)) {
      return refuse(redis, data, staged, payload, listed, head.version)
    }
    unindex.model(redis, kind, indexKey, head.gone, "", "")
    expired = head.gone.length
  }
  if (owner !== undefined && owner !== "" && owner !== execution) {
    unindex.model(redis, kind, `${args[9]}${owner}${args[10]}`, [id], executions, owner)
  }
  write(redis, data, staged, payload, ttl)
  if (execution === "") return ["ok", expired]
  index(redis, keys, args, ttl)
  if (kind !== "set") expired += retain.model(redis, indexKey, prefix, ttl, Number(keep), execution)
  if (levels > 0) sweepQuietly(redis, kind, indexKey, prefix, execution)
  return ["ok", expired]
}

/** The save as a part of other scripts, which it brings its own parts to, `lacking` among them. */
export const saving = { lua, model }

export const save = make({ name: "save", batchable: true, lua: `${lua}\nreturn save(KEYS, ARGV)`, model })
