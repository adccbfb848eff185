import { RedisCommandError } from "../../schema/Errors.js"
import type { Reply } from "../../services/RedisReply.js"
import type { Model, ScriptContext } from "../../services/RedisScript.js"
import { make } from "../../services/RedisScript.js"
import { card, doomed, some, sweep } from "./doomed.js"
import { lacking } from "./lacking.js"
import { has, isGone, list, livingHead, ownerOf, unindex, unlink } from "./parts.js"
import { absent, retain } from "./retain.js"
import { suffixes } from "./suffixes.js"

const staleStage = "STAGED the staged payload expired before it was committed; save again"

/** What an interrupted clear has left goes in so small parts with the saves that meet it: one for all that share a command. */
const swept = 100

/** What most saves do not need: made when one does, since a function that is made costs the server too. */
const seldom = `
local made
local function seldom()
  if made then return made end
  ${isGone.lua}${livingHead.lua}${has.lua}${unindex.lua}${unlink.lua}${absent.lua}${retain.lua}
  ${card.lua}${some.lua}${doomed.lua}${sweep.lua}
  made = {living_head = living_head, has = has, unindex = unindex, retain = retain, doomed = doomed, sweep = sweep}
  return made
end`

/** What a save asks the ACL for: all that it writes, and what tidies up if it does. */
const refused = `
local function refused(KEYS, ARGV, volatile, expires, tidies, prunes)
  local index, set, expire = KEYS[2], ARGV[8] == 'set', volatile and 'PEXPIRE' or 'PERSIST'
  local free = not acl and index .. '\\0'
  local refusal = lacks(free, KEYS[4] and 'RENAME' or 'SET', KEYS[1]) or
    (ARGV[2] ~= '' and (set and lacks(free, 'SADD', index) or lacks(free, 'ZADD', index))) or
    ((KEYS[4] or expires or tidies) and lacks(free, expire, index))
  if refusal or not (tidies or prunes) then return refusal end
  local needs = {'UNLINK', index, set and 'SREM' or 'ZREM', index, 'EXISTS', index, 'ZREM', KEYS[3], 'PTTL', index}
  if prunes then needs = {'ZCARD', index, 'ZREVRANGE', index, 'ZRANGE', index, unpack(needs)} end
  return lacking(free, needs)
end`

/**
 * What is known of an index before a save: how long it lives, whether its oldest entry has expired, whether it
 * holds `keep` or more, and how many doomed indexes there are. With a TTL the oldest entry tells whether it is
 * there, which is all that PEXPIRE GT leaves to ask.
 */
const look = `
local extends = redis.REDIS_VERSION_NUM
local function look(KEYS, ARGV, volatile, keep)
  local call, index, kind = redis.call, KEYS[2], ARGV[8]
  local oldest, size, left = nil, 0, -2
  if kind == 'set' then
    call('SISMEMBER', index, ARGV[1])
    left = call('PTTL', index)
  else
    if volatile then oldest = call('ZRANGE', index, '0', '0')[1] end
    if keep > 0 or not volatile then size = call('ZCARD', index) end
    if oldest and extends then left = 0 elseif oldest or size > 0 then left = call('PTTL', index) end
  end
  local doomed = index:sub(1, -${suffixes.index.length + 1}) .. '${suffixes.doomed}'
  local found = call('EXISTS', oldest and ARGV[9] .. oldest or KEYS[1], doomed, doomed)
  return left, oldest and found % 2 == 0, keep > 0 and size >= keep, found > 1 and seldom().doomed(kind, index) or 0
end`

/**
 * Writes one checkpoint with its index entries, all or nothing. Saves that share a command are of one time, and one
 * of the same execution as that before it finds everything as that left it.
 *
 * KEYS  1 checkpoint, 2 index, 3 executions, 4 staged payload (absent: it is ARGV 4)
 * ARGV  1 id, 2 execution or "", 3 version, 4 payload, 5 TTL in ms or 0, 6 expected head, "none" or "",
 *       7 checkpoints to keep or 0, 8 index kind, 9 checkpoint prefix, 10 index prefix, 11 index suffix,
 *       12 write id, 13 anything: the executions are out of reach
 * Reply {"ok", expired entries dropped}, {"ok", 0, "again"} when it had won before, or {"conflict", head}
 */
