/** Long histories without the library: the server writes them itself. */
import { Effect } from "effect"
import type { Redis } from "ioredis"
import { layout, spec } from "./contenders/bare.js"
import { payloadOf, type State } from "./state.js"

/** The marks have the width of the numbers that take their place. */
const marked = (executionId: string, state: State): string =>
  payloadOf("@@@@@@@@@", executionId, 0, state).replace(/"version":0}$/, "\"version\":#########}")

const lua = `
local payload, prefix, index, kind = ARGV[1], ARGV[2], KEYS[1], ARGV[3]
local head, middle, tail = payload:match('^(.*)@@@@@@@@@(.*)#########(.*)$')
for i = tonumber(ARGV[4]), tonumber(ARGV[5]) do
  local id = string.format('%09d', i)
  redis.call('SET', prefix .. id, head .. id .. middle .. i .. tail)
  if kind == 'set' then redis.call('SADD', index, id) else redis.call('ZADD', index, i, id) end
end
if kind ~= 'set' then redis.call('ZADD', KEYS[2], redis.call('TIME')[1] .. '000000', ARGV[6]) end`

const step = 20_000

/** The id of the i-th checkpoint, from 1. */
export const idOf = (i: number): string => String(i).padStart(9, "0")

export interface Filling {
  readonly executionId: string
  readonly count: number
  /** The first one, default 1. */
  readonly from?: number
  readonly state: State
  readonly layout: "ours" | "spec"
}

export const fill = (
  redis: Redis,
  { count, executionId, from = 1, layout: which, state }: Filling
): Effect.Effect<void> => {
  const payload = marked(executionId, state)
  const index = which === "ours" ? layout.indexPrefix + executionId + layout.indexSuffix : spec.index(executionId)
  const prefix = which === "ours" ? layout.checkpointPrefix : spec.checkpoint("")
  const kind = which === "ours" ? "zset" : "set"
  const steps = Array.from({ length: Math.ceil(count / step) }, (_, i) => from + i * step)
  return Effect.forEach(
    steps,
    (first) => {
      const last = Math.min(first + step, from + count) - 1
      return Effect.promise(() =>
        redis.eval(lua, 2, index, layout.executions, payload, prefix, kind, first, last, executionId)
      )
    },
    { discard: true }
  )
}
