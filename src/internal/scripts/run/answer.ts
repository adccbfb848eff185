import { make } from "../../../services/RedisScript.js"
import { lacking } from "../lacking.js"
import { livingHead, missing, ownerOf } from "../parts.js"
import { boundTo, plan, serverNow, tell } from "./parts.js"

/**
 * Records what somebody else answers to an execution that waits; the first answer wins. It needs no
 * lease. Who recovers executions is told to look at this one now.
 *
 * KEYS  1 run, 2 memos, 3 index, 4 due
 * ARGV  1 version of the head, 2 field, 3 value, 4 checkpoint prefix, 5 execution
 * Reply {"ok"}, {"ok", the answer that was first} or {"conflict", head}
 */
export const answer = make({
  name: "answer",
  repeatable: true,
  lua: `${ownerOf.lua}${missing.lua}${livingHead.lua}${serverNow.lua}${boundTo.lua}${plan.lua}${tell.lua}${lacking.lua}
local run, memos, index, due = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, head = living_head(index, ARGV[4], ARGV[5])
if not id or tonumber(head) ~= tonumber(ARGV[1]) then return {'conflict', head} end
local status, planned = heard(run, due, ARGV[5])
local refusal = server_now() and lacking(run .. '\\0',
  {'PTTL', index, 'PERSIST', memos, 'PEXPIRE', memos, 'HSET', run, 'ZADD', due})
if refusal then return refusal end
local won = redis.call('HSETNX', memos, ARGV[2], ARGV[3])
bound_to(index, memos, 1)
tell(run, due, ARGV[5], status, planned)
if won == 1 then return {'ok'} end
return {'ok', redis.call('HGET', memos, ARGV[2])}`,
  model: (redis, [run = "", memos = "", index = "", due = ""], args) => {
    const [base, field = "", value = "", prefix = "", execution = ""] = args
    const { id, version } = livingHead.model(redis, index, prefix, execution)
    if (id === undefined || Number(version) !== Number(base)) return ["conflict", version]
    const heard = tell.heard(redis, run, due, execution)
    const won = redis.call("HSETNX", memos, field, value)
    boundTo.model(redis, index, memos, 1)
    tell.model(redis, run, due, execution, heard)
    return won === 1 ? ["ok"] : ["ok", redis.call("HGET", memos, field)]
  }
})
