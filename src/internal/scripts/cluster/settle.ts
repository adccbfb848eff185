import { make } from "../../../services/RedisScript.js"

/**
 * Replaces a plan by when an execution is really to be looked at, if nobody has planned since. Earlier
 * than another's plan is always safe; later could forget it.
 *
 * KEYS  1 due
 * ARGV  1 execution, 2 the plan that is replaced, 3 the time in ms, or "": never any more
 * Reply 1 if that is when it is looked at now
 */
export const settle = make({
  name: "settle",
  repeatable: true,
  lua: `
local planned = redis.call('ZSCORE', KEYS[1], ARGV[1])
local mine = planned and tonumber(planned) == tonumber(ARGV[2])
if ARGV[3] == '' then return mine and redis.call('ZREM', KEYS[1], ARGV[1]) or 0 end
if not mine and planned and tonumber(planned) <= tonumber(ARGV[3]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
return 1`,
  model: (redis, [due = ""], [execution = "", plan, at = ""]) => {
    const planned = redis.call("ZSCORE", due, execution)
    const mine = planned !== null && numberOf(planned) === numberOf(plan)
    if (at === "") return mine ? redis.call("ZREM", due, execution) : 0
    if (!mine && planned !== null && numberOf(planned) <= numberOf(at)) return 0
    redis.call("ZADD", due, at, execution)
    return 1
  }
})

const numberOf = (score: unknown): number => score === "inf" ? Infinity : Number(score)
