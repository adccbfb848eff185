import { Deadlines } from "./Deadlines.js"
import { refuse, wrongType } from "./Refusal.js"
import { SortedSet } from "./SortedSet.js"

export type Value = string | Array<string> | Set<string> | Map<string, string> | SortedSet

export type TypeName = "string" | "list" | "set" | "hash" | "zset"

export const typeName = (value: Value): TypeName => {
  if (typeof value === "string") return "string"
  if (Array.isArray(value)) return "list"
  if (value instanceof Set) return "set"
  return value instanceof Map ? "hash" : "zset"
}

/**
 * Keys, values and deadlines at an instant. A key whose deadline has come is
 * removed before anything can see it.
 */
export class Database {
  now = 0
  /** Whether the command under way has changed anything; who changes a value in place says so by `touch`. */
  changed = false
  private readonly values = new Map<string, Value>()
  private readonly deadlines = new Deadlines()

  constructor(private readonly onExpire: (key: string) => void) {}

  get size(): number {
    this.expireDue()
    return this.values.size
  }

  get nextExpiry(): number | undefined {
    return this.deadlines.next()
  }

  get(key: string): Value | undefined {
    this.expireIfDue(key)
    return this.values.get(key)
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  string(key: string): string | undefined {
    const value = this.get(key)
    return value === undefined || typeof value === "string" ? value : refuse(wrongType)
  }

  list(key: string): Array<string> | undefined {
    const value = this.get(key)
    return value === undefined || Array.isArray(value) ? value : refuse(wrongType)
  }

  set(key: string): Set<string> | undefined {
    const value = this.get(key)
    return value === undefined || value instanceof Set ? value : refuse(wrongType)
  }

  hash(key: string): Map<string, string> | undefined {
    const value = this.get(key)
    return value === undefined || value instanceof Map ? value : refuse(wrongType)
  }

  sortedSet(key: string): SortedSet | undefined {
    const value = this.get(key)
    return value === undefined || value instanceof SortedSet ? value : refuse(wrongType)
  }

  /** Keeps the deadline. */
  put<V extends Value>(key: string, value: V): V {
    this.expireIfDue(key)
    this.values.set(key, value)
    this.changed = true
    return value
  }

  touch(): void {
    this.changed = true
  }

  /** After elements were taken out: an aggregate without elements does not exist. */
  shrunk(key: string, size: number): void {
    this.changed = true
    if (size === 0) this.remove(key)
  }

  delete(key: string): boolean {
    if (!this.has(key)) return false
    this.remove(key)
    return true
  }

  clear(): void {
    this.changed = true
    this.values.clear()
    this.deadlines.clear()
  }

  deadline(key: string): number | undefined {
    return this.deadlines.get(key)
  }

  expireAt(key: string, at: number): void {
    this.deadlines.set(key, at)
    this.changed = true
  }

  persist(key: string): boolean {
    if (!this.deadlines.delete(key)) return false
    this.changed = true
    return true
  }

  expireDue(): void {
    for (let key = this.deadlines.due(this.now); key !== undefined; key = this.deadlines.due(this.now)) {
      this.expire(key)
    }
  }

  entries(): IterableIterator<[key: string, value: Value]> {
    return this.values.entries()
  }

  private remove(key: string): void {
    this.changed = true
    this.values.delete(key)
    this.deadlines.delete(key)
  }

  private expireIfDue(key: string): void {
    const deadline = this.deadlines.get(key)
    if (deadline !== undefined && deadline <= this.now) this.expire(key)
  }

  private expire(key: string): void {
    this.values.delete(key)
    this.deadlines.delete(key)
    this.onExpire(key)
  }
}
