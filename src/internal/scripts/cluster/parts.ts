/** Functions that the scripts of a cluster share: the Lua, and beside it its twin for the models. */
import type { ScriptContext } from "../../../services/RedisScript.js"

/** The server's time in whole microseconds. */
export const micros = {
  lua: `
local function micros()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end`,
  model: (redis: ScriptContext): number => {
    const [seconds, rest] = redis.call("TIME") as ReadonlyArray<string>
    return Number(seconds) * 1_000_000 + Number(rest)
  }
}
