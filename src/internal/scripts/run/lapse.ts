import { make } from "../../../services/RedisScript.js"

/**
 * Takes an execution of which nothing is left from the unfinished.
 *
 * KEYS  1 run, 2 index, 3 due
 * ARGV  1 execution
 * Reply 1 if it went
 */
export const lapse = make({
  name: "lapse",
  repeatable: true,
  lua: `
if redis.call('EXISTS', KEYS[1], KEYS[2]) > 0 then return 0 end
return redis.call('ZREM', KEYS[3], ARGV[1])`,
  model: (redis, [run = "", index = "", due = ""], [execution = ""]) =>
    Number(redis.call("EXISTS", run, index)) > 0 ? 0 : redis.call("ZREM", due, execution)
})
