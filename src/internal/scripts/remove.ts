import { make } from "../../services/RedisScript.js"
import { lacking, lackingUnindex } from "./lacking.js"
import { ownerOf, unindex } from "./parts.js"

/**
 * Deletes one checkpoint and its index entry.
 *
 * KEYS  1 checkpoint, 2 executions, 3 index (absent: it is that of the execution which the checkpoint names)
 * ARGV  1 id, 2 index kind, 3 index prefix, 4 index suffix
 * Reply 1 if it existed, else 0
 */
export const remove = make({
  name: "delete",
  batchable: true,
  lua: `${ownerOf.lua}${unindex.lua}${lacking.lua}${lackingUnindex.lua}
local function delete(KEYS, ARGV)
local owner = owner_at(KEYS[1])
if owner and owner ~= '' then
  redis.call('ZSCORE', KEYS[2], owner)
  local index = KEYS[3] or ARGV[3] .. owner .. ARGV[4]
  local refusal = lacking_unindex(index, KEYS[2])
  if refusal then return refusal end
  unindex(ARGV[2], index, {ARGV[1]}, KEYS[2], owner)
end
return redis.call('UNLINK', KEYS[1])
end
return delete(KEYS, ARGV)`,
  model: (redis, [data = "", executions = "", index], [id = "", kind = "", prefix = "", suffix = ""]) => {
    const value = redis.call("GET", data)
    if (value === null) return 0
    const owner = ownerOf.model(value)
    if (owner !== undefined && owner !== "") {
      redis.call("ZSCORE", executions, owner)
      unindex.model(redis, kind, index ?? prefix + owner + suffix, [id], executions, owner)
    }
    return redis.call("UNLINK", data)
  }
})
