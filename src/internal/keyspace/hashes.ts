import { atLeast, type Commands, exactly, type Run } from "./Command.js"
import type { Database } from "./Database.js"
import { bigInteger, fitsInteger, integer } from "./numbers.js"
import { overflow, refuse, syntaxError, wrongArity } from "./Refusal.js"

const empty: ReadonlyMap<string, string> = new Map()

const read = (db: Database, key: string): ReadonlyMap<string, string> => db.hash(key) ?? empty

const open = (db: Database, key: string): Map<string, string> => db.hash(key) ?? db.put(key, new Map<string, string>())

const set: Run = (db, [key = "", ...pairs]) => {
  if (pairs.length % 2 === 1) refuse(wrongArity("hset"))
  const hash = open(db, key)
  const before = hash.size
  for (let i = 0; i < pairs.length; i += 2) hash.set(pairs[i]!, pairs[i + 1]!)
  db.touch()
  return hash.size - before
}

const setIfAbsent: Run = (db, [key = "", field = "", value = ""]) => {
  if (read(db, key).has(field)) return 0
  open(db, key).set(field, value)
  db.touch()
  return 1
}

const remove: Run = (db, [key = "", ...fields]) => {
  const hash = db.hash(key)
  if (hash === undefined) return 0
  const removed = fields.filter((field) => hash.delete(field)).length
  if (removed > 0) db.shrunk(key, hash.size)
  return removed
}

const incrementBy: Run = (db, [key = "", field = "", text = ""]) => {
  const amount = bigInteger(text)
  const sum = bigInteger(read(db, key).get(field) ?? "0", "ERR hash value is not an integer") + amount
  if (!fitsInteger(sum)) refuse(overflow)
  open(db, key).set(field, String(sum))
  db.touch()
  return Number(sum)
}

const getMany: Run = (db, [key = "", ...fields]) => {
  const hash = read(db, key)
  return fields.map((field) => hash.get(field) ?? null)
}

/** All at once, as a small hash does: the count is a hint. `MATCH` is refused rather than ignored. */
const scan: Run = (db, [key = "", cursor = "", ...options]) => {
  if (!/^[+-]?[0-9]+$/.test(cursor)) refuse("ERR invalid cursor")
  const hash = read(db, key)
  for (let i = 0; hash.size > 0 && i < options.length; i += 2) {
    if (options[i]!.toUpperCase() !== "COUNT" || integer(options[i + 1] ?? refuse(syntaxError)) < 1) refuse(syntaxError)
  }
  return ["0", Array.from(hash).flat()]
}

export const hashes: Commands = {
  HDEL: atLeast(2, remove),
  HEXISTS: exactly(2, (db, [key = "", field = ""]) => read(db, key).has(field) ? 1 : 0),
  HGET: exactly(2, (db, [key = "", field = ""]) => read(db, key).get(field) ?? null),
  HGETALL: exactly(1, (db, [key = ""]) => Array.from(read(db, key)).flat()),
  HINCRBY: exactly(3, incrementBy),
  HKEYS: exactly(1, (db, [key = ""]) => Array.from(read(db, key).keys())),
  HLEN: exactly(1, (db, [key = ""]) => read(db, key).size),
  HMGET: atLeast(2, getMany),
  HSCAN: atLeast(2, scan),
  HSET: atLeast(3, set),
  HSETNX: exactly(3, setIfAbsent),
  HVALS: exactly(1, (db, [key = ""]) => Array.from(read(db, key).values()))
}
