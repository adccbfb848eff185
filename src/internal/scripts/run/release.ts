import type { ScriptContext } from "../../../services/RedisScript.js"
import { make } from "../../../services/RedisScript.js"
import { lacking } from "../lacking.js"
import { holds, plan, serverNow } from "./parts.js"

/**
 * Gives an execution back, with what it now is and when somebody is to look at it again. One that
 * waits or sleeps, and was answered since it was claimed, is due at once. `restore` makes it what it
 * was when it was claimed.
 *
 * KEYS  1 run, 2 due
 * ARGV  1 token, 2 execution, 3 status, "completed": nothing is kept, or "restore", 4 ms from now (of a
 *       restored one that was due: at least), "at", or "never", 5 the server's time in ms for "at"
 * Reply 1, or 0 when it was no longer held
 */
const lua = `${serverNow.lua}${holds.lua}${plan.lua}${lacking.lua}
local run, due, execution, status, when = KEYS[1], KEYS[2], ARGV[2], ARGV[3], ARGV[4]
if not holds(run, ARGV[1]) then return 0 end
local now, was = server_now(), redis.call('HMGET', run, 'was', 'was_due', 'answered')
local refusal = lacking(run .. '\\0', {'UNLINK', run, 'HSET', run, 'HDEL', run})
if refusal then return refusal end
if status == 'completed' or (status == 'restore' and was[1] == '') then
  redis.call('ZREM', due, execution)
  redis.call('UNLINK', run)
  return 1
end
local at = 'inf'
if status == 'restore' then
  status = was[1]
  if was[2] ~= '' and was[2] ~= 'inf' then at = math.max(tonumber(was[2]), now + tonumber(when)) end
elseif when == 'at' then
  at = ARGV[5]
elseif when ~= 'never' then
  at = now + tonumber(when)
end
if was[3] and (status == 'waiting' or status == 'sleeping') then status, at = 'answered', now end
plan(run, due, at, execution)
redis.call('HDEL', run, 'token', 'until')
redis.call('HSET', run, 'status', status, 'claims', 0)
return 1`

const restored = (wasDue: string, now: number, when: string): string | number =>
  wasDue === "" || wasDue === "inf" ? "inf" : Math.max(Number(wasDue), now + Number(when))

const fresh = (now: number, when: string, at: string): string | number => {
  if (when === "at") return at
  return when === "never" ? "inf" : now + Number(when)
}

const forget = (redis: ScriptContext, run: string, due: string, execution: string): number => {
  redis.call("ZREM", due, execution)
  redis.call("UNLINK", run)
  return 1
}

export const release = make({
  name: "release",
  repeatable: true,
  lua,
  model: (redis, [run = "", due = ""], [token = "", execution = "", wanted = "", when = "", at = ""]) => {
    if (!holds.model(redis, run, token)) return 0
    const now = serverNow.model(redis)
    const [was, wasDue, answered] = redis.call("HMGET", run, "was", "was_due", "answered") as ReadonlyArray<string>
    if (wanted === "completed" || (wanted === "restore" && was === "")) return forget(redis, run, due, execution)
    const status = wanted === "restore" ? String(was) : wanted
    const then = wanted === "restore" ? restored(String(wasDue), now, when) : fresh(now, when, at)
    const wake = answered !== null && (status === "waiting" || status === "sleeping")
    plan.model(redis, run, due, wake ? now : then, execution)
    redis.call("HDEL", run, "token", "until")
    redis.call("HSET", run, "status", wake ? "answered" : status, "claims", 0)
    return 1
  }
})
