import { make } from "../../../services/RedisScript.js"
import { list } from "../parts.js"
import { saving } from "../save.js"
import { boundTo } from "./parts.js"

/**
 * Moves the head of an execution: the save of a checkpoint by compare-and-set, if the token still
 * holds the execution. What was recorded under the old head goes in the same step, unless it is kept.
 * What is as it has to be is not written again, so that most commits write two keys and no more. A save
 * without a TTL leaves its index without one, too: the run does not have to ask.
 *
 * KEYS  1 run, 2 memos, then the keys of `save`
 * ARGV  1 token, 2 lease in ms, 3 "keep" or "drop": the memos, then the arguments of `save`
 * Reply that of `save`, or {"fenced"}
 */
export const commit = make({
  name: "commit",
  repeatable: true,
  batchable: true,
  lua: `${saving.lua}${boundTo.lua}
local run, memos, keeps, ttl = KEYS[1], KEYS[2], ARGV[3] == 'keep', tonumber(ARGV[8])
local held = redis.call('HMGET', run, 'token', 'claims')
if held[1] ~= ARGV[1] then
  if KEYS[6] then redis.call('UNLINK', KEYS[6]) end
  return {'fenced'}
end
local free, got_on, recorded = run .. '\\0', held[2] == '0', redis.call('HLEN', memos) > 0
local refusal = lacks(free, 'PTTL', run) or lacks(free, 'PERSIST', run) or (ttl > 0 and lacks(free, 'PEXPIRE', run))
  or (not got_on and lacks(free, 'HSET', run)) or (recorded and not keeps and lacks(free, 'UNLINK', memos))
if refusal then return refusal end
local reply = save({unpack(KEYS, 3)}, {unpack(ARGV, 4)})
if reply[1] == 'ok' and not reply[3] then
  if recorded then
    if keeps then bound_to(KEYS[4], memos, 1) else redis.call('UNLINK', memos) end
  end
  if not got_on then redis.call('HSET', run, 'claims', 0) end
  if ttl > 0 then bound_to(KEYS[4], run, tonumber(ARGV[2])) else redis.call('PERSIST', run) end
end
return reply`,
  model: (redis, [run = "", memos = "", ...keys], [token = "", lease, kept, ...args]) => {
    const [holder, claims] = list(redis.call("HMGET", run, "token", "claims"))
    if (holder !== token) {
      if (keys[3] !== undefined) redis.call("UNLINK", keys[3])
      return ["fenced"]
    }
    const recorded = Number(redis.call("HLEN", memos)) > 0
    const reply = saving.model(redis, keys, args)
    if (Array.isArray(reply) && reply[0] === "ok" && reply[2] === undefined) {
      if (recorded) {
        if (kept === "keep") boundTo.model(redis, keys[1] ?? "", memos, 1)
        else redis.call("UNLINK", memos)
      }
      if (claims !== "0") redis.call("HSET", run, "claims", 0)
      if (Number(args[4]) > 0) boundTo.model(redis, keys[1] ?? "", run, Number(lease))
      else redis.call("PERSIST", run)
    }
    return reply
  }
})
