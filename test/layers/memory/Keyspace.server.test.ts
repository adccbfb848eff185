import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "effect/FastCheck"
import { Keyspace } from "../../../src/internal/keyspace/Keyspace.js"
import { RedisCommandError } from "../../../src/schema/Errors.js"
import type { Reply } from "../../../src/services/RedisReply.js"
import { isSix, RedisServer, serverVersion } from "../../support/RedisServer.js"
import { arbitraryLexLine, arbitraryLine } from "./arbitraryLines.js"
import * as ByteRedis from "./ByteRedis.js"

const unordered = new Set(["SMEMBERS", "HKEYS", "HVALS"])
const ofScores = new Set(["ZSCORE", "ZMSCORE", "ZINCRBY", "ZADD"])
/** By how much two clocks that are read one after the other may differ. */
const tolerances = new Map([["TTL", 2], ["EXPIRETIME", 2], ["PTTL", 2000], ["PEXPIRETIME", 2000]])

const pairsOf = (flat: ReadonlyArray<Reply>): ReadonlyArray<ReadonlyArray<Reply>> =>
  flat.flatMap((_, i) => i % 2 === 0 ? [flat.slice(i, i + 2)] : [])

/** 7.0 prints 17 digits of a double, later versions as many as it takes; -0 is 0 in small sorted sets only. */
const asDouble = (reply: Reply): Reply =>
  typeof reply === "string" && reply !== "" && !Number.isNaN(Number(reply)) ? Number(reply) + 0 : reply

