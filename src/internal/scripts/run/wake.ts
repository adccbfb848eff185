import { make } from "../../../services/RedisScript.js"
import { lacking } from "../lacking.js"
import { plan, serverNow, tell } from "./parts.js"

/**
 * Has an execution looked at now, if it waits or sleeps, or as soon as it would: something below it was
 * answered. It needs no lease.
 *
 * KEYS  1 run, 2 due
 * ARGV  1 execution
 * Reply 1
 */
export const wake = make({
  name: "wake",
  repeatable: true,
  lua: `${serverNow.lua}${plan.lua}${tell.lua}${lacking.lua}
local refusal = server_now() and lacking(KEYS[1] .. '\\0', {'HGET', KEYS[1], 'ZADD', KEYS[2]})
if refusal then return refusal end
tell(KEYS[1], KEYS[2], ARGV[1], heard(KEYS[1], KEYS[2], ARGV[1]))
return 1`,
  model: (redis, [run = "", due = ""], [execution = ""]) => {
    tell.model(redis, run, due, execution, tell.heard(redis, run, due, execution))
    return 1
  }
})
