/** Functions that the scripts of the runner share: the Lua, and beside it its twin for the models. */
import type { ScriptContext } from "../../../services/RedisScript.js"

/** The server's time in whole milliseconds: the only clock that leases and wake-up times know. */
export const serverNow = {
  lua: `
local function server_now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end`,
  model: (redis: ScriptContext): number => {
    const [seconds, micros] = redis.call("TIME") as ReadonlyArray<string>
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
  }
}

/** Whether the execution is held by this fencing token. */
export const holds = {
  lua: `
local function holds(run, token) return redis.call('HGET', run, 'token') == token end`,
  model: (redis: ScriptContext, run: string, token: string): boolean => redis.call("HGET", run, "token") === token
}

/**
 * Lets a key beside an index expire when the index does. Without an index it
 * lives for `least` milliseconds, and never for less.
 */
export const boundTo = {
  lua: `
local function bound_to(index, key, least)
  local left = redis.call('PTTL', index)
  if left == -1 then redis.call('PERSIST', key)
  else redis.call('PEXPIRE', key, math.max(left, least)) end
end`,
  model: (redis: ScriptContext, index: string, key: string, least: number): void => {
    const left = Number(redis.call("PTTL", index))
    if (left === -1) redis.call("PERSIST", key)
    else redis.call("PEXPIRE", key, Math.max(left, least))
  }
}
