/** Commands over few keys and members, many of them wrong in one way or another. */
import * as fc from "effect/FastCheck"
import type { Line } from "./ByteRedis.js"

const key = fc.constantFrom("a", "b", "c", "d", "\xff\x00\xe4")
const member = fc.constantFrom("m", "n", "M", "", "10", "-3", "\xc3\xa4", "m\x00", "\xff", "\xee\x80\x80")
const value = fc.oneof(member, fc.constantFrom("1", "9223372036854775807", "007", " 1", "1.5", "long ".repeat(5)))
const integer = fc.constantFrom(
  "0",
  "1",
  "-1",
  "2",
  "-2",
  "5",
  "-100",
  "100",
  "x",
  "1.0",
  "+1",
  "",
  "9223372036854775808"
)
const amount = fc.oneof(integer, fc.constantFrom("9223372036854775807", "-9223372036854775808", "-0"))
const score = fc.constantFrom(
  "0",
  "1",
  "-1",
  "2.5",
  "1e3",
  "inf",
  "-inf",
  "+inf",
  "nan",
  "x",
  "",
  "1.",
  ".5",
  "-0",
  "1e999"
)
const bound = fc.oneof(score, fc.constantFrom("(1", "(-inf", "(2.5", "(", "((1", " 1", "-inf", "+inf", "-inf", "+inf"))
const lexBound = fc.constantFrom("-", "+", "[m", "(m", "[", "(\xff", "[n", "m", "")
/** Far enough from now for two clocks to agree, or long past. */
const relative = fc.constantFrom("100000", "200000", "0", "-1", "x", "9223372036854775807")
const absolute = fc.constantFrom("4102444800", "4102448400", "1", "-1", "0", "x")
const milliseconds = fc.constantFrom("4102444800000", "4102448400000", "1", "-1", "0", "1.5")

const word = (...words: ReadonlyArray<string>) => fc.constantFrom(...words)
const some = (arbitrary: fc.Arbitrary<string>, most = 4) => fc.array(arbitrary, { minLength: 1, maxLength: most })
const maybe = (...words: ReadonlyArray<string>) =>
  fc.array(word(...words, ...words.map((it) => it.toLowerCase())), { maxLength: 2 })
const pairs = (first: fc.Arbitrary<string>, second: fc.Arbitrary<string>) =>
  fc.array(fc.tuple(first, second), { minLength: 1, maxLength: 4 }).map((them) => them.flat())

type Part = fc.Arbitrary<string> | fc.Arbitrary<Array<string>>

const line = (name: string, ...parts: ReadonlyArray<Part>): fc.Arbitrary<Line> =>
  fc.tuple(...parts.map((part): fc.Arbitrary<string | Array<string>> => part)).map((them) => [name, ...them.flat()])

const lines = (names: ReadonlyArray<string>, ...parts: ReadonlyArray<Part>) => names.map((name) => line(name, ...parts))

const time = fc.oneof(
  fc.tuple(word("EX", "px"), relative),
  fc.tuple(word("EXAT"), absolute),
  fc.tuple(word("PXAT"), milliseconds)
)
const setOptions = fc.array(fc.oneof(time, word("NX", "XX", "get", "KEEPTTL", "EX", "bad").map((it) => [it])), {
  maxLength: 2
}).map((them) => them.flat())
const getOptions = fc.array(fc.oneof(time, word("PERSIST", "EX").map((it) => [it])), { maxLength: 2 })
  .map((them) => them.flat())
const when = maybe("NX", "XX", "GT", "LT", "bad")
const limit = fc.oneof(
  fc.constant<Array<string>>([]),
  fc.tuple(fc.constant("LIMIT"), integer, integer).map((them): Array<string> => them),
  fc.constant(["limit", "0"])
)
const withScores = maybe("WITHSCORES")
const addOptions = fc.array(word("NX", "XX", "GT", "LT", "CH", "INCR", "incr"), { maxLength: 3 })

const strings = [
  line("SET", key, value, setOptions),
  line("SET", key, value, setOptions),
  line("GETEX", key, getOptions),
  ...lines(["GET", "STRLEN", "GETDEL", "INCR", "DECR"], key),
  ...lines(["SETNX", "APPEND"], key, value),
  line("SETEX", key, relative, value),
  line("PSETEX", key, fc.constantFrom("100000000", "0", "-1", "x"), value),
  line("MGET", some(key)),
  line("MSET", pairs(key, value)),
  line("GETRANGE", key, integer, integer),
  ...lines(["INCRBY", "DECRBY"], key, amount)
]

