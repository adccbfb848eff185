import { make } from "../../../services/RedisScript.js"
import { micros } from "./parts.js"

/**
 * Says that somebody is to look at an execution once a lease from now has run out. No two plans are equal.
 *
 * KEYS  1 due
 * ARGV  1 execution, 2 lease in ms
 * Reply {the plan: the time in ms, what it replaces or ""}
 */
export const plan = make({
  name: "plan",
  repeatable: true,
  lua: `${micros.lua}
local before, at = redis.call('ZSCORE', KEYS[1], ARGV[1]), string.format('%.3f', micros() / 1000 + ARGV[2])
redis.call('ZADD', KEYS[1], at, ARGV[1])
return {at, before or ''}`,
  model: (redis, [due = ""], [execution = "", lease]) => {
    const before = redis.call("ZSCORE", due, execution)
    const at = (micros.model(redis) / 1000 + Number(lease)).toFixed(3)
    redis.call("ZADD", due, at, execution)
    return [at, before ?? ""]
  }
})
