/**
 * What must hold of the keys of a store at every instant. Knows the layout of
 * the keys and the stored JSON, and nothing of the code that writes them.
 */
import { Effect } from "effect"
import type { KeyLayout } from "../../src/services/KeyLayout.js"
import { checkpointKey, indexKey } from "../../src/services/KeyLayout.js"
import type { RawRedis, RawRedisError } from "../support/RawRedis.js"
import * as Snapshot from "./snapshot.js"

export interface Violation {
  readonly rule: "I1" | "I2" | "I3" | "I4" | "I5" | "I6" | "executions" | "staged" | "shape"
  readonly detail: string
}

export interface Report {
  readonly violations: ReadonlyArray<Violation>
  /** Index entries whose checkpoint has expired, as `execution/id`. */
  readonly dangling: ReadonlyArray<string>
  readonly staged: number
  readonly checkpoints: number
  /** Checkpoints with a time to live that has not passed. */
  readonly expiring: number
}

export interface Rules {
  /** Which ids were ever saved with a time to live; only these may be missing from an index's point of view. */
  readonly mayExpire?: (checkpointId: string) => boolean
}

interface Stored {
  readonly id: string
  readonly executionId: string | undefined
  readonly version: number
  readonly left: number
}

interface Index {
  readonly executionId: string
  /** Of an execution that was cleared: what it leads to is to be deleted, unless it was saved since. */
  readonly doomed: boolean
  readonly left: number
  /** Scores by id; NaN in an index that has none. */
  readonly entries: ReadonlyMap<string, number>
}

export interface Parsed {
  readonly stored: ReadonlyMap<string, Stored>
  readonly indexes: ReadonlyArray<Index>
  readonly executions: ReadonlySet<string>
  readonly staged: ReadonlyArray<readonly [key: string, left: number]>
  readonly violations: ReadonlyArray<Violation>
}

const entriesOf = ({ content, type }: Snapshot.Row): Map<string, number> => {
  if (type === "set") return new Map(content.map((id) => [id, NaN]))
  return new Map(content.flatMap((id, i) => i % 2 === 0 ? [[id, Number(content[i + 1])] as const] : []))
}

const storedOf = (id: string, { content: [payload = ""], left }: Snapshot.Row): Stored | undefined => {
  try {
    const { id: named, metadata, version } = JSON.parse(payload)
    return named === id ? { id, executionId: metadata?.execution_id, version, left } : undefined
  } catch {
    return undefined
  }
}

const doomedName = /^([^]*):doomed(?::\d+)?$/

/** An index, or one that is doomed. */
const indexOf = (layout: KeyLayout, key: string, row: Snapshot.Row): Index | undefined => {
  if (!key.startsWith(layout.indexPrefix) || row.type === "string") return undefined
  const name = key.slice(layout.indexPrefix.length)
  const found = { left: row.left, entries: entriesOf(row) }
  if (name.endsWith(layout.indexSuffix)) {
    return { executionId: name.slice(0, -layout.indexSuffix.length), doomed: false, ...found }
  }
  const executionId = doomedName.exec(name)?.[1]
  return executionId === undefined ? undefined : { executionId, doomed: true, ...found }
}

/** Sorts the keys by what they are. */
export const parse = (snapshot: Snapshot.Snapshot, layout: KeyLayout): Parsed => {
  const stored = new Map<string, Stored>()
  const indexes: Array<Index> = []
  const staged: Array<readonly [string, number]> = []
  const violations: Array<Violation> = []
  let executions: ReadonlySet<string> = new Set()
  for (const [key, row] of snapshot) {
    const index = indexOf(layout, key, row)
    if (key === layout.executions && row.type === "zset") {
      executions = new Set(entriesOf(row).keys())
    } else if (key.startsWith(layout.checkpointPrefix) && row.type === "string") {
      const id = key.slice(layout.checkpointPrefix.length)
      const checkpoint = storedOf(id, row)
      if (checkpoint === undefined) violations.push({ rule: "shape", detail: `${key} holds no checkpoint ${id}` })
      else stored.set(id, checkpoint)
    } else if (index !== undefined) {
      indexes.push(index)
    } else if (key.startsWith(layout.stagedPrefix) && row.type === "string") {
      staged.push([key, row.left])
    } else {
      violations.push({ rule: "shape", detail: `${key} (${row.type}) is no key of the store` })
    }
  }
  return { stored, indexes, executions, staged, violations }
}

const livingOf = (indexes: ReadonlyArray<Index>): ReadonlyMap<string, Index> =>
  new Map(indexes.filter(({ doomed }) => !doomed).map((index) => [index.executionId, index]))