const keys = [
  ...lines(["DEL", "UNLINK", "EXISTS"], some(key)),
  ...lines(["TYPE", "TTL", "PTTL", "PEXPIRETIME", "EXPIRETIME", "PERSIST"], key),
  line("RENAME", key, key),
  line("EXPIRE", key, relative, when),
  line("PEXPIRE", key, fc.constantFrom("100000000", "200000000", "0", "-5"), when),
  line("EXPIREAT", key, absolute, when),
  line("PEXPIREAT", key, milliseconds, when)
]

const sortedSets = [
  ...lines(["ZADD", "ZADD", "ZADD"], key, addOptions, pairs(score, member)),
  ...lines(["ZREM", "ZMSCORE"], key, some(member)),
  ...lines(["ZSCORE", "ZRANK", "ZREVRANK"], key, member),
  line("ZCARD", key),
  ...lines(["ZCOUNT", "ZREMRANGEBYSCORE"], key, bound, bound),
  line("ZREMRANGEBYRANK", key, integer, integer),
  line("ZINCRBY", key, score, member),
  line("ZRANGE", key, integer, integer, maybe("REV", "WITHSCORES", "BYLEX"), limit),
  line("ZRANGE", key, bound, bound, fc.constant("BYSCORE"), maybe("REV"), limit, withScores),
  line("ZREVRANGE", key, integer, integer, withScores),
  ...lines(["ZRANGEBYSCORE", "ZREVRANGEBYSCORE"], key, bound, bound, withScores, limit)
]

const collections = [
  ...lines(["SADD", "SREM"], key, some(member)),
  line("SISMEMBER", key, member),
  line("SRANDMEMBER", key, fc.constantFrom("100", "0", "x")),
  ...lines(["SMEMBERS", "SCARD", "HGETALL", "HLEN", "HKEYS", "HVALS", "LLEN"], key),
  line("HSET", key, pairs(member, value)),
  line("HSETNX", key, member, value),
  ...lines(["HGET", "HEXISTS"], key, member),
  ...lines(["HMGET", "HDEL"], key, some(member)),
  line("HINCRBY", key, member, amount),
  ...lines(["LPUSH", "RPUSH"], key, some(member)),
  line("LPOP", key),
  ...lines(["LPOP", "RPOP"], key, integer),
  ...lines(["LRANGE", "LTRIM"], key, integer, integer),
  line("LINDEX", key, integer)
]

const server = [
  line("PING"),
  line("PING", value),
  line("ECHO", value),
  line("PUBLISH", key, value),
  line("FLUSHALL", maybe("SYNC", "bad")),
  line("WAIT", fc.constant("0"), fc.constantFrom("1", "-1", "x"))
]

const wellFormed = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(...strings) },
  { weight: 3, arbitrary: fc.oneof(...keys) },
  { weight: 6, arbitrary: fc.oneof(...sortedSets) },
  { weight: 5, arbitrary: fc.oneof(...collections) },
  { weight: 1, arbitrary: fc.oneof({ weight: 9, arbitrary: fc.oneof(...server.slice(0, 4)) }, ...server.slice(4)) }
)

/** Sometimes an argument too few or too many, or a lowercase name. */
export const arbitraryLine: fc.Arbitrary<Line> = fc.tuple(wellFormed, fc.integer({ min: 0, max: 30 })).map(
  ([[name, ...args], change]): Line => {
    if (change === 0) return [name, ...args.slice(0, -1)]
    if (change === 1) return [name, ...args, "extra"]
    return change === 2 ? [name.toLowerCase(), ...args] : [name, ...args]
  }
)

/** Within one sorted set all scores equal, as ranges by bytes need. */
export const arbitraryLexLine: fc.Arbitrary<Line> = fc.oneof(
  line("ZADD", key, pairs(fc.constant("0"), member)),
  line("ZREM", key, member),
  line("ZRANGE", key, lexBound, lexBound, fc.constant("BYLEX"), maybe("REV"), limit)
)
