import { make } from "../../../services/RedisScript.js"
import { lacking } from "../lacking.js"
import { list, renew as lengthen } from "../parts.js"
import { boundTo, holds, plan, serverNow } from "./parts.js"

/**
 * Prolongs a lease; whoever has lost it gets 0. What runs does not expire: the head and what lies
 * beside it live at least the TTL on.
 *
 * KEYS  1 run, 2 due, 3 memos, 4 index
 * ARGV  1 token, 2 lease in ms, 3 execution, 4 checkpoint prefix, 5 TTL in ms or 0
 * Reply 1 or 0
 */
export const renew = make({
  name: "renew",
  repeatable: true,
  batchable: true,
  lua: `${serverNow.lua}${holds.lua}${boundTo.lua}${lengthen.lua}${plan.lua}${lacking.lua}
local run, due, memos, index = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
if not holds(run, ARGV[1]) then return 0 end
local lease, ttl, head = tonumber(ARGV[2]), tonumber(ARGV[5]), redis.call('ZREVRANGE', index, 0, 0)
local ends = server_now() + lease
local refusal = lacking(run .. '\\0', {'HSET', run, 'PTTL', run, 'PEXPIRE', run, 'PERSIST', run})
if refusal then return refusal end
plan(run, due, ends, ARGV[3])
redis.call('HSET', run, 'until', ends)
if ttl > 0 and head[1] then
  renew(ARGV[4] .. head[1], ttl)
  renew(index, ttl)
  bound_to(index, memos, 1)
  bound_to(index, run, 1)
end
local left = redis.call('PTTL', run)
if left >= 0 and left < lease then redis.call('PEXPIRE', run, lease) end
return 1`,
  model: (
    redis,
    [run = "", due = "", memos = "", index = ""],
    [token = "", lease, execution = "", prefix = "", ttl]
  ) => {
    if (!holds.model(redis, run, token)) return 0
    const [head] = list(redis.call("ZREVRANGE", index, 0, 0))
    const ends = serverNow.model(redis) + Number(lease)
    plan.model(redis, run, due, ends, execution)
    redis.call("HSET", run, "until", ends)
    if (Number(ttl) > 0 && head !== undefined) {
      lengthen.model(redis, prefix + head, Number(ttl))
      lengthen.model(redis, index, Number(ttl))
      boundTo.model(redis, index, memos, 1)
      boundTo.model(redis, index, run, 1)
    }
    const left = Number(redis.call("PTTL", run))
    if (left >= 0 && left < Number(lease)) redis.call("PEXPIRE", run, Number(lease))
    return 1
  }
})
