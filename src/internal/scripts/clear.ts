import { make } from "../../services/RedisScript.js"
import { card, doom, doomed, some, sweep } from "./doomed.js"
import { lacking } from "./lacking.js"
import { has, isGone, ownerOf, renew, unindex, unlink } from "./parts.js"

/**
 * Deletes the oldest checkpoints of an execution with their index entries, and dooms the index with the
 * others: at the end of this step nothing of it is to be seen.
 *
 * KEYS  1 index, 2 executions
 * ARGV  1 execution, 2 index kind, 3 checkpoint prefix, 4 most checkpoints to delete
 * Reply {checkpoints that the execution had, doomed entries left}
 */
export const clear = make({
  name: "clear",
  lua: `${ownerOf.lua}${isGone.lua}${has.lua}${unindex.lua}${unlink.lua}${renew.lua}
${card.lua}${some.lua}${doomed.lua}${doom.lua}${sweep.lua}${lacking.lua}
local index, execution, kind, prefix, limit = KEYS[1], ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local levels, size, ids = doomed(kind, index), card(kind, index), some(kind, index, limit)
redis.call('ZSCORE', KEYS[2], execution)
local take = kind == 'set' and 'SREM' or 'ZREM'
local refusal = lacking(index .. '\\0', {take, index, 'UNLINK', index, 'EXISTS', index, 'ZREM', KEYS[2]})
if not refusal and (size > #ids or levels > 0) then
  refusal = lacking(index .. '\\0', {'RENAME', index, 'PTTL', index, 'PERSIST', index, 'PEXPIRE', index,
    kind == 'set' and 'SISMEMBER' or 'ZSCORE', index})
end
if refusal then return refusal end
local removed = unlink(prefix, ids, execution) + size - #ids
if size > #ids then
  unindex(kind, index, ids, '', '')
  doom(index, levels)
elseif size > 0 then
  redis.call('UNLINK', index)
end
unindex(kind, index, {}, KEYS[2], execution)
return {removed, sweep(kind, index, prefix, execution, limit - #ids)}`,
  model: (redis, [index = "", executions = ""], [execution = "", kind = "", prefix = "", limitText]) => {
    const limit = Number(limitText)
    const { levels } = doomed.model(redis, kind, index)
    const size = card.model(redis, kind, index)
    const ids = some.model(redis, kind, index, limit)
    redis.call("ZSCORE", executions, execution)
    const removed = unlink.model(redis, prefix, ids, execution) + size - ids.length
    unindex.model(redis, kind, index, ids, "", "")
    if (size > ids.length) doom.model(redis, index, levels)
    unindex.model(redis, kind, index, [], executions, execution)
    return [removed, sweep.model(redis, kind, index, prefix, execution, limit - ids.length)]
  }
})
