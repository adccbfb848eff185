import { make } from "../../../services/RedisScript.js"
import { lacking } from "../lacking.js"
import { livingHead, missing, ownerOf, renew } from "../parts.js"
import { boundTo, holds } from "./parts.js"

/**
 * Records a result under the head of an execution; the first writer wins. Progress keeps the
 * execution alive: the head and its index are renewed.
 *
 * KEYS  1 run, 2 memos, 3 index
 * ARGV  1 token, 2 version of the head, 3 field, 4 value, 5 checkpoint prefix, 6 execution, 7 TTL in ms or 0
 * Reply {"ok"}, {"ok", the value that was first}, {"fenced"} or {"conflict", head}
 */
export const memo = make({
  name: "memo",
  repeatable: true,
  batchable: true,
  lua: `${ownerOf.lua}${missing.lua}${livingHead.lua}${renew.lua}${holds.lua}${boundTo.lua}${lacking.lua}
local run, memos, index = KEYS[1], KEYS[2], KEYS[3]
local prefix, execution, ttl = ARGV[5], ARGV[6], tonumber(ARGV[7])
if not holds(run, ARGV[1]) then return {'fenced'} end
local id, head = living_head(index, prefix, execution)
if not id or tonumber(head) ~= tonumber(ARGV[2]) then return {'conflict', head} end
local refusal = lacking(run .. '\\0', {'PTTL', index, 'PERSIST', memos, 'PEXPIRE', memos, 'HSET', run})
if refusal then return refusal end
local won = redis.call('HSETNX', memos, ARGV[3], ARGV[4])
if ttl > 0 then
  renew(prefix .. id, ttl)
  renew(index, ttl)
end
bound_to(index, memos, 1)
bound_to(index, run, 1)
if won == 1 then
  redis.call('HSET', run, 'claims', 0)
  return {'ok'}
end
return {'ok', redis.call('HGET', memos, ARGV[3])}`,
  model: (redis, [run = "", memos = "", index = ""], args) => {
    const [token = "", base, field = "", value = "", prefix = "", execution = "", ttl] = args
    if (!holds.model(redis, run, token)) return ["fenced"]
    const { id, version } = livingHead.model(redis, index, prefix, execution)
    if (id === undefined || Number(version) !== Number(base)) return ["conflict", version]
    const won = redis.call("HSETNX", memos, field, value)
    if (Number(ttl) > 0) {
      renew.model(redis, prefix + id, Number(ttl))
      renew.model(redis, index, Number(ttl))
    }
    boundTo.model(redis, index, memos, 1)
    boundTo.model(redis, index, run, 1)
    if (won === 1) redis.call("HSET", run, "claims", 0)
    return won === 1 ? ["ok"] : ["ok", redis.call("HGET", memos, field)]
  }
})