const sorted = (replies: ReadonlyArray<Reply>): ReadonlyArray<Reply> =>
  replies.toSorted((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

const areClose = ([name]: ByteRedis.Line, a: unknown, b: unknown): boolean =>
  typeof a === "number" && typeof b === "number" && a > 0 && b > 0 &&
  Math.abs(a - b) <= (tolerances.get(name.toUpperCase()) ?? 0)

/** The keyspace has the words of 7.0. */
const asError = ({ code, message }: RedisCommandError) =>
  serverVersion().startsWith("7.0.") ? { code, message } : { code }

/** The order of hashes and sets and the printing of doubles are not compared. */
const comparable = ([name, ...args]: ByteRedis.Line, reply: Reply): unknown => {
  const command = name.toUpperCase()
  if (reply instanceof RedisCommandError) return asError(reply)
  if (ofScores.has(command)) return Array.isArray(reply) ? reply.map(asDouble) : asDouble(reply)
  if (command === "SRANDMEMBER") return Array.isArray(reply) ? sorted(reply) : reply === null
  if (!Array.isArray(reply)) return reply
  if (command === "HGETALL") return sorted(pairsOf(reply))
  if (args.some((arg) => arg.toUpperCase() === "WITHSCORES")) {
    return reply.map((element, i) => i % 2 === 1 ? asDouble(element) : element)
  }
  return unordered.has(command) ? sorted(reply) : reply
}

const keys = ["a", "b", "c", "d", "\xff\x00\xe4"]

const readers: Readonly<Record<string, ReadonlyArray<string>>> = {
  string: ["GET"],
  list: ["LRANGE", "0", "-1"],
  set: ["SMEMBERS"],
  hash: ["HGETALL"],
  zset: ["ZRANGE", "0", "-1", "WITHSCORES"]
}

/** Reads the whole of every key, each by the command for its type. */
const inspection: ReadonlyArray<ByteRedis.Line> = keys.flatMap((key) => [
  ["TYPE", key] as const,
  ["PEXPIRETIME", key] as const,
  ...Object.values(readers).map(([name = "", ...rest]) => [name, key, ...rest] as const)
])

/** What came with 7.0: commands, conditions of EXPIRE, SET that gives and compares, and corners that were mended. */
const isOfSeven = ([name, ...args]: ByteRedis.Line): boolean => {
  const command = name.toUpperCase()
  const options = new Set(args.map((arg) => arg.toUpperCase()))
  if (["EXPIRETIME", "PEXPIRETIME"].includes(command)) return true
  if (/^P?EXPIRE(AT)?$/.test(command)) return args.length > 2
  if (command === "DECRBY") return args[1] === "-9223372036854775808"
  return command === "SET" && options.has("GET") && options.has("NX")
}

/** Later versions refuse a bound that begins with a space, and a time that is wrong where there is no key, too. */
const isRefusedLater = ([name, ...args]: ByteRedis.Line): boolean => {
  const command = name.toUpperCase()
  return (command.startsWith("Z") && args.some((arg) => arg.startsWith(" "))) ||
    (command === "GETEX" && args.length > 1)
}

const isOfAll = (line: ByteRedis.Line): boolean =>
  serverVersion().startsWith("7.0.") || !(isSix() ? isOfSeven : isRefusedLater)(line)

const agrees = (redis: ByteRedis.ByteRedis) => async (lines: ReadonlyArray<ByteRedis.Line>) => {
  const keyspace = new Keyspace()
  const all = [...lines, ...inspection].filter(isOfAll)
  const [, ...theirs] = await redis([["FLUSHALL"], ...all])
  const ours = all.map(([name, ...args]) => keyspace.execute(Date.now(), name, args))
  for (const [i, line] of all.entries()) {
    const [mine, expected] = [ours, theirs].map((replies) => comparable(line, replies[i] ?? null))
    if (areClose(line, mine, expected)) continue
    const shown = `command ${i}, ${JSON.stringify(line)}: ${JSON.stringify(mine)} is not ${JSON.stringify(expected)}`
    assert.deepStrictEqual(mine, expected, shown)
  }
}

const property = (line: fc.Arbitrary<ByteRedis.Line>, numRuns: number) =>
  Effect.gen(function*() {
    const { port } = yield* RedisServer
    const redis = yield* ByteRedis.connect(port)
    yield* Effect.promise(() =>
      fc.assert(fc.asyncProperty(fc.array(line, { maxLength: 40, size: "max" }), agrees(redis)), { numRuns })
    )
  })

const corners: ReadonlyArray<ByteRedis.Line> = [
  ["ZADD", "a", "1", "m", "inf", "n", "-inf", "o"],
  ["ZADD", "a", "GT", "INCR", "0", "m"],
  ["ZADD", "a", "LT", "INCR", "0", "m"],
  ["ZADD", "a", "GT", "CH", "1", "m", "2", "new"],
  ["ZADD", "a", "NX", "INCR", "1", "m"],
  ["ZADD", "a", "XX", "INCR", "1", "none"],
  ["ZADD", "b", "XX", "1", "m"],
  ["ZINCRBY", "a", "-inf", "n"],
  ["ZADD", "a", "INCR", "inf", "o"],
  ["ZRANGE", "a", "(1", "+inf", "BYSCORE", "LIMIT", "1", "-1"],
  ["ZRANGE", "a", "+inf", "(1", "BYSCORE", "REV", "LIMIT", "0", "2", "WITHSCORES"],
  ["ZRANGE", "a", "0", "-1", "LIMIT", "0", "1"],
  ["ZREMRANGEBYSCORE", "a", "-inf", "+inf"],
  ["EXISTS", "a", "a"],
  ["SET", "a", "9223372036854775806"],
  ["INCR", "a"],
  ["INCR", "a"],
  ["SET", "b", "1", "GET", "NX"],
  ["SET", "b", "2", "GET", "NX"],
  ["SET", "b", "3", "PXAT", "1"],
  ["SET", "b", "4", "KEEPTTL"],
  ["PTTL", "b"],
  ["SET", "b", "5", "EX", "100000"],
  ["EXPIRE", "b", "100000", "NX"],
  ["EXPIRE", "b", "200000", "GT", "XX"],
  ["EXPIRE", "b", "100000", "GT", "LT"],
  ["EXPIRE", "b", "9223372036854775807"],
  ["RENAME", "b", "c"],
  ["RENAME", "c", "c"],
  ["PEXPIRETIME", "c"],
  ["GETEX", "c", "PERSIST"],
  ["APPEND", "c", "tail"],
  ["RENAME", "none", "c"],
  ["GETRANGE", "c", "-3", "-1"],
  ["GETRANGE", "c", "-1", "-3"],
  ["LPUSH", "d", "1", "2", "3"],
  ["LPOP", "d", "0"],
  ["LPOP", "none", "2"],
  ["RPOP", "d", "9"],
  ["TYPE", "d"]
]

describe("a keyspace and a server", () => {
  it.layer(RedisServer.layer())((it) => {
    it.scoped(
      "give the same replies and hold the same data after any commands",
      () => property(arbitraryLine, 700),
      180_000
    )

    it.scoped("agree on ranges by bytes", () => property(arbitraryLexLine, 200), 180_000)

    it.scoped("agree on corners that chance seldom finds", () =>
      Effect.gen(function*() {
        const { port } = yield* RedisServer
        const redis = yield* ByteRedis.connect(port)
        yield* Effect.promise(() => agrees(redis)(corners))
      }))

    it.scoped("order members by bytes, not by UTF-16", () =>
      Effect.gen(function*() {
        const { port } = yield* RedisServer
        const redis = yield* ByteRedis.connect(port)
        const members = ["\u{1F600}", "\uE000", "z", "é"].map((text) => Buffer.from(text).toString("latin1"))
        yield* Effect.promise(() =>
          agrees(redis)([
            ["ZADD", "a", ...members.flatMap((member) => ["0", member])],
            ["ZRANGE", "a", "0", "-1"],
            ["ZREVRANK", "a", members[0] ?? ""]
          ])
        )
      }))
  })
})
