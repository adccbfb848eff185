import { make } from "../../services/RedisScript.js"
import { list, missing, ownerOf, unindex, unlink } from "./parts.js"

/**
 * Deletes the oldest checkpoints of an execution with their index entries.
 *
 * KEYS  1 index, 2 executions
 * ARGV  1 execution, 2 index kind, 3 checkpoint prefix, 4 most checkpoints to delete
 * Reply {checkpoints deleted, entries left}
 */
export const clear = make({
  name: "clear",
  lua: `${ownerOf.lua}${missing.lua}${unindex.lua}${unlink.lua}
local index, limit, ids = KEYS[1], tonumber(ARGV[4]), {}
if ARGV[2] == 'set' then
  for i, id in ipairs(redis.call('SMEMBERS', index)) do if i <= limit then ids[i] = id end end
else
  ids = redis.call('ZRANGE', index, 0, limit - 1)
end
redis.call('ZSCORE', KEYS[2], ARGV[1])
local removed = unlink(ARGV[3], ids, ARGV[1])
unindex(ARGV[2], index, ids, KEYS[2], ARGV[1])
return {removed, redis.call(ARGV[2] == 'set' and 'SCARD' or 'ZCARD', index)}`,
  model: (redis, [index = "", executions = ""], [execution = "", kind = "", prefix = "", limit]) => {
    const ids = kind === "set"
      ? list(redis.call("SMEMBERS", index)).slice(0, Number(limit))
      : list(redis.call("ZRANGE", index, 0, Number(limit) - 1))
    redis.call("ZSCORE", executions, execution)
    const removed = unlink.model(redis, prefix, ids, execution)
    unindex.model(redis, kind, index, ids, executions, execution)
    return [removed, redis.call(kind === "set" ? "SCARD" : "ZCARD", index)]
  }
})
