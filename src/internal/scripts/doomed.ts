/**
 * Indexes of executions that were cleared, while their checkpoints are being deleted. The first stands at
 * `<execution>:doomed`; when another large history is cleared before the first is gone it goes to
 * `:doomed:2`, and so on. The last goes first, and none expires before one behind it, so that whoever
 * looks at the first knows whether there is any.
 */
import type { ScriptContext } from "../../services/RedisScript.js"
import { beside, has, list, renew, unindex, unlink } from "./parts.js"
import { suffixes } from "./suffixes.js"

/** How many entries an index has. */
export const card = {
  lua: `
local function card(kind, index) return redis.call(kind == 'set' and 'SCARD' or 'ZCARD', index) end`,
  model: (redis: ScriptContext, kind: string, index: string): number =>
    Number(redis.call(kind === "set" ? "SCARD" : "ZCARD", index))
}

/** The oldest entries of an index; of a Set, any. */
export const some = {
  lua: `
local function some(kind, index, limit)
  if limit < 1 then return {} end
  if kind ~= 'set' then return redis.call('ZRANGE', index, 0, limit - 1) end
  if redis.call('SCARD', index) <= limit then return redis.call('SMEMBERS', index) end
  return redis.call('SRANDMEMBER', index, limit)
end`,
  model: (redis: ScriptContext, kind: string, index: string, limit: number): ReadonlyArray<string> => {
    if (limit < 1) return []
    if (kind !== "set") return list(redis.call("ZRANGE", index, 0, limit - 1))
    if (Number(redis.call("SCARD", index)) <= limit) return list(redis.call("SMEMBERS", index))
    return list(redis.call("SRANDMEMBER", index, limit))
  }
}

/** Where the doomed indexes of an execution are. */
const key = {
  lua: `
local function doomed_key(index, level)
  return index:sub(1, -${suffixes.index.length + 1}) .. '${suffixes.doomed}' .. (level > 1 and ':' .. level or '')
end`,
  model: (index: string, level: number): string => beside(index, suffixes.doomed) + (level > 1 ? `:${level}` : "")
}

/** Renews doomed indexes: whose checkpoints are read lives as long as they do. */
export const renewDoomed = {
  lua: `${key.lua}
local function renew_doomed(index, ttl)
  local level, left = 0
  repeat
    level = level + 1
    left = redis.call('PTTL', doomed_key(index, level))
    if left >= 0 and left < ttl then redis.call('PEXPIRE', doomed_key(index, level), ttl) end
  until left == -2
end`,
  model: (redis: ScriptContext, index: string, ttl: number): void => {
    for (let level = 1;; level++) {
      const left = Number(redis.call("PTTL", key.model(index, level)))
      if (left === -2) return
      if (left >= 0 && left < ttl) redis.call("PEXPIRE", key.model(index, level), ttl)
    }
  }
}

/** How many doomed indexes an execution has, and with how many entries. Needs `card`. */
export const doomed = {
  lua: `${key.lua}
local function doomed(kind, index)
  local levels, left = 0, 0
  while true do
    local size = card(kind, doomed_key(index, levels + 1))
    if size == 0 then return levels, left end
    levels, left = levels + 1, left + size
  end
end`,
  model: (redis: ScriptContext, kind: string, index: string): { readonly levels: number; readonly left: number } => {
    let left = 0
    for (let level = 1;; level++) {
      const size = card.model(redis, kind, key.model(index, level))
      if (size === 0) return { levels: level - 1, left }
      left += size
    }
  }
}

/** Dooms an index behind those that are doomed, which then live as long. Needs `doomed` and `renew`. */
export const doom = {
  lua: `
local function doom(index, levels)
  redis.call('RENAME', index, doomed_key(index, levels + 1))
  local ttl = redis.call('PTTL', doomed_key(index, levels + 1))
  for level = 1, levels do
    if ttl < 0 then redis.call('PERSIST', doomed_key(index, level)) else renew(doomed_key(index, level), ttl) end
  end
end`,
  model: (redis: ScriptContext, index: string, levels: number): void => {
    redis.call("RENAME", index, key.model(index, levels + 1))
    const ttl = Number(redis.call("PTTL", key.model(index, levels + 1)))
    for (let level = 1; level <= levels; level++) {
      if (ttl < 0) redis.call("PERSIST", key.model(index, level))
      else renew.model(redis, key.model(index, level), ttl)
    }
  }
}

/**
 * Deletes checkpoints of doomed entries, at most `limit`, and gives the number of entries left. What is in
 * the index of the execution was saved since, and stays, as does what is now of another execution.
 * Needs `card`, `some`, `doomed`, `has`, `unindex` and `unlink`; reads before it writes.
 */
export const sweep = {
  lua: `
local function sweep(kind, index, prefix, execution, limit)
  local levels, left = doomed(kind, index)
  if levels == 0 or limit < 1 then return left end
  local last, dead = doomed_key(index, levels), {}
  local ids = some(kind, last, limit)
  local anew = redis.call('EXISTS', index) == 1
  for _, id in ipairs(ids) do
    if not anew or not has(kind, index, id) then dead[#dead + 1] = id end
  end
  unlink(prefix, dead, execution)
  unindex(kind, last, ids, '', '')
  return left - #ids
end`,
  model: (
    redis: ScriptContext,
    kind: string,
    index: string,
    prefix: string,
    execution: string,
    limit: number
  ): number => {
    const { left, levels } = doomed.model(redis, kind, index)
    if (levels === 0 || limit < 1) return left
    const last = key.model(index, levels)
    const ids = some.model(redis, kind, last, limit)
    const anew = redis.call("EXISTS", index) === 1
    const dead = ids.filter((id) => !anew || !has.model(redis, kind, index, id))
    unlink.model(redis, prefix, dead, execution)
    unindex.model(redis, kind, last, ids, "", "")
    return left - ids.length
  }
}
