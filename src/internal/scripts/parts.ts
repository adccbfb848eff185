/** Functions that several scripts share: the Lua, and beside it its twin for the models. */
import type { Reply } from "../../services/RedisReply.js"
import type { ScriptContext } from "../../services/RedisScript.js"
import { suffixes } from "./suffixes.js"

export const list = (reply: Reply): ReadonlyArray<string> => reply as ReadonlyArray<string>

export const has = {
  lua: `
local function has(kind, index, id)
  if kind == 'set' then return redis.call('SISMEMBER', index, id) == 1 end
  return redis.call('ZSCORE', index, id) ~= false
end`,
  model: (redis: ScriptContext, kind: string, index: string, id: string): boolean =>
    kind === "set" ? redis.call("SISMEMBER", index, id) === 1 : redis.call("ZSCORE", index, id) !== null
}

export const beside = (index: string, suffix: string): string => index.slice(0, -suffixes.index.length) + suffix

/**
 * Removes ids from an index. When it is gone with the last of them, or none are given and it is gone, so
 * are the place among the executions and what a runner keeps beside the index: nobody may go on with an
 * execution that has no checkpoints.
 */
export const unindex = {
  lua: `
local function unindex(kind, index, ids, executions, execution)
  local removed = 0
  for i = 1, #ids, 500 do
    removed = removed + redis.call(kind == 'set' and 'SREM' or 'ZREM', index, unpack(ids, i, math.min(i + 499, #ids)))
  end
  if removed < math.min(#ids, 1) then return end
  if execution ~= '' and redis.call('EXISTS', index) == 0 then
    local stem = index:sub(1, -${suffixes.index.length + 1})
    redis.call('ZREM', executions, execution)
    redis.call('UNLINK', stem .. '${suffixes.run}', stem .. '${suffixes.memos}')
  end
end`,
  model: (
    redis: ScriptContext,
    kind: string,
    index: string,
    ids: ReadonlyArray<string>,
    executions: string,
    execution: string
  ): void => {
    let removed = 0
    for (let i = 0; i < ids.length; i += 500) {
      removed += Number(redis.call(kind === "set" ? "SREM" : "ZREM", index, ...ids.slice(i, i + 500)))
    }
    if (removed < Math.min(ids.length, 1)) return
    if (execution !== "" && redis.call("EXISTS", index) === 0) {
      redis.call("ZREM", executions, execution)
      redis.call("UNLINK", beside(index, suffixes.run), beside(index, suffixes.memos))
    }
  }
}

/**
 * Deletes the checkpoints that are of the execution, and gives their number. Most end with its name as this
 * library writes it; the others are read like all checkpoints. Needs `isGone`.
 */
export const unlink = {
  lua: `
local function unlink(prefix, ids, execution)
  local call, keys, plain = redis.call, {}, not execution:find('["\\\\]')
  local name, from = '"execution_id":"' .. execution .. '"', '-' .. #execution + 86
  for i = 1, #ids do
    local key = prefix .. ids[i]
    local tail = call('GETRANGE', key, from, '-1')
    local _, at = tail:find(name, 1, true)
    local ours = plain and at and tail:find('^},"timestamp":"....-..-..T..:..:......Z","version":%-?%d+}$', at + 1)
    if ours or not is_gone(key, execution) then
      keys[#keys + 1] = key
    end
  end
  for i = 1, #keys, 500 do call('UNLINK', unpack(keys, i, math.min(i + 499, #keys))) end
  return #keys
end`,
  model: (redis: ScriptContext, prefix: string, ids: ReadonlyArray<string>, execution: string): number => {
    const keys = ids.map((id) => prefix + id).filter((key) => !isGone.model(redis, key, execution))
    for (let i = 0; i < keys.length; i += 500) redis.call("UNLINK", ...keys.slice(i, i + 500))
    return keys.length
  }
}

interface Stored {
  readonly metadata?: { readonly execution_id?: unknown } | string | null
  readonly timestamp?: unknown
  readonly version?: unknown
}

const stored = (value: string): Stored | null | undefined => {
  try {
    return JSON.parse(Buffer.from(value, "latin1").toString()) as Stored | null
  } catch {
    return undefined
  }
}

const reading = `
local function owner_of(value)
  local ok, checkpoint = pcall(cjson.decode, value)
  if not ok then ok, checkpoint = pcall(cjson.decode, (value:gsub('\\\\u[dD][89a-fA-F]%x%x', '\\\\u0020'))) end
  if not ok or type(checkpoint) ~= 'table' then return nil end
  if type(checkpoint.timestamp) ~= 'string' or type(checkpoint.version) ~= 'number' then return nil end
  local metadata = checkpoint.metadata
  if metadata == nil or metadata == cjson.null then return '' end
  if type(metadata) ~= 'table' or metadata[1] then return nil end
  return type(metadata.execution_id) == 'string' and metadata.execution_id or ''
end`

