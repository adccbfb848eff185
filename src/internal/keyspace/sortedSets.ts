import { atLeast, type Commands, exactly, type Run } from "./Command.js"
import type { Database } from "./Database.js"
import { formatDouble } from "./numbers.js"
import { add, incrementBy } from "./sortedSetAdd.js"
import { byRank, byScore, type Range, range } from "./sortedSetRanges.js"

const score = (db: Database, key: string, member: string): string | null => {
  const value = db.sortedSet(key)?.score(member)
  return value === undefined ? null : formatDouble(value)
}

const remove: Run = (db, [key = "", ...members]) => {
  const set = db.sortedSet(key)
  if (set === undefined) return 0
  const removed = members.filter((member) => set.delete(member)).length
  if (removed > 0) db.shrunk(key, set.size)
  return removed
}

const rank = (reverse: boolean): Run => (db, [key = "", member = ""]) => {
  const set = db.sortedSet(key)
  const position = set?.rank(member)
  if (set === undefined || position === undefined) return null
  return reverse ? set.size - 1 - position : position
}

const count: Run = (db, [key = "", lower = "", upper = ""]) => {
  const interval = byScore(lower, upper)
  const set = db.sortedSet(key)
  if (set === undefined) return 0
  const [from, to] = interval(set)
  return to - from
}

const removeRange =
  (read: (lower: string, upper: string) => Range): Run => (db, [key = "", lower = "", upper = ""]) => {
    const interval = read(lower, upper)
    const set = db.sortedSet(key)
    if (set === undefined) return 0
    const removed = set.removeRange(...interval(set))
    if (removed > 0) db.shrunk(key, set.size)
    return removed
  }

const manyScores: Run = (db, [key = "", ...members]) => {
  db.sortedSet(key)
  return members.map((member) => score(db, key, member))
}

export const sortedSets: Commands = {
  ZADD: atLeast(3, add),
  ZCARD: exactly(1, (db, [key = ""]) => db.sortedSet(key)?.size ?? 0),
  ZCOUNT: exactly(3, count),
  ZINCRBY: exactly(3, incrementBy),
  ZMSCORE: atLeast(2, manyScores),
  ZRANGE: atLeast(3, range({})),
  ZRANGEBYSCORE: atLeast(3, range({ by: "BYSCORE", reverse: false })),
  ZRANK: exactly(2, rank(false)),
  ZREM: atLeast(2, remove),
  ZREMRANGEBYRANK: exactly(3, removeRange((start, stop) => byRank(start, stop, false))),
  ZREMRANGEBYSCORE: exactly(3, removeRange(byScore)),
  ZREVRANGE: atLeast(3, range({ by: "RANK", reverse: true })),
  ZREVRANGEBYSCORE: atLeast(3, range({ by: "BYSCORE", reverse: true })),
  ZREVRANK: exactly(2, rank(true)),
  ZSCORE: exactly(2, (db, [key = "", member = ""]) => score(db, key, member))
}
