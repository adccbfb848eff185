/**
 * All keys under a prefix at one instant, read by one script over a raw
 * connection, so that it can be taken while others write.
 */
import { Effect } from "effect"
import type { RawRedis, RawRedisError, Reply } from "../support/RawRedis.js"

export interface Row {
  readonly type: string
  /** Milliseconds to live; -1: for ever. */
  readonly left: number
  /** Of a string its value; of a sorted set members and scores by turns; of a set its members. */
  readonly content: ReadonlyArray<string>
}

export type Snapshot = ReadonlyMap<string, Row>

/** Indexes are read before strings: a time to live only shrinks, so an index that lives as long as its members does so here. */
const lua = `
local rows, strings, cursor, prefix = {}, {}, '0', ARGV[1]
repeat
  local page = redis.call('SCAN', cursor, 'COUNT', 1000)
  cursor = page[1]
  for _, key in ipairs(page[2]) do
    if key:sub(1, #prefix) == prefix then
      local kind = redis.call('TYPE', key)['ok']
      if kind == 'string' then
        strings[#strings + 1] = key
      elseif kind ~= 'none' then
        local left, content = redis.call('PTTL', key), {}
        if kind == 'zset' then content = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES') end
        if kind == 'set' then content = redis.call('SMEMBERS', key) end
        rows[#rows + 1] = {key, kind, left, content}
      end
    end
  end
until cursor == '0'
for _, key in ipairs(strings) do
  rows[#rows + 1] = {key, 'string', redis.call('PTTL', key), {redis.call('GET', key)}}
end
return rows`

const rowOf = (reply: Reply): readonly [string, Row] => {
  const [key, type, left, content] = reply as readonly [string, string, number, ReadonlyArray<string>]
  return [key, { type, left, content }]
}

export const take = (raw: RawRedis, prefix: string): Effect.Effect<Snapshot, RawRedisError> =>
  Effect.map(raw.send("EVAL", lua, 0, prefix), (rows) => new Map((rows as ReadonlyArray<Reply>).map(rowOf)))
