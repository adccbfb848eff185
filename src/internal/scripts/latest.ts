import { make } from "../../services/RedisScript.js"
import { lacking, lackingUnindex } from "./lacking.js"
import { isGone, livingHead, ownerOf, renew, renewIndex, unindex } from "./parts.js"

/**
 * The checkpoint with the highest version. Expired entries above it are
 * dropped where the server lets us write; a replica keeps them.
 *
 * KEYS  1 index, 2 executions
 * ARGV  1 execution, 2 checkpoint prefix, 3 TTL in ms to renew or 0
 * Reply {expired entries dropped, id, payload} or {expired entries dropped}
 */
export const latest = make({
  name: "latest",
  repeatable: true,
  lua:
    `${ownerOf.lua}${isGone.lua}${unindex.lua}${livingHead.lua}${lacking.lua}${lackingUnindex.lua}${renew.lua}${renewIndex.lua}
local id, _, gone = living_head(KEYS[1], ARGV[2], ARGV[1])
if #gone > 0 and not lacking_unindex(KEYS[1], KEYS[2]) then pcall(unindex, 'zset', KEYS[1], gone, KEYS[2], ARGV[1]) end
if not id then return {#gone} end
local payload = redis.call('GET', ARGV[2] .. id)
if ARGV[3] ~= '0' then
  renew(ARGV[2] .. id, tonumber(ARGV[3]))
  renew_index(KEYS[1], tonumber(ARGV[3]))
end
return {#gone, id, payload}`,
  model: (redis, [index = "", executions = ""], [execution = "", prefix = "", ttl = "0"]) => {
    const { gone, id } = livingHead.model(redis, index, prefix, execution)
    if (gone.length > 0) unindex.model(redis, "zset", index, gone, executions, execution)
    if (id === undefined) return [gone.length]
    if (ttl !== "0") {
      renew.model(redis, prefix + id, Number(ttl))
      renewIndex.model(redis, index, Number(ttl))
    }
    return [gone.length, id, redis.call("GET", prefix + id)]
  }
})
