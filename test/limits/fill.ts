/** Large histories, written by the server itself: what the store would have written, a hundred times as fast. */
import { Effect } from "effect"
import { checkpointPrefix } from "../../src/internal/keys.js"
import { indexKey, type KeyLayout } from "../../src/services/KeyLayout.js"
import type { RawRedis } from "../support/RawRedis.js"

const lua = `
local index, prefix, execution, first, last = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
for version = first, last do
  local id = execution .. '@' .. string.format('%016d', version)
  redis.call('SET', prefix .. id, '{"id":"' .. id .. '","node_name":"node","state":{"step":' .. version ..
    '},"metadata":{"execution_id":"' .. execution .. '"},"timestamp":"2025-11-25T00:00:00.000Z","version":' .. version .. '}')
  if ARGV[5] == 'set' then redis.call('SADD', index, id) else redis.call('ZADD', index, version, id) end
end
redis.call('ZADD', KEYS[2], redis.call('TIME')[1] * 1000000, execution)
return last`

const chunk = 10_000

/** The id that `append` gives. */
export const idOf = (execution: string, version: number): string => `${execution}@${String(version).padStart(16, "0")}`

/** An execution with the versions from 1 on, small states, in a layout of one server. */
export const fill = (raw: RawRedis, layout: KeyLayout, execution: string, count: number, from = 1) =>
  Effect.forEach(
    Array.from({ length: Math.ceil(count / chunk) }, (_, i) => from + i * chunk),
    (first) =>
      raw.send(
        "EVAL",
        lua,
        2,
        indexKey(layout, execution),
        layout.executions,
        checkpointPrefix(layout, execution),
        execution,
        first,
        Math.min(first + chunk, from + count) - 1,
        layout.index
      ),
    { discard: true }
  )
