import { make } from "../../../services/RedisScript.js"
import { saving } from "../save.js"
import { boundTo, holds } from "./parts.js"

/**
 * Moves the head of an execution: the save of a checkpoint by compare-and-set, if the token still
 * holds the execution. What was recorded under the old head goes in the same step, unless it is kept.
 *
 * KEYS  1 run, 2 memos, then the keys of `save`
 * ARGV  1 token, 2 lease in ms, 3 "keep" or "drop": the memos, then the arguments of `save`
 * Reply that of `save`, or {"fenced"}
 */
export const commit = make({
  name: "commit",
  repeatable: true,
  batchable: true,
  lua: `${saving.lua}${holds.lua}${boundTo.lua}
local run, memos = KEYS[1], KEYS[2]
if not holds(run, ARGV[1]) then
  if KEYS[6] then redis.call('UNLINK', KEYS[6]) end
  return {'fenced'}
end
redis.call('HLEN', memos)
local refusal = lacking(run .. '\\0', {'HSET', run, 'PERSIST', run, 'PEXPIRE', run, 'UNLINK', memos, 'PTTL', run})
if refusal then return refusal end
local reply = save({unpack(KEYS, 3)}, {unpack(ARGV, 4)})
if reply[1] == 'ok' and not reply[3] then
  if ARGV[3] == 'keep' then bound_to(KEYS[4], memos, 1) else redis.call('UNLINK', memos) end
  redis.call('HSET', run, 'claims', 0)
  bound_to(KEYS[4], run, tonumber(ARGV[2]))
end
return reply`,
  model: (redis, [run = "", memos = "", ...keys], [token = "", lease, kept, ...args]) => {
    if (!holds.model(redis, run, token)) {
      if (keys[3] !== undefined) redis.call("UNLINK", keys[3])
      return ["fenced"]
    }
    redis.call("HLEN", memos)
    const reply = saving.model(redis, keys, args)
    if (Array.isArray(reply) && reply[0] === "ok" && reply[2] === undefined) {
      if (kept === "keep") boundTo.model(redis, keys[1] ?? "", memos, 1)
      else redis.call("UNLINK", memos)
      redis.call("HSET", run, "claims", 0)
      boundTo.model(redis, keys[1] ?? "", run, Number(lease))
    }
    return reply
  }
})
