import { atLeast, between, type Commands, exactly, type Run } from "./Command.js"
import type { Database } from "./Database.js"
import { integer, positions } from "./numbers.js"
import { refuse } from "./Refusal.js"

type Side = "left" | "right"

const open = (db: Database, key: string): Array<string> => db.list(key) ?? db.put(key, [])

const push = (side: Side): Run => (db, [key = "", ...elements]) => {
  const list = open(db, key)
  db.touch()
  for (const element of elements) {
    if (side === "left") list.unshift(element)
    else list.push(element)
  }
  return list.length
}

const takeMany = (list: Array<string>, side: Side, count: number): Array<string> =>
  side === "left" ? list.splice(0, count) : list.splice(Math.max(0, list.length - count)).toReversed()

const outOfRange = "ERR value is out of range, must be positive"

const pop = (side: Side): Run => (db, [key = "", text]) => {
  const count = text === undefined ? 1 : integer(text, outOfRange)
  if (count < 0) refuse(outOfRange)
  const list = db.list(key)
  if (list === undefined) return null
  const taken = takeMany(list, side, count)
  if (taken.length > 0) db.shrunk(key, list.length)
  return text === undefined ? taken[0] ?? null : taken
}

const range: Run = (db, [key = "", start = "", stop = ""]) => {
  const from = integer(start)
  const to = integer(stop)
  const list = db.list(key) ?? []
  return list.slice(...positions(from, to, list.length))
}

const trim: Run = (db, [key = "", start = "", stop = ""]) => {
  const first = integer(start)
  const last = integer(stop)
  const list = db.list(key)
  if (list === undefined) return "OK"
  const [from, to] = positions(first, last, list.length)
  list.splice(to)
  list.splice(0, from)
  db.shrunk(key, list.length)
  return "OK"
}

const index: Run = (db, [key = "", text = ""]) => {
  const list = db.list(key)
  return list?.at(integer(text)) ?? null
}

export const lists: Commands = {
  LINDEX: exactly(2, index),
  LLEN: exactly(1, (db, [key = ""]) => db.list(key)?.length ?? 0),
  LPOP: between(1, 2, pop("left")),
  LPUSH: atLeast(2, push("left")),
  LRANGE: exactly(3, range),
  LTRIM: exactly(3, trim),
  RPOP: between(1, 2, pop("right")),
  RPUSH: atLeast(2, push("right"))
}
