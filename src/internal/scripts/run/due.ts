import { make } from "../../../services/RedisScript.js"
import { list } from "../parts.js"
import { serverNow } from "./parts.js"

/**
 * The executions whose time has come, the longest overdue first.
 *
 * KEYS  1 due
 * ARGV  1 most executions
 * Reply {execution, …}
 */
export const due = make({
  name: "due",
  repeatable: true,
  lua: `${serverNow.lua}
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', server_now(), 'LIMIT', 0, ARGV[1])`,
  model: (redis, [key = ""], [limit = ""]) =>
    list(redis.call("ZRANGEBYSCORE", key, "-inf", serverNow.model(redis), "LIMIT", 0, limit))
})
