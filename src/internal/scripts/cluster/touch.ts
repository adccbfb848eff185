import { make } from "../../../services/RedisScript.js"
import { micros } from "./parts.js"

/**
 * Puts executions in front of all.
 *
 * KEYS  1 executions
 * ARGV  executions
 * Reply their number
 */
export const touch = make({
  name: "touch",
  repeatable: true,
  lua: `${micros.lua}
local now = string.format('%.0f', micros())
for _, execution in ipairs(ARGV) do redis.call('ZADD', KEYS[1], now, execution) end
return #ARGV`,
  model: (redis, [executions = ""], names) => {
    const now = micros.model(redis)
    for (const execution of names) redis.call("ZADD", executions, now, execution)
    return names.length
  }
})
