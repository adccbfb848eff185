import { make } from "../../services/RedisScript.js"
import { renewDoomed } from "./doomed.js"
import { ownerOf, renew, renewIndex } from "./parts.js"

/**
 * Reads checkpoints and renews the time to live of what is related to them.
 *
 * KEYS  checkpoints, and what ARGV 4 says
 * ARGV  1 TTL in ms, 2 index prefix, 3 index suffix, 4 "cluster": the last key but one is the index of all
 *       checkpoints, the last only guards
 * Reply payload or nil for each key
 */
export const load = make({
  name: "load",
  repeatable: true,
  lua: `${ownerOf.reading}${renew.lua}${renewIndex.lua}${renewDoomed.lua}
local index = ARGV[4] and KEYS[#KEYS - 1]
local values = redis.call('MGET', unpack(KEYS, 1, index and #KEYS - 2 or #KEYS))
for i, value in ipairs(values) do
  if value then
    renew(KEYS[i], tonumber(ARGV[1]))
    local owner = owner_of(value)
    if owner and owner ~= '' then
      renew_index(index or ARGV[2] .. owner .. ARGV[3], tonumber(ARGV[1]))
      renew_doomed(index or ARGV[2] .. owner .. ARGV[3], tonumber(ARGV[1]))
    end
  end
end
return values`,
  model: (redis, keys, [ttl, prefix = "", suffix = "", cluster]) => {
    const index = cluster === undefined ? undefined : keys.at(-2)
    const values = redis.call("MGET", ...keys.slice(0, index === undefined ? keys.length : -2)) as ReadonlyArray<
      string | null
    >
    values.forEach((value, i) => {
      if (value === null) return
      renew.model(redis, keys[i] ?? "", Number(ttl))
      const owner = ownerOf.model(value)
      if (owner === undefined || owner === "") return
      renewIndex.model(redis, index ?? prefix + owner + suffix, Number(ttl))
      renewDoomed.model(redis, index ?? prefix + owner + suffix, Number(ttl))
    })
    return values
  }
})
