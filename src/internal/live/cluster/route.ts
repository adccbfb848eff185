import * as Either from "effect/Either"
import { RedisCommandError } from "../../../schema/Errors.js"
import type { Argument, Command } from "../../../services/RedisCommand.js"
import { commandName } from "../../compile.js"
import { slotOf } from "../../slot.js"

/** Where a command has to go: to a slot, to any node, or along with the command before it. */
export type Route = number | "any" | "along"

const names = (text: string): ReadonlySet<string> => new Set(text.split(" "))

/** Commands whose first argument is their only key. */
const oneKey = names(
  "APPEND BITCOUNT BITFIELD BITFIELD_RO BITPOS DECR DECRBY DUMP EXPIRE EXPIREAT EXPIRETIME GEOADD GEODIST GEOHASH " +
    "GEOPOS GEOSEARCH GET GETBIT GETDEL GETEX GETRANGE GETSET HDEL HEXISTS HEXPIRE HGET HGETALL HINCRBY HINCRBYFLOAT " +
    "HKEYS HLEN HMGET HMSET HPERSIST HPEXPIRE HPTTL HRANDFIELD HSCAN HSET HSETNX HSTRLEN HTTL HVALS INCR INCRBY " +
    "INCRBYFLOAT LINDEX LINSERT LLEN LPOP LPOS LPUSH LPUSHX LRANGE LREM LSET LTRIM PERSIST PEXPIRE PEXPIREAT " +
    "PEXPIRETIME PFADD PSETEX PTTL RESTORE RPOP RPUSH RPUSHX SADD SCARD SET SETBIT SETEX SETNX SETRANGE SISMEMBER " +
    "SMEMBERS SMISMEMBER SORT_RO SPOP SPUBLISH SRANDMEMBER SREM SSCAN STRLEN SUBSTR TTL TYPE XACK XADD XAUTOCLAIM " +
    "XCLAIM XDEL XLEN XPENDING XRANGE XREVRANGE XTRIM ZADD ZCARD ZCOUNT ZINCRBY ZLEXCOUNT ZMSCORE ZPOPMAX ZPOPMIN " +
    "ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANK ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE " +
    "ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE"
)

/** Commands that take nothing but keys. */
const allKeys = names(
  "DEL EXISTS MGET PFCOUNT PFMERGE RENAME RENAMENX RPOPLPUSH SDIFF SDIFFSTORE SINTER SINTERSTORE SUNION SUNIONSTORE " +
    "TOUCH UNLINK"
)

/** Commands with two keys and then something else. */
const twoKeys = names("COPY GEOSEARCHSTORE LCS LMOVE SMOVE ZRANGESTORE")

/** What every node answers alike, or hands on to all. */
const anywhere = names("ECHO PING PUBLISH TIME")

/** They are about the writes before them on the same connection. */
const following = names("WAIT WAITAOF")

const keysOf = (name: string, args: ReadonlyArray<Argument>): ReadonlyArray<Argument> | undefined => {
  if (oneKey.has(name)) return args.slice(0, 1)
  if (allKeys.has(name)) return args
  if (twoKeys.has(name)) return args.slice(0, 2)
  if (name === "MSET" || name === "MSETNX") return args.filter((_, i) => i % 2 === 0)
  return name === "OBJECT" || name === "MEMORY" ? args.slice(1, 2) : undefined
}

const refused = (command: string, code: string, why: string) =>
  Either.left(new RedisCommandError({ command, code, message: `${code} ${why}. Nothing was sent` }))

const twoSlots = (command: string) =>
  refused(
    command,
    "CROSSSLOT",
    "the keys are in more than one slot of the cluster; give them the same hash tag, what stands between braces"
  )

const noKey = (command: string) =>
  refused(
    command,
    "NOKEY",
    "it cannot be told which key decides to which node of the cluster this goes; use a command that names its key " +
      "first, or a script, which declares its keys"
  )

const oneSlot = (command: string, keys: ReadonlyArray<Argument>): Either.Either<Route, RedisCommandError> => {
  const [first, ...others] = keys
  if (first === undefined) return noKey(command)
  const slot = slotOf(first)
  return others.every((key) => slotOf(key) === slot) ? Either.right(slot) : twoSlots(command)
}

export const routeOf = (command: Command): Either.Either<Route, RedisCommandError> => {
  const name = commandName(command)
  if (command._tag === "Script") return oneSlot(name, command.keys)
  const upper = name.toUpperCase()
  if (anywhere.has(upper)) return Either.right("any")
  if (following.has(upper)) return Either.right("along")
  const keys = keysOf(upper, command.args)
  return keys === undefined ? noKey(upper) : oneSlot(upper, keys)
}

/** The routes of a program, or why it cannot be sent to a cluster. */
export const routesOf = (
  commands: ReadonlyArray<Command>,
  transaction: boolean
): Either.Either<ReadonlyArray<Route>, RedisCommandError> => {
  const routes: Array<Route> = []
  for (const command of commands) {
    const route = routeOf(command)
    if (Either.isLeft(route)) return Either.left(route.left)
    routes.push(route.right)
  }
  const slots = new Set(routes.filter((route) => typeof route === "number"))
  return transaction && slots.size > 1 ? twoSlots("MULTI") : Either.right(routes)
}
