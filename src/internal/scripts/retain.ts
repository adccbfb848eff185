import type { ScriptContext } from "../../services/RedisScript.js"
import { list, unindex, unlink } from "./parts.js"

/** The ids without a checkpoint: one EXISTS for 500 when all are there. */
export const absent = {
  lua: `
local function absent(prefix, ids)
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
 * Drops what has expired among the oldest four, if it is known that the oldest has, then prunes beyond `keep`. Expired
 * entries among the newest do not count as kept, up to a `keep` of 1,000. Saves that share a command prune
 * 1,000 together.
 * Needs `absent`, `unindex` and `unlink`; gives the number of expired entries.
 */
export const retain = {
  lua: `
local prunable = 1000
local function retain(index, prefix, stale, keep, execution)
  local expired = 0
  local function drop(ids)
    unindex('zset', index, ids, '', '')
    expired = expired + #ids
  end
  if stale then drop(absent(prefix, redis.call('ZRANGE', index, '0', '3'))) end
  while keep > 0 and prunable > 0 do
    local excess, gone = redis.call('ZCARD', index) - keep, {}
    if excess <= 0 then break end
    if keep <= 1000 then gone = absent(prefix, redis.call('ZREVRANGE', index, '0', keep - 1)) end
    if #gone == 0 then
      excess = math.min(excess, prunable)
      prunable = prunable - excess
      local oldest = redis.call('ZRANGE', index, '0', excess - 1)
      unlink(prefix, oldest, execution)
      unindex('zset', index, oldest, '', '')
      break
    end
    drop(gone)
  end
  return expired
end`,
  model: (
    redis: ScriptContext,
    index: string,
    prefix: string,
    stale: boolean,
    keep: number,
    execution: string
  ): number => {
    let expired = 0
    const drop = (ids: ReadonlyArray<string>) => {
      unindex.model(redis, "zset", index, ids, "", "")
      expired += ids.length
    }
    if (stale) drop(absent.model(redis, prefix, list(redis.call("ZRANGE", index, 0, 3))))
    while (keep > 0 && Number(redis.call("ZCARD", index)) > keep) {
      const newest = keep <= 1000 ? list(redis.call("ZREVRANGE", index, 0, keep - 1)) : []
      const gone = absent.model(redis, prefix, newest)
      if (gone.length === 0) {
        const excess = Math.min(Number(redis.call("ZCARD", index)) - keep, 1000)
        const oldest = list(redis.call("ZRANGE", index, 0, excess - 1))
        unlink.model(redis, prefix, oldest, execution)
        unindex.model(redis, "zset", index, oldest, "", "")
        return expired
      }
      drop(gone)
    }
    return expired
  }
}
