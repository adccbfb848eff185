import type { Reply } from "../../services/RedisReply.js"
import { atLeast, type Commands, exactly, type Run } from "./Command.js"
import type { Database } from "./Database.js"
import { deadline, expireOptions, type Unit } from "./expireOptions.js"
import { bigInteger, fitsInteger, integer } from "./numbers.js"
import { overflow, refuse, wrongArity } from "./Refusal.js"

const overwrite = (db: Database, key: string, value: string): void => {
  db.put(key, value)
  db.persist(key)
}

const set: Run = (db, [key = "", value = "", ...options]) => {
  const { words, unit, amount } = expireOptions(options, ["NX", "XX", "GET", "KEEPTTL"], "KEEPTTL")
  const at = unit === undefined ? undefined : deadline(db.now, unit, amount, "set")
  const previous = words.has("GET") ? db.string(key) ?? null : undefined
  if (words.has("NX") && db.has(key) || words.has("XX") && !db.has(key)) return previous ?? null
  db.put(key, value)
  if (at !== undefined) db.expireAt(key, at)
  else if (!words.has("KEEPTTL")) db.persist(key)
  return previous === undefined ? "OK" : previous
}

const setWithTime = (name: string, unit: Unit): Run => (db, [key = "", amount = "", value = ""]) => {
  const at = deadline(db.now, unit, amount, name)
  db.put(key, value)
  db.expireAt(key, at)
  return "OK"
}

const setIfAbsent: Run = (db, [key = "", value = ""]) => {
  if (db.has(key)) return 0
  db.put(key, value)
  return 1
}

const getIfString = (db: Database, key: string): string | null => {
  const value = db.get(key)
  return typeof value === "string" ? value : null
}

const setMany: Run = (db, args) => {
  if (args.length % 2 === 1) refuse(wrongArity("mset"))
  for (let i = 0; i < args.length; i += 2) overwrite(db, args[i]!, args[i + 1]!)
  return "OK"
}

const append: Run = (db, [key = "", suffix = ""]) => db.put(key, (db.string(key) ?? "") + suffix).length

const getRange: Run = (db, [key = "", start = "", stop = ""]) => {
  const from = integer(start)
  const to = integer(stop)
  const value = db.string(key) ?? ""
  if (from < 0 && to < 0 && from > to) return ""
  const clip = (index: number) => Math.max(0, index < 0 ? value.length + index : index)
  return value.slice(clip(from), clip(to) + 1)
}

const getAndDelete: Run = (db, [key = ""]) => {
  const value = db.string(key)
  if (value === undefined) return null
  db.delete(key)
  return value
}

const getAndExpire: Run = (db, [key = "", ...options]) => {
  const { words, unit, amount } = expireOptions(options, ["PERSIST"], "PERSIST")
  const value = db.string(key)
  if (value === undefined) return null
  if (unit !== undefined) db.expireAt(key, deadline(db.now, unit, amount, "getex"))
  else if (words.has("PERSIST")) db.persist(key)
  return value
}

const add = (db: Database, key: string, amount: bigint): Reply => {
  const sum = bigInteger(db.string(key) ?? "0") + amount
  if (!fitsInteger(sum)) refuse(overflow)
  db.put(key, String(sum))
  return Number(sum)
}

const decrementBy: Run = (db, [key = "", text = ""]) => {
  const amount = bigInteger(text)
  return fitsInteger(-amount) ? add(db, key, -amount) : refuse("ERR decrement would overflow")
}

export const strings: Commands = {
  APPEND: exactly(2, append),
  DECR: exactly(1, (db, [key = ""]) => add(db, key, -1n)),
  DECRBY: exactly(2, decrementBy),
  GET: exactly(1, (db, [key = ""]) => db.string(key) ?? null),
  GETDEL: exactly(1, getAndDelete),
  GETEX: atLeast(1, getAndExpire),
  GETRANGE: exactly(3, getRange),
  INCR: exactly(1, (db, [key = ""]) => add(db, key, 1n)),
  INCRBY: exactly(2, (db, [key = "", amount = ""]) => add(db, key, bigInteger(amount))),
  MGET: atLeast(1, (db, keys) => keys.map((key) => getIfString(db, key))),
  MSET: atLeast(2, setMany),
  PSETEX: exactly(3, setWithTime("psetex", "PX")),
  SET: atLeast(2, set),
  SETEX: exactly(3, setWithTime("setex", "EX")),
  SETNX: exactly(2, setIfAbsent),
  STRLEN: exactly(1, (db, [key = ""]) => (db.string(key) ?? "").length)
}
