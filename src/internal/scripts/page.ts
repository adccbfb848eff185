import type { ScriptContext } from "../../services/RedisScript.js"
import { make } from "../../services/RedisScript.js"

/**
 * How many entries stand before a position (score, member) of a sorted set.
 * Compares bytes itself: Lua's `<` follows the server's locale, Redis' order does not.
 */
const rank = {
  lua: `
local function precedes(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y then return x < y end
  end
  return #a < #b
end
local function rank(key, score, member, inclusive)
  local low = redis.call('ZCOUNT', key, '-inf', '(' .. score)
  local high = redis.call('ZCOUNT', key, '-inf', score)
  if member == '' then return inclusive and high or low end
  while low < high do
    local middle = math.floor((low + high) / 2)
    local other = redis.call('ZRANGE', key, middle, middle)[1]
    if precedes(other, member) or (inclusive and other == member) then low = middle + 1 else high = middle end
  end
  return low
end`,
  model: (redis: ScriptContext, key: string, score: string, member: string, inclusive: boolean): number => {
    let low = Number(redis.call("ZCOUNT", key, "-inf", `(${score}`))
    let high = Number(redis.call("ZCOUNT", key, "-inf", score))
    if (member === "") return inclusive ? high : low
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const [other = ""] = redis.call("ZRANGE", key, middle, middle) as ReadonlyArray<string>
      if (other < member || (inclusive && other === member)) low = middle + 1
      else high = middle
    }
    return low
  }
}

/**
 * Entries strictly between two positions, in either order. A position is a
 * score and a member, or a score alone.
 *
 * KEYS  1 sorted set
 * ARGV  1 "asc" or "desc", 2 most entries or -1, 3 after score or "", 4 after member or "",
 *       5 before score or "", 6 before member or ""
 * Reply member, score, member, score …
 */
export const page = make({
  name: "page",
  repeatable: true,
  lua: `${rank.lua}
local key, limit, size = KEYS[1], tonumber(ARGV[2]), redis.call('ZCARD', KEYS[1])
local low, high = 0, size
if ARGV[3] ~= '' then low = rank(key, ARGV[3], ARGV[4], true) end
if ARGV[5] ~= '' then high = rank(key, ARGV[5], ARGV[6], false) end
if limit < 0 or limit > high - low then limit = high - low end
if limit <= 0 then return {} end
if ARGV[1] == 'asc' then return redis.call('ZRANGE', key, low, low + limit - 1, 'WITHSCORES') end
return redis.call('ZREVRANGE', key, size - high, size - high + limit - 1, 'WITHSCORES')`,
  model: (redis, [key = ""], [order, limitText, after = "", afterId = "", before = "", beforeId = ""]) => {
    const size = Number(redis.call("ZCARD", key))
    const low = after === "" ? 0 : rank.model(redis, key, after, afterId, true)
    const high = before === "" ? size : rank.model(redis, key, before, beforeId, false)
    const most = Number(limitText)
    const limit = most < 0 || most > high - low ? high - low : most
    if (limit <= 0) return []
    return order === "asc"
      ? redis.call("ZRANGE", key, low, low + limit - 1, "WITHSCORES")
      : redis.call("ZREVRANGE", key, size - high, size - high + limit - 1, "WITHSCORES")
  }
})