const lua = `${ownerOf.lua}${lacking.lua}${seldom}${refused}${look}
local now, has_swept, settled, settled_volatile
local function save(KEYS, ARGV)
local call, data, index, executions, staged = redis.call, KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, execution, payload, ttl, expected = ARGV[1], ARGV[2], ARGV[4], ARGV[5], ARGV[6]
local keep, kind, prefix, volatile = ARGV[7] ~= '0' and tonumber(ARGV[7]) or 0, ARGV[8], ARGV[9], tonumber(ttl) > 0
local expired, owner, gone, left, stale, prunes, levels = 0, owner_at(data), false, -2, false, false, 0
local again = settled == index and settled_volatile == volatile and keep == 0 and (extends or not volatile)
settled = nil
if again then
  left = volatile and 0 or -1
elseif execution ~= '' then
  left, stale, prunes, levels = look(KEYS, ARGV, volatile, keep)
end
if staged and call('EXISTS', staged) == 0 then
  local stored = expected ~= '' and seldom().has(kind, index, id) and call('GET', data)
  if stored and stored:find('"write_id":"' .. ARGV[12] .. '"', 1, true) then return {'ok', 0, 'again'} end
  return redis.error_reply('${staleStage}')
end
if expected ~= '' then
  local top, head = unpack(call('ZREVRANGE', index, '0', '0', 'WITHSCORES'))
  if top and owner_at(prefix .. top) ~= execution then
    top, head, gone = seldom().living_head(index, prefix, execution)
  end
  if (expected == 'none' and top) or (expected ~= 'none' and tonumber(head or 0) ~= tonumber(expected)) then
    if staged then
      payload = call('GET', staged)
      call('UNLINK', staged)
    end
    local has = seldom().has
    if has(kind, index, id) and redis.call('GET', data) == payload then return {'ok', 0, 'again'} end
    return {'conflict', head or '0'}
  end
  expired = gone and #gone or 0
end
local moves = owner and owner ~= '' and owner ~= execution
local before = moves and ARGV[10] .. owner .. ARGV[11]
if moves then
  seldom().has(kind, before, id)
  call('ZCARD', executions)
end
local refusal = refused(KEYS, ARGV, volatile, left >= 0 or (volatile and execution ~= ''), expired > 0 or stale or moves, prunes)
if refusal then return refusal end
if execution ~= '' and not again and not ARGV[13] then
  if not now then
    local time = call('TIME')
    now = time[1] .. ('000000'):sub(#time[2] + 1) .. time[2]
  end
  call('ZADD', executions, now, execution)
end
if expired > 0 then
  seldom().unindex(kind, index, gone, '', '')
  left = call('PTTL', index)
end
if moves then seldom().unindex(kind, before, {id}, executions, owner) end
if kind == 'set' and execution ~= '' then call('SADD', index, id) end
if staged then
  call('RENAME', staged, data)
  if volatile then call('PEXPIRE', data, ttl) else call('PERSIST', data) end
elseif volatile then
  call('SET', data, payload, 'PX', ttl)
else
  call('SET', data, payload)
end
if execution == '' then return {'ok', expired} end
if kind ~= 'set' then call('ZADD', index, ARGV[3], id) end
if not volatile then
  if left >= 0 then call('PERSIST', index) end
elseif left == -2 then
  call('PEXPIRE', index, ttl)
elseif extends then
  call('PEXPIRE', index, ttl, 'GT')
elseif left >= 0 and left < tonumber(ttl) then
  call('PEXPIRE', index, ttl)
end
if not stale and expired == 0 and levels == 0 then settled, settled_volatile = index, volatile end
if stale or prunes then expired = expired + seldom().retain(index, prefix, stale, keep, execution) end
if levels > 0 and not has_swept and
  not lacking(index .. '\\0', {'UNLINK', index, kind == 'set' and 'SREM' or 'ZREM', index}) then
  has_swept = true
  pcall(seldom().sweep, kind, index, prefix, execution, ${swept})
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
const unstaged = (redis: ScriptContext, data: string, listed: boolean, args: ReadonlyArray<string>): Reply => {
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

/** Whether the oldest entry of an index has expired. */
const isStale = (redis: ScriptContext, index: string, prefix: string): boolean => {
  const [oldest] = list(redis.call("ZRANGE", index, 0, 0))
  return oldest !== undefined && redis.call("EXISTS", prefix + oldest) === 0
}

const model: Model = (redis, keys, args) => {
  const [data = "", indexKey = "", executions = "", staged] = keys
  const [id = "", execution = "", , payload = "", ttlText, expected = "", keep, kind = "", prefix = ""] = args
  const ttl = Number(ttlText)
  // These come first for the errors of keys of another type: nothing is written yet.
  const listed = execution !== "" && has.model(redis, kind, indexKey, id)
  const stale = execution !== "" && kind !== "set" && ttl > 0 && isStale(redis, indexKey, prefix)
  const levels = execution === "" ? 0 : doomed.model(redis, kind, indexKey).levels
  if (staged !== undefined && redis.call("EXISTS", staged) === 0) return unstaged(redis, data, listed, args)
  const owner = ownerOf.model(redis.call("GET", data))
  let gone: ReadonlyArray<string> = []
  if (expected !== "") {
    const head = livingHead.model(redis, indexKey, prefix, execution)
    if (expected === "none" ? head.id !== undefined : Number(head.version) !== Number(expected)) {
      return refuse(redis, data, staged, payload, listed, head.version)
    }
    gone = head.gone
  }
  const moves = owner !== undefined && owner !== "" && owner !== execution
  const before = `${args[9]}${owner}${args[10]}`
  if (moves) has.model(redis, kind, before, id)
  if (moves || (execution !== "" && args[12] === undefined)) redis.call("ZCARD", executions)
  unindex.model(redis, kind, indexKey, gone, "", "")
  if (moves) unindex.model(redis, kind, before, [id], executions, owner)
  write(redis, data, staged, payload, ttl)
  if (execution === "") return ["ok", gone.length]
  index(redis, keys, args, ttl)
  const dropped = kind === "set" ? 0 : retain.model(redis, indexKey, prefix, stale, Number(keep), execution)
  if (levels > 0) sweepQuietly(redis, kind, indexKey, prefix, execution)
  return ["ok", gone.length + dropped]
}

/** The save as a part of other scripts, which it brings its own parts to, `lacking` among them. */
export const saving = { lua, model }

export const save = make({ name: "save", batchable: true, lua: `${lua}\nreturn save(KEYS, ARGV)`, model })
