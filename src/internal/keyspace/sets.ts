import { atLeast, type Commands, exactly, type Run } from "./Command.js"
import type { Database } from "./Database.js"

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

export const sets: Commands = {
  SADD: atLeast(2, add),
  SCARD: exactly(1, (db, [key = ""]) => read(db, key).size),
  SISMEMBER: exactly(2, (db, [key = "", member = ""]) => read(db, key).has(member) ? 1 : 0),
  SMEMBERS: exactly(1, (db, [key = ""]) => Array.from(read(db, key))),
  SREM: atLeast(2, remove)
}
