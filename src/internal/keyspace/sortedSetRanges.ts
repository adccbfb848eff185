/** Ranges of a sorted set by rank, score and bytes. */
import type { Reply } from "../../services/RedisReply.js"
import type { Run } from "./Command.js"
import { formatDouble, integer, positions, scoreBound } from "./numbers.js"
import { refuse, syntaxError } from "./Refusal.js"
import type { Item, SortedSet } from "./SortedSet.js"

/** From the first to before the second rank. */
export type Interval = readonly [from: number, to: number]

/** Where a range lies in a set; its bounds are read, and refused, before the set is looked up. */
export type Range = (set: SortedSet) => Interval

type By = "RANK" | "BYSCORE" | "BYLEX"

export const byRank = (start: string, stop: string, reverse: boolean): Range => {
  const from = integer(start)
  const to = integer(stop)
  return ({ size }) => {
    const [first, end] = positions(from, to, size)
    return reverse ? [size - end, size - first] : [first, end]
  }
}

const bound = (text: string): { readonly score: number; readonly exclusive: boolean } =>
  text.startsWith("(")
    ? { score: scoreBound(text.slice(1)), exclusive: true }
    : { score: scoreBound(text), exclusive: false }

export const byScore = (lower: string, upper: string): Range => {
  const min = bound(lower)
  const max = bound(upper)
  return (set) => {
    const from = set.countWhile(({ score }) => min.exclusive ? score <= min.score : score < min.score)
    const to = set.countWhile(({ score }) => max.exclusive ? score < max.score : score <= max.score)
    return from < to ? [from, to] : [0, 0]
  }
}

/** A condition that holds below a bound given as `-`, `+`, `[member` or `(member`. */
const below = (text: string, inclusive: "[" | "("): (item: Item) => boolean => {
  if (text === "-") return () => false
  if (text === "+") return () => true
  const limit = text.slice(1)
  if (text[0] !== "[" && text[0] !== "(") refuse("ERR min or max not valid string range item")
  return text[0] === inclusive ? ({ member }) => member <= limit : ({ member }) => member < limit
}

const byLex = (lower: string, upper: string): Range => {
  const before = below(lower, "(")
  const within = below(upper, "[")
  return (set) => {
    const from = set.countWhile(before)
    const to = set.countWhile(within)
    return from < to ? [from, to] : [0, 0]
  }
}

interface Options {
  readonly by: By
  readonly reverse: boolean
  readonly withScores: boolean
  readonly offset: number
  /** Negative for no limit. */
  readonly limit: number
}

type Mutable<A> = { -readonly [K in keyof A]: A[K] }

/** `fixed` is what the command's name says already; the words for it are then unknown. */
const readOptions = (args: ReadonlyArray<string>, fixed: Partial<Options>): Options => {
  const options: Mutable<Partial<Options>> = { ...fixed }
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!.toUpperCase()
    if (word === "WITHSCORES") options.withScores = true
    else if (word === "LIMIT" && i + 2 < args.length) {
      options.offset = integer(args[++i]!)
      options.limit = integer(args[++i]!)
    } else if (word === "REV" && options.reverse === undefined) options.reverse = true
    else if ((word === "BYSCORE" || word === "BYLEX") && options.by === undefined) options.by = word
    else refuse(syntaxError)
  }
  return { by: "RANK", reverse: false, withScores: false, offset: 0, limit: -1, ...options }
}

const check = ({ by, limit, withScores }: Options): void => {
  if (by === "RANK" && limit !== -1) {
    refuse("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX")
  }
  if (by === "BYLEX" && withScores) {
    refuse("ERR syntax error, WITHSCORES not supported in combination with BYLEX")
  }
}

const resolve = (start: string, stop: string, { by, reverse }: Options): Range => {
  if (by === "RANK") return byRank(start, stop, reverse)
  const [lower, upper] = reverse ? [stop, start] : [start, stop]
  return by === "BYSCORE" ? byScore(lower, upper) : byLex(lower, upper)
}

const present = (set: SortedSet, [from, to]: Interval, { limit, offset, reverse, withScores }: Options): Reply => {
  const skipped = offset < 0 ? to - from : Math.min(offset, to - from)
  const taken = limit < 0 ? to - from - skipped : Math.min(limit, to - from - skipped)
  const items = reverse
    ? set.slice(to - skipped - taken, to - skipped).toReversed()
    : set.slice(from + skipped, from + skipped + taken)
  return withScores ? items.flatMap(({ member, score }) => [member, formatDouble(score)]) : items.map((it) => it.member)
}

export const range = (fixed: Partial<Options>): Run => (db, [key = "", start = "", stop = "", ...rest]) => {
  const options = readOptions(rest, fixed)
  check(options)
  const interval = resolve(start, stop, options)
  const set = db.sortedSet(key)
  return set === undefined ? [] : present(set, interval(set), options)
}
