import { make } from "../../../services/RedisScript.js"

/**
 * Binds the id of a checkpoint to an execution, if it is bound to none. A binding lives at least as long
 * as was ever asked for.
 *
 * KEYS  1 locator
 * ARGV  1 execution, 2 TTL in ms or 0
 * Reply the execution that it is bound to
 */
export const locate = make({
  name: "locate",
  repeatable: true,
  lua: `
local owner, ttl = redis.call('GET', KEYS[1]), tonumber(ARGV[2])
if not owner then
  if ttl > 0 then redis.call('SET', KEYS[1], ARGV[1], 'PX', ttl) else redis.call('SET', KEYS[1], ARGV[1]) end
  return ARGV[1]
end
if owner ~= ARGV[1] then return owner end
local left = redis.call('PTTL', KEYS[1])
if ttl == 0 then redis.call('PERSIST', KEYS[1])
elseif left >= 0 and left < ttl then redis.call('PEXPIRE', KEYS[1], ttl) end
return owner`,
  model: (redis, [locator = ""], [execution = "", ttlText]) => {
    const owner = redis.call("GET", locator)
    const ttl = Number(ttlText)
    if (owner === null) {
      redis.call("SET", locator, execution, ...(ttl > 0 ? ["PX", ttl] : []))
      return execution
    }
    if (owner !== execution) return owner
    const left = Number(redis.call("PTTL", locator))
    if (ttl === 0) redis.call("PERSIST", locator)
    else if (left >= 0 && left < ttl) redis.call("PEXPIRE", locator, ttl)
    return owner
  }
})
