import { make } from "../../../services/RedisScript.js"
import { boundTo, holds, serverNow } from "./parts.js"

/** How long the token of an execution without checkpoints is kept behind its lease. */
const graceMillis = 86_400_000

/**
 * Takes the lease of an execution: nobody has it, it has run out, it is one's own, or it is stolen.
 * One of another graph leaves the unfinished of this graph, where it is a leftover. That of a child
 * is only taken by who holds its parent.
 *
 * KEYS  1 run, 2 due, 3 index, 4 run of the parent (absent: it is no child)
 * ARGV  1 token, 2 lease in ms, 3 execution, 4 graph, 5 "steal" or "", 6 token of the parent
 * Reply {"ok", epoch, claims since it got on, now, status before}, {"busy", ms left} or {"graph", its graph}
 */
export const claim = make({
  name: "claim",
  repeatable: true,
  lua: `${serverNow.lua}${boundTo.lua}${holds.lua}
local run, due, index = KEYS[1], KEYS[2], KEYS[3]
local token, lease, execution, graph = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
if KEYS[4] and not holds(KEYS[4], ARGV[6]) then return {'busy', 0} end
local now, held = server_now(), redis.call('HMGET', run, 'token', 'until', 'graph')
local score = redis.call('ZSCORE', due, execution)
if held[3] and held[3] ~= graph then
  redis.call('ZREM', due, execution)
  return {'graph', held[3]}
end
local left = tonumber(held[2] or '0') - now
if held[1] and held[1] ~= token and left > 0 and ARGV[5] ~= 'steal' then return {'busy', left} end
if held[1] ~= token then
  redis.call('HINCRBY', run, 'epoch', 1)
  redis.call('HINCRBY', run, 'claims', 1)
  redis.call('HSET', run, 'was', redis.call('HGET', run, 'status') or '', 'was_due', score or '')
  redis.call('HDEL', run, 'answered')
end
redis.call('HSET', run, 'token', token, 'until', now + lease, 'graph', graph, 'status', 'running')
bound_to(index, run, redis.call('EXISTS', index) == 1 and lease or lease + ${graceMillis})
redis.call('ZADD', due, now + lease, execution)
local counts = redis.call('HMGET', run, 'epoch', 'claims', 'was')
return {'ok', tonumber(counts[1]), tonumber(counts[2]), now, counts[3]}`,
  model: (redis, [run = "", due = "", index = "", parent], args) => {
    const [token = "", lease, execution = "", graph = "", steal, above = ""] = args
    if (parent !== undefined && !holds.model(redis, parent, above)) return ["busy", 0]
    const now = serverNow.model(redis)
    const [holder, until, of] = redis.call("HMGET", run, "token", "until", "graph") as ReadonlyArray<string | null>
    const score = redis.call("ZSCORE", due, execution)
    if (of !== null && of !== undefined && of !== graph) {
      redis.call("ZREM", due, execution)
      return ["graph", of]
    }
    const left = Number(until ?? 0) - now
    if (holder !== null && holder !== token && left > 0 && steal !== "steal") return ["busy", left]
    if (holder !== token) {
      redis.call("HINCRBY", run, "epoch", 1)
      redis.call("HINCRBY", run, "claims", 1)
      redis.call("HSET", run, "was", String(redis.call("HGET", run, "status") ?? ""), "was_due", String(score ?? ""))
      redis.call("HDEL", run, "answered")
    }
    const end = now + Number(lease)
    redis.call("HSET", run, "token", token, "until", end, "graph", graph, "status", "running")
    const grace = redis.call("EXISTS", index) === 1 ? 0 : graceMillis
    boundTo.model(redis, index, run, Number(lease) + grace)
    redis.call("ZADD", due, end, execution)
    const [epoch, claims, was = ""] = redis.call("HMGET", run, "epoch", "claims", "was") as ReadonlyArray<string>
    return ["ok", Number(epoch), Number(claims), now, was]
  }
})
