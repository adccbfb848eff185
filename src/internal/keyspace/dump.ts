/** Commands that build a value again. */
import type { Value } from "./Database.js"
import { formatDouble } from "./numbers.js"
import { SortedSet } from "./SortedSet.js"

/** A command and its arguments. */
export type Line = readonly [name: string, ...args: ReadonlyArray<string>]

const chunk = 1000

function* chunked(name: string, key: string, args: ReadonlyArray<string>): Iterable<Line> {
  for (let i = 0; i < args.length; i += chunk) yield [name, key, ...args.slice(i, i + chunk)]
}

const contents = (key: string, value: Value): Iterable<Line> => {
  if (typeof value === "string") return [["SET", key, value]]
  if (Array.isArray(value)) return chunked("RPUSH", key, value)
  if (value instanceof Set) return chunked("SADD", key, [...value])
  if (value instanceof SortedSet) {
    return chunked("ZADD", key, value.all().flatMap(({ member, score }) => [formatDouble(score), member]))
  }
  return chunked("HSET", key, [...value].flat())
}

export function* dumpEntry(key: string, value: Value, deadline: number | undefined): Iterable<Line> {
  yield* contents(key, value)
  if (deadline !== undefined) yield ["PEXPIREAT", key, String(deadline)]
}
