import { make } from "../../../services/RedisScript.js"
import { micros } from "./parts.js"

/**
 * Says that somebody is to look at an unfinished execution now.
 *
 * KEYS  1 due
 * ARGV  1 execution
 * Reply 1 if it is unfinished
 */
export const hasten = make({
  name: "hasten",
  repeatable: true,
  lua: `${micros.lua}
local planned, now = redis.call('ZSCORE', KEYS[1], ARGV[1]), math.floor(micros() / 1000)
if not planned then return 0 end
if tonumber(planned) > now then redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1]) end
return 1`,
  model: (redis, [due = ""], [execution = ""]) => {
    const planned = redis.call("ZSCORE", due, execution)
    const now = Math.floor(micros.model(redis) / 1000)
    if (planned === null) return 0
    if (planned === "inf" || Number(planned) > now) redis.call("ZADD", due, now, execution)
    return 1
  }
})