/** The execution that is named from `at` on to the end of a text, as the writers of checkpoints put it. */
const named = (text: string): string =>
  `(${text}:match('^"execution_id":"([^"\\\\]*)"},"timestamp":"[^"\\\\]*","version":%-?%d+}$', at) or
    ${text}:match('^"execution_id":"([^"\\\\]*)","write_id":"[^"\\\\]*"},"timestamp":"[^"\\\\]*","version":%-?%d+}$', at))`

/**
 * The execution that a stored checkpoint names, "" if it names none, nothing if
 * it cannot be read. Lone surrogates, which Lua's reader refuses, are blanked.
 * Looks at the end of the JSON, where its writers put the metadata, and reads
 * the whole only if it is not there: Lua reads each character that it is given.
 */
export const ownerOf = {
  named,
  reading,
  lua: `
local function owner_at(key)
  local from = '-256'
  repeat
    local tail = redis.call('GETRANGE', key, from, '-1')
    if tail == '' then return nil end
    local at = tail:find('"execution_id":"', 1, true)
    local owner = at and ${named("tail")}
    if owner then return owner end
    local looked = from == '-1024' or #tail < 256
    from = '-1024'
  until looked
  ${reading}
  return owner_of(redis.call('GET', key))
end`,
  model: (value: Reply): string | undefined => {
    if (value === null) return undefined
    const checkpoint = stored(String(value))
    if (typeof checkpoint?.timestamp !== "string" || typeof checkpoint.version !== "number") return undefined
    const metadata = checkpoint.metadata ?? {}
    if (typeof metadata !== "object" || (Array.isArray(metadata) && metadata.length > 0)) return undefined
    const owner = Object.hasOwn(metadata, "execution_id") ? metadata.execution_id : undefined
    return typeof owner === "string" ? Buffer.from(owner).toString("latin1") : ""
  }
}

/**
 * Whether the checkpoint of an execution is gone: it has expired, and perhaps lives on in another execution.
 * What cannot be read is not gone. Needs `ownerOf`.
 */
export const isGone = {
  lua: `
local function is_gone(key, execution)
  local owner = owner_at(key)
  if owner then return owner ~= execution end
  return redis.call('EXISTS', key) == 0
end`,
  model: (redis: ScriptContext, key: string, execution: string): boolean => {
    const value = redis.call("GET", key)
    return value === null || (ownerOf.model(value) ?? execution) !== execution
  }
}

/** The ids among these whose checkpoint is gone, and `isGone`. Needs `ownerOf`. */
export const missing = {
  lua: `${isGone.lua}
local function missing(prefix, ids, execution)
  local gone = {}
  for _, id in ipairs(ids) do
    if is_gone(prefix .. id, execution) then gone[#gone + 1] = id end
  end
  return gone
end`,
  model: (
    redis: ScriptContext,
    prefix: string,
    ids: ReadonlyArray<string>,
    execution: string
  ): ReadonlyArray<string> => ids.filter((id) => isGone.model(redis, prefix + id, execution))
}

/** The highest entry whose checkpoint is alive, and the ids above it whose checkpoints are gone. Needs `isGone`. */
export const livingHead = {
  lua: `
local function living_head(index, prefix, execution)
  local gone = {}
  while true do
    local top = redis.call('ZREVRANGE', index, #gone, #gone, 'WITHSCORES')
    if not top[1] then return false, '0', gone end
    if not is_gone(prefix .. top[1], execution) then return top[1], top[2], gone end
    gone[#gone + 1] = top[1]
  end
end`,
  model: (redis: ScriptContext, index: string, prefix: string, execution: string) => {
    const gone: Array<string> = []
    for (;;) {
      const [id, version] = list(redis.call("ZREVRANGE", index, gone.length, gone.length, "WITHSCORES"))
      if (id === undefined) return { id: undefined, version: "0", gone }
      if (!isGone.model(redis, prefix + id, execution)) return { id, version: version ?? "0", gone }
      gone.push(id)
    }
  }
}

/** Renews a key's time to live: longer only, and never for a key that has none. */
export const renew = {
  lua: `
local function renew(key, ttl)
  local left = redis.call('PTTL', key)
  if left >= 0 and left < ttl then redis.call('PEXPIRE', key, ttl) end
end`,
  model: (redis: ScriptContext, key: string, ttl: number): void => {
    const left = Number(redis.call("PTTL", key))
    if (left >= 0 && left < ttl) redis.call("PEXPIRE", key, ttl)
  }
}

/** Renews an index, and what a runner keeps beside it. Needs `renew`. */
export const renewIndex = {
  lua: `
local function renew_index(index, ttl)
  local stem = index:sub(1, -${suffixes.index.length + 1})
  renew(index, ttl)
  renew(stem .. '${suffixes.run}', ttl)
  renew(stem .. '${suffixes.memos}', ttl)
end`,
  model: (redis: ScriptContext, index: string, ttl: number): void => {
    for (const key of [index, beside(index, suffixes.run), beside(index, suffixes.memos)]) {
      renew.model(redis, key, ttl)
    }
  }
}
