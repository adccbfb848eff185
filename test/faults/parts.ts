/**
 * What calls are made of that are not one step: each checkpoint of a saveAll is a write of its own, a copy
 * reads one execution and writes to another, and a loadAll may ask for ids that are of several executions.
 */
import type { Call, Called, Entry, Event, Happened, Outcome } from "./history.js"
import { idsOf as named } from "./history.js"

export type PartCall =
  | Exclude<Call, { readonly verb: "saveAll" | "copy" }>
  /** The first checkpoint of a copy, which compares; those behind it are saves. */
  | { readonly verb: "copyFirst"; readonly id: string; readonly version: number; readonly tag: string }
  /** What a copy read. */
  | { readonly verb: "copied"; readonly entries: ReadonlyArray<Entry> }

/** The server said no to a call of which this was one part: it was refused, or another was. */
export interface Perhaps {
  readonly _tag: "Perhaps"
}

export interface Part extends Omit<Called, "call" | "outcome" | "copied"> {
  readonly call: PartCall
  readonly outcome: Outcome | Perhaps
}

const done: Outcome = { _tag: "Ok", seen: [], number: 0 }

/** Of one write among several of which the call has told one outcome. */
const amongst = (outcome: Outcome): Part["outcome"] => outcome._tag === "Refused" ? { _tag: "Perhaps" } : outcome

const savesOf = (called: Called, entries: ReadonlyArray<Entry>): ReadonlyArray<Part> =>
  entries.map((entry) => ({ ...called, call: { verb: "save", ...entry }, outcome: amongst(called.outcome) }))

/** What comes behind the first is only sent when the first was acknowledged. */
const copyParts = (called: Called, to: string): ReadonlyArray<Part> => {
  const { copied: [first, ...rest], outcome } = called
  const target = { ...called, execution: to }
  const read: Part = { ...called, call: { verb: "copied", entries: called.copied }, outcome }
  if (first === undefined) return [read]
  const compared: Part = {
    ...target,
    call: { verb: "copyFirst", ...first },
    outcome: rest.length > 0 || outcome._tag === "Ok" ? done : outcome
  }
  return [...(outcome._tag === "Ok" ? [read] : []), compared, ...savesOf(target, rest)]
}

/** Ids that are of this execution alone are read in one step; of the others it is known one by one what was found. */
const loadParts = (called: Called, ids: ReadonlyArray<string>, shared: ReadonlySet<string>): ReadonlyArray<Part> => {
  const { outcome } = called
  const found = (some: ReadonlyArray<string>): Outcome =>
    outcome._tag === "Ok" ? { ...outcome, seen: outcome.seen.filter(({ id }) => some.includes(id)) } : outcome
  const own = ids.filter((id) => !shared.has(id))
  const others = ids.filter((id) => shared.has(id))
  return [
    { ...called, call: { verb: "loadAll", ids: own }, outcome: found(own) },
    ...others.map((id): Part => ({ ...called, call: { verb: "load", id }, outcome: found([id]) }))
  ]
}

const partsOf = (called: Called, shared: ReadonlySet<string>): ReadonlyArray<Part> => {
  const { call, outcome } = called
  switch (call.verb) {
    case "saveAll":
      return savesOf(called, call.entries)
    case "copy":
      return copyParts(called, call.to)
    case "loadAll":
      return loadParts(called, call.ids, shared)
    default:
      return [{ ...called, call, outcome }]
  }
}

/** Ids that calls of several executions name. */
export const sharedIds = (events: ReadonlyArray<Event>): ReadonlySet<string> => {
  const owner = new Map<string, string>()
  const shared = new Set<string>()
  for (const event of events) {
    if (event._tag === "Happened") continue
    for (const id of named(event.call)) {
      if ((owner.get(id) ?? event.execution) !== event.execution) shared.add(id)
      owner.set(id, event.execution)
    }
  }
  return shared
}

/** Ids that a part names or was told of. */
export const idsOf = ({ call, outcome }: Part): ReadonlyArray<string> => [
  ...("id" in call ? [call.id] : call.verb === "loadAll" ? call.ids : []),
  ...(outcome._tag === "Ok" ? outcome.seen.map(({ id }) => id) : [])
]

export const ofAll = (events: ReadonlyArray<Event>): ReadonlyArray<Part | Happened> => {
  const shared = sharedIds(events)
  return events.flatMap((event): ReadonlyArray<Part | Happened> =>
    event._tag === "Happened" ? [event] : partsOf(event, shared)
  )
}