/**
 * Every living checkpoint is in the index of its execution, by its version, and the execution is known; or
 * it was cleared and is going to be deleted.
 */
const membership = ({ executions, indexes, stored }: Parsed): Array<Violation> => {
  const living = livingOf(indexes)
  const dooms = indexes.filter(({ doomed }) => doomed)
  const violations: Array<Violation> = []
  for (const { executionId, id, version } of stored.values()) {
    if (executionId === undefined) continue
    const score = living.get(executionId)?.entries.get(id)
    if (score === undefined && dooms.some((doom) => doom.executionId === executionId && doom.entries.has(id))) continue
    if (score === undefined) {
      violations.push({ rule: "I2", detail: `orphan: ${id} is not in the index of ${executionId}` })
    } else if (!Number.isNaN(score) && score !== version) {
      violations.push({ rule: "I2", detail: `${id} has version ${version}, its entry in ${executionId} says ${score}` })
    }
    if (!executions.has(executionId)) {
      violations.push({
        rule: "executions",
        detail: `${executionId} has ${id} and is not in ${[...executions].join()}`
      })
    }
  }
  return violations
}

/** Where index entries lead: to their checkpoint, or to one that has expired. */
const entries = ({ indexes, stored }: Parsed, mayExpire: (id: string) => boolean) => {
  const dangling: Array<string> = []
  const violations: Array<Violation> = []
  for (const { entries, executionId } of livingOf(indexes).values()) {
    for (const id of entries.keys()) {
      const checkpoint = stored.get(id)
      if (checkpoint?.executionId === executionId) continue
      if (mayExpire(id)) dangling.push(`${executionId}/${id}`)
      else if (checkpoint === undefined) {
        violations.push({ rule: "I1", detail: `dangling: ${executionId} lists ${id}, which is gone and never expires` })
      } else {
        violations.push({
          rule: "I2",
          detail: `${executionId} lists ${id}, which belongs to ${checkpoint.executionId}`
        })
      }
    }
  }
  return { dangling, violations }
}

const lifetimes = ({ indexes, stored }: Parsed): Array<Violation> => {
  const living = livingOf(indexes)
  return indexes.flatMap(({ doomed, entries, executionId, left }) => {
    if (left === -1) return []
    const members = [...entries.keys()].flatMap((id) => {
      const checkpoint = stored.get(id)
      const savedSince = doomed && living.get(executionId)?.entries.has(id) === true
      return checkpoint?.executionId === executionId && !savedSince ? [checkpoint] : []
    })
    return members.filter((member) => member.left === -1 || member.left > left).map((member): Violation => ({
      rule: "I4",
      detail: `the index of ${executionId} lives ${left} ms, its member ${member.id} ${member.left} ms`
    }))
  })
}

const stagedMillis = 30_000

const stages = ({ staged }: Parsed): Array<Violation> =>
  staged.flatMap(([key, left]) =>
    left < 0 || left > stagedMillis ? [{ rule: "staged", detail: `${key} lives ${left} ms` }] : []
  )

export const check = (snapshot: Snapshot.Snapshot, layout: KeyLayout, rules: Rules = {}): Report => {
  const parsed = parse(snapshot, layout)
  const { dangling, violations } = entries(parsed, rules.mayExpire ?? (() => false))
  return {
    violations: [...parsed.violations, ...membership(parsed), ...violations, ...lifetimes(parsed), ...stages(parsed)],
    dangling,
    staged: parsed.staged.length,
    checkpoints: parsed.stored.size,
    expiring: [...parsed.stored.values()].filter(({ left }) => left !== -1).length
  }
}

/** I3: what is left of an execution that was cleared. */
export const remains = (snapshot: Snapshot.Snapshot, layout: KeyLayout, executionId: string): Array<Violation> => {
  const { executions, indexes, stored } = parse(snapshot, layout)
  const ids = [...stored.values()].flatMap((checkpoint) =>
    checkpoint.executionId === executionId ? [checkpoint.id] : []
  )
  const left = [
    ...ids.map((id) => checkpointKey(layout, id)),
    ...indexes.some((index) => index.executionId === executionId) ? [indexKey(layout, executionId)] : [],
    ...executions.has(executionId) ? [layout.executions] : []
  ]
  return left.map((key) => ({ rule: "I3", detail: `${key} still has something of ${executionId}` }))
}

const prefixOf = (layout: KeyLayout): string => layout.checkpointPrefix.slice(0, -"checkpoint:".length)

export const inspect = (raw: RawRedis, layout: KeyLayout, rules?: Rules): Effect.Effect<Report, RawRedisError> =>
  Effect.map(Snapshot.take(raw, prefixOf(layout)), (snapshot) => check(snapshot, layout, rules))
