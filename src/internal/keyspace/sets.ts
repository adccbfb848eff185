import { atLeast, type Commands, exactly, type Run } from "./Command.js"
import type { Database } from "./Database.js"
import { integer } from "./numbers.js"
import { refuse, syntaxError } from "./Refusal.js"

const empty: ReadonlySet<string> = new Set()

const read = (db: Database, key: string): ReadonlySet<string> => db.set(key) ?? empty

const add: Run = (db, [key = "", ...members]) => {
  const set = db.set(key) ?? db.put(key, new Set<string>())
  const before = set.size
  for (const member of members) set.add(member)
  if (set.size > before) db.touch()
  return set.size - before
}

const remove: Run = (db, [key = "", ...members]) => {
  const set = db.set(key)
  if (set === undefined) return 0
  const removed = members.filter((member) => set.delete(member)).length
  if (removed > 0) db.shrunk(key, set.size)
  return removed
}

/** Always the first ones: what a program does with them must not hang on chance, and tests repeat. */
const random: Run = (db, [key = "", countText, ...rest]) => {
  if (rest.length > 0) refuse(syntaxError)
  const count = countText === undefined ? undefined : integer(countText)
  const members = Array.from(read(db, key))
  if (count === undefined) return members[0] ?? null
  if (count >= 0) return members.slice(0, count)
  return members.length === 0 ? [] : Array.from({ length: -count }, (_, i) => members[i % members.length]!)
}

export const sets: Commands = {
  SADD: atLeast(2, add),
  SCARD: exactly(1, (db, [key = ""]) => read(db, key).size),
  SISMEMBER: exactly(2, (db, [key = "", member = ""]) => read(db, key).has(member) ? 1 : 0),
  SMEMBERS: exactly(1, (db, [key = ""]) => Array.from(read(db, key))),
  SRANDMEMBER: atLeast(1, random),
  SREM: atLeast(2, remove)
}
