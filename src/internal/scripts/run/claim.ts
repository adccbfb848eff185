import type { Reply } from "../../../services/RedisReply.js"
import type { ScriptContext } from "../../../services/RedisScript.js"
import { make } from "../../../services/RedisScript.js"
import { lacking } from "../lacking.js"
import { boundTo, holds, plan, serverNow } from "./parts.js"

/** How long the token of an execution without checkpoints is kept behind its lease. */
const graceMillis = 86_400_000

const nullable = (reply: Reply): ReadonlyArray<string | null> => reply as ReadonlyArray<string | null>

const underRoot = (
  redis: ScriptContext,
  run: string,
  parent: string,
  [, execution = "", graph = ""]: ReadonlyArray<string>
): void => {
  const [root, rootGraph] = nullable(redis.call("HMGET", parent, "root", "root_graph"))
  redis.call("HSET", run, "root", root ?? execution, "root_graph", rootGraph ?? graph)
}

/**
 * Takes the lease of an execution: nobody has it, it has run out, it is one's own, or it is stolen.
 * One of another graph leaves the unfinished of this graph, where it is a leftover. That of a child
 * is only taken by who holds its parent; it is not among the due, and keeps who is: its root.
 *
 * KEYS  1 run, 2 due, 3 index, 4 run of the parent (absent: it is no child)
 * ARGV  1 token, 2 lease in ms, 3 execution, 4 graph, 5 "steal" or "", 6 a graph that held it by mistake
 *       or "", 7 token of the parent, 8 execution of the parent, 9 graph of the parent
 * Reply {"ok", epoch, claims since it got on, now, status before}, {"busy", ms left} or {"graph", its graph}
 */
export const claim = make({
  name: "claim",
  repeatable: true,
  lua: `${serverNow.lua}${boundTo.lua}${holds.lua}${plan.lua}${lacking.lua}
local run, due, index = KEYS[1], KEYS[2], KEYS[3]
local token, lease, execution, graph = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
if KEYS[4] and not holds(KEYS[4], ARGV[7]) then return {'busy', 0} end
local now, held = server_now(), redis.call('HMGET', run, 'token', 'until', 'graph', 'status', 'at')
local score = redis.call('ZSCORE', due, execution)
if held[3] and held[3] ~= graph and held[3] ~= ARGV[6] then
  redis.call('ZREM', due, execution)
  return {'graph', held[3]}
end
local left = tonumber(held[2] or '0') - now
if held[1] and held[1] ~= token and left > 0 and ARGV[5] ~= 'steal' then return {'busy', left} end
local refusal = lacking(run .. '\\0', {'HSET', run, 'HDEL', run, 'HGET', run, 'PERSIST', run, 'PEXPIRE', run,
  'EXISTS', index, 'PTTL', index, 'ZADD', due, 'ZREM', due})
if refusal then return refusal end
if held[1] ~= token then
  redis.call('HINCRBY', run, 'epoch', 1)
  redis.call('HINCRBY', run, 'claims', 1)
  redis.call('HSET', run, 'was', held[3] == graph and held[4] or '', 'was_due', held[5] or score or '')
  redis.call('HDEL', run, 'answered')
end
if KEYS[4] then
  local root = redis.call('HMGET', KEYS[4], 'root', 'root_graph')
  redis.call('HSET', run, 'root', root[1] or ARGV[8], 'root_graph', root[2] or ARGV[9])
  redis.call('ZREM', due, execution)
end
redis.call('HSET', run, 'token', token, 'until', now + lease, 'graph', graph, 'status', 'running')
bound_to(index, run, redis.call('EXISTS', index) == 1 and lease or lease + ${graceMillis})
plan(run, due, now + lease, execution)
local counts = redis.call('HMGET', run, 'epoch', 'claims', 'was')
return {'ok', tonumber(counts[1]), tonumber(counts[2]), now, counts[3]}`,
  model: (redis, [run = "", due = "", index = "", parent], args) => {
    const [token = "", lease, execution = "", graph = "", steal, mistaken = "", ...above] = args
    if (parent !== undefined && !holds.model(redis, parent, above[0] ?? "")) return ["busy", 0]
    const now = serverNow.model(redis)
    const [holder, until, of, status, at] = nullable(
      redis.call("HMGET", run, "token", "until", "graph", "status", "at")
    )
    const score = redis.call("ZSCORE", due, execution)
    if (of !== null && of !== undefined && of !== graph && of !== mistaken) {
      redis.call("ZREM", due, execution)
      return ["graph", of]
    }
    const left = Number(until ?? 0) - now
    if (holder !== null && holder !== token && left > 0 && steal !== "steal") return ["busy", left]
    if (holder !== token) {
      redis.call("HINCRBY", run, "epoch", 1)
      redis.call("HINCRBY", run, "claims", 1)
      redis.call("HSET", run, "was", (of === graph ? status : null) ?? "", "was_due", String(at ?? score ?? ""))
      redis.call("HDEL", run, "answered")
    }
    if (parent !== undefined) underRoot(redis, run, parent, above)
    if (parent !== undefined) redis.call("ZREM", due, execution)
    const end = now + Number(lease)
    redis.call("HSET", run, "token", token, "until", end, "graph", graph, "status", "running")
    const grace = redis.call("EXISTS", index) === 1 ? 0 : graceMillis
    boundTo.model(redis, index, run, Number(lease) + grace)
    plan.model(redis, run, due, end, execution)
    const [epoch, claims, was = ""] = redis.call("HMGET", run, "epoch", "claims", "was") as ReadonlyArray<string>
    return ["ok", Number(epoch), Number(claims), now, was]
  }
})
