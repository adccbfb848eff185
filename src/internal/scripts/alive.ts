import { make } from "../../services/RedisScript.js"
import { lacking, lackingUnindex } from "./lacking.js"
import { list, livingHead, missing, ownerOf, unindex } from "./parts.js"

/**
 * Whether an execution has a living checkpoint. Drops the expired entries that
 * it meets, and the execution if none is left.
 *
 * KEYS  1 index, 2 executions
 * ARGV  1 execution, 2 index kind, 3 checkpoint prefix
 * Reply 1 or 0
 */
export const alive = make({
  name: "alive",
  repeatable: true,
  lua: `${ownerOf.lua}${missing.lua}${unindex.lua}${livingHead.lua}${lacking.lua}${lackingUnindex.lua}
local index, gone, living = KEYS[1], {}, false
if ARGV[2] == 'set' then
  local ids = redis.call('SMEMBERS', index)
  gone = missing(ARGV[3], ids, ARGV[1])
  living = #ids > #gone
else
  local version
  living, version, gone = living_head(index, ARGV[3], ARGV[1])
end
if (#gone > 0 or not living) and not lacking_unindex(index, KEYS[2]) then pcall(unindex, ARGV[2], index, gone, KEYS[2], ARGV[1]) end
return living and 1 or 0`,
  model: (redis, [index = "", executions = ""], [execution = "", kind = "", prefix = ""]) => {
    if (kind === "set") {
      const ids = list(redis.call("SMEMBERS", index))
      const gone = missing.model(redis, prefix, ids, execution)
      if (gone.length === ids.length || gone.length > 0) {
        unindex.model(redis, kind, index, gone, executions, execution)
      }
      return ids.length > gone.length ? 1 : 0
    }
    const { gone, id } = livingHead.model(redis, index, prefix, execution)
    if (gone.length > 0 || id === undefined) unindex.model(redis, kind, index, gone, executions, execution)
    return id === undefined ? 0 : 1
  }
})
