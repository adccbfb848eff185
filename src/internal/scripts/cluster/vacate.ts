import { make } from "../../../services/RedisScript.js"
import { micros } from "./parts.js"

/**
 * Takes out executions that were found without checkpoints, unless one was named lately: its checkpoint
 * may be on its way.
 *
 * KEYS  1 executions
 * ARGV  1 how lately, in microseconds, 2… executions
 * Reply the number taken out
 */
export const vacate = make({
  name: "vacate",
  repeatable: true,
  lua: `${micros.lua}
local before, gone = micros() - ARGV[1], 0
for i = 2, #ARGV do
  local score = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if score and tonumber(score) < before then gone = gone + redis.call('ZREM', KEYS[1], ARGV[i]) end
end
return gone`,
  model: (redis, [executions = ""], [lately, ...names]) => {
    const before = micros.model(redis) - Number(lately)
    return names.filter((execution) => {
      const score = redis.call("ZSCORE", executions, execution)
      return score !== null && Number(score) < before && redis.call("ZREM", executions, execution) === 1
    }).length
  }
})
