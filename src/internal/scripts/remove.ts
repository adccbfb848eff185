import { make } from "../../services/RedisScript.js"
import { card } from "./doomed.js"
import { lacking } from "./lacking.js"
import { ownerOf, unindex } from "./parts.js"

/**
 * Deletes one checkpoint and its index entry. The place among the executions is looked at when the index may
 * go with its last entry.
 *
 * KEYS  1 checkpoint, 2 executions, 3 index (absent: it is that of the execution which the checkpoint names)
 * ARGV  1 id, 2 index kind, 3 index prefix, 4 index suffix
 * Reply 1 if it existed, else 0
 */
export const remove = make({
  name: "delete",
  batchable: true,
  lua: `${ownerOf.lua}${lacking.lua}
local function delete(KEYS, ARGV)
local call, owner = redis.call, owner_at(KEYS[1])
if owner and owner ~= '' then
  local set, index = ARGV[2] == 'set', KEYS[3] or ARGV[3] .. owner .. ARGV[4]
  local size, take, free = call(set and 'SCARD' or 'ZCARD', index), set and 'SREM' or 'ZREM', not acl and index .. '\\0'
  local refusal = lacks(free, 'UNLINK', KEYS[1]) or lacks(free, take, index)
  if not refusal and size == 1 then
    call('ZSCORE', KEYS[2], owner)
    refusal = lacking(free, {'EXISTS', index, 'ZREM', KEYS[2]})
  end
  if refusal then return refusal end
  if size == 1 then
    ${unindex.lua}
    unindex(ARGV[2], index, {ARGV[1]}, KEYS[2], owner)
  else
    call(take, index, ARGV[1])
  end
end
return call('UNLINK', KEYS[1])
end
return delete(KEYS, ARGV)`,
  model: (redis, [data = "", executions = "", index], [id = "", kind = "", prefix = "", suffix = ""]) => {
    const value = redis.call("GET", data)
    if (value === null) return 0
    const owner = ownerOf.model(value)
    if (owner !== undefined && owner !== "") {
      const place = index ?? prefix + owner + suffix
      const isLast = card.model(redis, kind, place) === 1
      if (isLast) redis.call("ZSCORE", executions, owner)
      unindex.model(redis, kind, place, [id], isLast ? executions : "", isLast ? owner : "")
    }
    return redis.call("UNLINK", data)
  }
})
