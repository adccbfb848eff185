/** Functions that several scripts share: the Lua, and beside it its twin for the models. */
import type { Reply } from "../../services/RedisReply.js"
import type { ScriptContext } from "../../services/RedisScript.js"

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

/** Removes ids from an index, and the execution from the executions when its index is gone. */
export const unindex = {
  lua: `
local function unindex(kind, index, ids, executions, execution)
  for i = 1, #ids, 500 do
    redis.call(kind == 'set' and 'SREM' or 'ZREM', index, unpack(ids, i, math.min(i + 499, #ids)))
  end
  if execution ~= '' and redis.call('EXISTS', index) == 0 then redis.call('ZREM', executions, execution) end
end`,
  model: (
    redis: ScriptContext,
    kind: string,
    index: string,
    ids: ReadonlyArray<string>,
    executions: string,
    execution: string
  ): void => {
    for (let i = 0; i < ids.length; i += 500) {
      redis.call(kind === "set" ? "SREM" : "ZREM", index, ...ids.slice(i, i + 500))
    }
    if (execution !== "" && redis.call("EXISTS", index) === 0) redis.call("ZREM", executions, execution)
  }
}

/** How many of the checkpoints were there and are gone. */
export const unlink = {
  lua: `
local function unlink(prefix, ids)
  local removed = 0
  for i = 1, #ids, 500 do
    local keys = {}
    for j = i, math.min(i + 499, #ids) do keys[#keys + 1] = prefix .. ids[j] end
    removed = removed + redis.call('UNLINK', unpack(keys))
  end
  return removed
end`,
  model: (redis: ScriptContext, prefix: string, ids: ReadonlyArray<string>): number => {
    let removed = 0
    for (let i = 0; i < ids.length; i += 500) {
      removed += Number(redis.call("UNLINK", ...ids.slice(i, i + 500).map((id) => prefix + id)))
    }
    return removed
  }
}

/** The ids among these whose checkpoint is gone: one EXISTS for 500 when all are there. */
export const missing = {
  lua: `
local function missing(prefix, ids)
  local gone = {}
  for i = 1, #ids, 500 do
    local keys = {}
    for j = i, math.min(i + 499, #ids) do keys[#keys + 1] = prefix .. ids[j] end
    if redis.call('EXISTS', unpack(keys)) < #keys then
      for j = 1, #keys do
        if redis.call('EXISTS', keys[j]) == 0 then gone[#gone + 1] = ids[i + j - 1] end
      end
    end
  end
  return gone
end`,
  model: (redis: ScriptContext, prefix: string, ids: ReadonlyArray<string>): ReadonlyArray<string> =>
    ids.filter((id) => redis.call("EXISTS", prefix + id) === 0)
}

/**
 * The execution that a stored checkpoint names. What cannot be read has no
 * owner here; readers drop index entries that lead nowhere.
 */
export const ownerOf = {
  lua: `
local function owner_of(value)
  local ok, checkpoint = pcall(cjson.decode, value)
  if not ok or type(checkpoint) ~= 'table' or type(checkpoint.metadata) ~= 'table' then return false end
  local owner = checkpoint.metadata.execution_id
  return type(owner) == 'string' and owner ~= '' and owner
end`,
  model: (value: Reply): string | undefined => {
    try {
      const checkpoint = JSON.parse(Buffer.from(String(value), "latin1").toString()) as {
        readonly metadata?: { readonly execution_id?: unknown } | null
      } | null
      const owner = checkpoint?.metadata?.execution_id
      return typeof owner === "string" && owner !== "" ? Buffer.from(owner).toString("latin1") : undefined
    } catch {
      return undefined
    }
  }
}

/** The highest entry whose checkpoint is alive, and the ids above it whose checkpoints are gone. */
export const livingHead = {
  lua: `
local function living_head(index, prefix)
  local gone = {}
  while true do
    local top = redis.call('ZREVRANGE', index, #gone, #gone, 'WITHSCORES')
    if not top[1] then return false, '0', gone end
    if redis.call('EXISTS', prefix .. top[1]) == 1 then return top[1], top[2], gone end
    gone[#gone + 1] = top[1]
  end
end`,
  model: (redis: ScriptContext, index: string, prefix: string) => {
    const gone: Array<string> = []
    for (;;) {
      const [id, version] = list(redis.call("ZREVRANGE", index, gone.length, gone.length, "WITHSCORES"))
      if (id === undefined) return { id: undefined, version: "0", gone }
      if (redis.call("EXISTS", prefix + id) === 1) return { id, version: version ?? "0", gone }
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
