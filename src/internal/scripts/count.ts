import { make } from "../../services/RedisScript.js"
import { list, missing, ownerOf } from "./parts.js"

/**
 * How many checkpoints an execution has. Looks at the oldest entries, up to a
 * limit, and does not count those that have expired.
 *
 * KEYS  1 index
 * ARGV  1 index kind, 2 checkpoint prefix, 3 most entries to look at, 4 execution
 * Reply the number
 */
export const count = make({
  name: "count",
  repeatable: true,
  lua: `${ownerOf.lua}${missing.lua}
local limit, ids = tonumber(ARGV[3]), {}
if ARGV[1] == 'set' then
  for i, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do if i <= limit then ids[i] = id end end
  return redis.call('SCARD', KEYS[1]) - #missing(ARGV[2], ids, ARGV[4])
end
return redis.call('ZCARD', KEYS[1]) - #missing(ARGV[2], redis.call('ZRANGE', KEYS[1], 0, limit - 1), ARGV[4])`,
  model: (redis, [index = ""], [kind, prefix = "", limit, execution = ""]) => {
    const ids = kind === "set"
      ? list(redis.call("SMEMBERS", index)).slice(0, Number(limit))
      : list(redis.call("ZRANGE", index, 0, Number(limit) - 1))
    const size = Number(redis.call(kind === "set" ? "SCARD" : "ZCARD", index))
    return size - missing.model(redis, prefix, ids, execution).length
  }
})
