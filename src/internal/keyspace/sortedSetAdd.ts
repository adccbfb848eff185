/** `ZADD` and `ZINCRBY`. */
import type { Reply } from "../../services/RedisReply.js"
import type { Run } from "./Command.js"
import type { Database } from "./Database.js"
import { double, formatDouble } from "./numbers.js"
import { refuse, syntaxError } from "./Refusal.js"
import type { Item } from "./SortedSet.js"
import { SortedSet } from "./SortedSet.js"

const words: ReadonlySet<string> = new Set(["NX", "XX", "GT", "LT", "CH", "INCR"])

type Words = ReadonlySet<string>

const readOptions = (args: ReadonlyArray<string>): readonly [options: Words, pairs: ReadonlyArray<string>] => {
  const first = args.findIndex((arg) => !words.has(arg.toUpperCase()))
  const end = first < 0 ? args.length : first
  return [new Set(args.slice(0, end).map((arg) => arg.toUpperCase())), args.slice(end)]
}

const check = (options: Words, pairs: number): void => {
  if (options.has("NX") && options.has("XX")) refuse("ERR XX and NX options at the same time are not compatible")
  if (["NX", "GT", "LT"].filter((word) => options.has(word)).length > 1) {
    refuse("ERR GT, LT, and/or NX options at the same time are not compatible")
  }
  if (options.has("INCR") && pairs > 1) refuse("ERR INCR option supports a single increment-element pair")
}

const readItems = (pairs: ReadonlyArray<string>): ReadonlyArray<Item> => {
  const items: Array<Item> = []
  for (let i = 0; i < pairs.length; i += 2) items.push({ score: double(pairs[i]!), member: pairs[i + 1]! })
  return items
}

/** The score a member shall have, or undefined when the options forbid the change. */
const nextScore = (options: Words, given: number, current: number | undefined): number | undefined => {
  if (current === undefined) return options.has("XX") ? undefined : given
  if (options.has("NX")) return undefined
  const next = options.has("INCR") ? current + given : given
  if (Number.isNaN(next)) refuse("ERR resulting score is not a number (NaN)")
  if (options.has("GT") && next <= current || options.has("LT") && next >= current) return undefined
  return next
}

const apply = (db: Database, key: string, items: ReadonlyArray<Item>, options: Words): Reply => {
  let set = db.sortedSet(key)
  let added = 0
  let updated = 0
  let last: number | undefined
  for (const { member, score } of items) {
    const current = set?.score(member)
    last = nextScore(options, score, current)
    if (last === undefined || last === current) continue
    set ??= db.put(key, new SortedSet())
    set.set(member, last)
    db.touch()
    if (current === undefined) added++
    else updated++
  }
  if (options.has("INCR")) return last === undefined ? null : formatDouble(last)
  return options.has("CH") ? added + updated : added
}

export const add: Run = (db, [key = "", ...rest]) => {
  const [options, pairs] = readOptions(rest)
  if (pairs.length === 0 || pairs.length % 2 === 1) refuse(syntaxError)
  check(options, pairs.length / 2)
  return apply(db, key, readItems(pairs), options)
}

const increment: Words = new Set(["INCR"])

export const incrementBy: Run = (db, [key = "", score = "", member = ""]) =>
  apply(db, key, [{ member, score: double(score) }], increment)
