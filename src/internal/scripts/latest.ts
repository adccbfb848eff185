import { make } from "../../services/RedisScript.js"
import { lacking, lackingUnindex } from "./lacking.js"
import { isGone, livingHead, ownerOf, renew, renewIndex, unindex } from "./parts.js"

/** The highest living entry, where the end of the highest one's JSON does not tell at once that it is alive. */
const searched = `${ownerOf.lua}${isGone.lua}${unindex.lua}${livingHead.lua}${lacking.lua}${lackingUnindex.lua}
local highest, _, gone = id
id, _, gone = living_head(index, prefix, execution)
dropped = #gone
if dropped > 0 and not lacking_unindex(index, KEYS[2]) then pcall(unindex, 'zset', index, gone, KEYS[2], execution) end
if id and id ~= highest then payload = redis.call('GET', prefix .. id) end`

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
  lua: `
local index, execution, prefix, dropped = KEYS[1], ARGV[1], ARGV[2], 0
local id = redis.call('ZREVRANGE', index, '0', '0')[1]
local payload = id and redis.call('GET', prefix .. id)
local at = payload and payload:find('"execution_id":"', -256, true)
local owner = at and ${ownerOf.named("payload")}
if id and owner ~= execution then
  ${searched}
end
if not id then return {dropped} end
if ARGV[3] ~= '0' then
  ${renew.lua}${renewIndex.lua}
  renew(prefix .. id, tonumber(ARGV[3]))
  renew_index(index, tonumber(ARGV[3]))
end
return {dropped, id, payload}`,
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
