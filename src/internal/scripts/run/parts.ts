/** Functions that the scripts of the runner share: the Lua, and beside it its twin for the models. */
import type { Reply } from "../../../services/RedisReply.js"
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

/**
 * When somebody is to look at an execution: its place among the due ones of its graph. Of a child the
 * time is kept beside its lease alone, since only who holds its root runs it.
 */
export const plan = {
  lua: `
local function plan(run, due, at, execution)
  if redis.call('HGET', run, 'root') then redis.call('HSET', run, 'at', at)
  else redis.call('ZADD', due, at, execution) end
end`,
  model: (redis: ScriptContext, run: string, due: string, at: string | number, execution: string): void => {
    if (redis.call("HGET", run, "root") === null) redis.call("ZADD", due, at, execution)
    else redis.call("HSET", run, "at", at)
  }
}

/**
 * Tells an execution that something it waits for was answered: one that waits or sleeps is due now, one
 * that runs will be. Needs `serverNow` and `plan`; its first half reads, so that it can refuse.
 */
export const tell = {
  lua: `
local function heard(run, due, execution)
  return redis.call('HGET', run, 'status'), redis.call('ZSCORE', due, execution)
end
local function tell(run, due, execution, status, planned)
  local open = status == 'waiting' or status == 'sleeping'
  if status then redis.call('HSET', run, 'answered', 1) end
  if open then redis.call('HSET', run, 'status', 'answered') end
  if open or (planned and not status) then plan(run, due, server_now(), execution) end
end`,
  heard: (redis: ScriptContext, run: string, due: string, execution: string) => ({
    status: redis.call("HGET", run, "status"),
    planned: redis.call("ZSCORE", due, execution)
  }),
  model: (
    redis: ScriptContext,
    run: string,
    due: string,
    execution: string,
    { planned, status }: { readonly status: Reply; readonly planned: Reply }
  ): void => {
    const open = status === "waiting" || status === "sleeping"
    if (status !== null) redis.call("HSET", run, "answered", 1)
    if (open) redis.call("HSET", run, "status", "answered")
    if (open || (planned !== null && status === null)) plan.model(redis, run, due, serverNow.model(redis), execution)
  }
}
