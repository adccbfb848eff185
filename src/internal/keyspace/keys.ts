import { atLeast, type Commands, exactly, type Run } from "./Command.js"
import { type Database, typeName } from "./Database.js"
import { integer } from "./numbers.js"
import { invalidExpireTime, refuse } from "./Refusal.js"

const remove: Run = (db, keys) => keys.reduce((count, key) => count + (db.delete(key) ? 1 : 0), 0)

const exists: Run = (db, keys) => keys.reduce((count, key) => count + (db.has(key) ? 1 : 0), 0)

const type: Run = (db, [key = ""]) => {
  const value = db.get(key)
  return value === undefined ? "none" : typeName(value)
}

const rename: Run = (db, [from = "", to = ""]) => {
  const value = db.get(from) ?? refuse("ERR no such key")
  if (from === to) return "OK"
  const at = db.deadline(from)
  db.delete(to)
  db.put(to, value)
  db.delete(from)
  if (at !== undefined) db.expireAt(to, at)
  return "OK"
}

const known: ReadonlySet<string> = new Set(["NX", "XX", "GT", "LT"])

const readConditions = (options: ReadonlyArray<string>): ReadonlySet<string> => {
  const found = new Set<string>()
  for (const option of options) {
    const word = option.toUpperCase()
    if (!known.has(word)) refuse(`ERR Unsupported option ${option}`)
    found.add(word)
  }
  if (found.has("NX") && found.size > 1) {
    refuse("ERR NX and XX, GT or LT options at the same time are not compatible")
  }
  if (found.has("GT") && found.has("LT")) refuse("ERR GT and LT options at the same time are not compatible")
  return found
}

/** A key without a deadline lives for ever, so no deadline is greater. */
const holds = (conditions: ReadonlySet<string>, at: number, current: number | undefined): boolean =>
  !(conditions.has("NX") && current !== undefined) &&
  !(conditions.has("XX") && current === undefined) &&
  !(conditions.has("GT") && at <= (current ?? Infinity)) &&
  !(conditions.has("LT") && at >= (current ?? Infinity))

const beyond64Bits = 2 ** 63

const expire =
  (name: string, factor: number, base: (db: Database) => number): Run => (db, [key = "", text = "", ...options]) => {
    const conditions = readConditions(options)
    const amount = integer(text) * factor
    const at = amount + base(db)
    if (at >= beyond64Bits || amount < -beyond64Bits) refuse(invalidExpireTime(name))
    if (!db.has(key) || !holds(conditions, at, db.deadline(key))) return 0
    if (at <= db.now) db.delete(key)
    else db.expireAt(key, at)
    return 1
  }

const fromNow = (db: Database): number => db.now
const fromEpoch = (): number => 0

const remaining = (present: (at: number, now: number) => number): Run => (db, [key = ""]) => {
  if (!db.has(key)) return -2
  const at = db.deadline(key)
  return at === undefined ? -1 : present(at, db.now)
}

export const keys: Commands = {
  DEL: atLeast(1, remove),
  EXISTS: atLeast(1, exists),
  EXPIRE: atLeast(2, expire("expire", 1000, fromNow)),
  EXPIREAT: atLeast(2, expire("expireat", 1000, fromEpoch)),
  EXPIRETIME: exactly(1, remaining((at) => Math.floor((at + 500) / 1000))),
  PERSIST: exactly(1, (db, [key = ""]) => db.has(key) && db.persist(key) ? 1 : 0),
  PEXPIRE: atLeast(2, expire("pexpire", 1, fromNow)),
  PEXPIREAT: atLeast(2, expire("pexpireat", 1, fromEpoch)),
  PEXPIRETIME: exactly(1, remaining((at) => at)),
  PTTL: exactly(1, remaining((at, now) => at - now)),
  RENAME: exactly(2, rename),
  TTL: exactly(1, remaining((at, now) => Math.floor((at - now + 500) / 1000))),
  TYPE: exactly(1, type),
  UNLINK: atLeast(1, remove)
}
