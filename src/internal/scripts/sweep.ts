import { make } from "../../services/RedisScript.js"
import { card, doomed, some, sweep as sweeping } from "./doomed.js"
import { lacking } from "./lacking.js"
import { has, isGone, ownerOf, unindex, unlink } from "./parts.js"

/**
 * Deletes checkpoints of an execution that was cleared.
 *
 * KEYS  1 index, 2 anything: it only guards
 * ARGV  1 execution, 2 index kind, 3 checkpoint prefix, 4 most checkpoints to delete
 * Reply doomed entries left
 */
export const sweep = make({
  name: "sweep",
  repeatable: true,
  lua:
    `${ownerOf.lua}${isGone.lua}${has.lua}${unindex.lua}${unlink.lua}${card.lua}${some.lua}${doomed.lua}${sweeping.lua}${lacking.lua}
local refusal = lacking(KEYS[1] .. '\\0', {'UNLINK', KEYS[1], ARGV[2] == 'set' and 'SREM' or 'ZREM', KEYS[1]})
if refusal then return refusal end
return sweep(ARGV[2], KEYS[1], ARGV[3], ARGV[1], tonumber(ARGV[4]))`,
  model: (redis, [index = ""], [execution = "", kind = "", prefix = "", limit]) =>
    sweeping.model(redis, kind, index, prefix, execution, Number(limit))
})
