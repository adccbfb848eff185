import { make } from "../../services/RedisScript.js"
import { lacking, lackingUnindex } from "./lacking.js"
import { missing, ownerOf, unindex } from "./parts.js"

/**
 * Drops index entries that a reader found without a checkpoint, unless one has
 * been saved since.
 *
 * KEYS  1 index, 2 executions
 * ARGV  1 execution, 2 index kind, 3 checkpoint prefix, 4… ids
 * Reply entries dropped
 */
export const forget = make({
  name: "forget",
  repeatable: true,
  lua: `${ownerOf.lua}${missing.lua}${unindex.lua}${lacking.lua}${lackingUnindex.lua}
local ids = {}
for i = 4, #ARGV do ids[#ids + 1] = ARGV[i] end
local gone = missing(ARGV[3], ids, ARGV[1])
local refusal = lacking_unindex(KEYS[1], KEYS[2])
if refusal then return refusal end
unindex(ARGV[2], KEYS[1], gone, KEYS[2], ARGV[1])
return #gone`,
  model: (redis, [index = "", executions = ""], [execution = "", kind = "", prefix = "", ...ids]) => {
    const gone = missing.model(redis, prefix, ids, execution)
    unindex.model(redis, kind, index, gone, executions, execution)
    return gone.length
  }
})
