/**
 * What one execution may do: a compare-and-set register, its head, on top of a
 * set of living checkpoints. Nothing expires.
 *
 * A compare-and-set that the layer sends again after a lost reply is several
 * sendings, and each may take effect: docs/semantics.md tells how a deleted head
 * lets it win twice.
 */
import type { Step } from "./checker.js"
import type { Entry, Happened, Outcome, Seen } from "./history.js"
import type { Part, PartCall } from "./parts.js"
import { copied, listed, streamed } from "./reads.js"
import { type Apply, drop, headOf, holds, isSame, latestOf, note, put, type State, when } from "./state.js"

/** One sending of a guarded save: what the script does. */
const guarded = (state: State, entry: Entry, expected: number): "ok" | "again" | "conflict" => {
  if (headOf(state) === expected) return "ok"
  return state.living.get(entry.id)?.tag === entry.tag ? "again" : "conflict"
}

const win = (entry: Entry, expected: number) => (state: State): ReadonlyArray<State> => {
  const result = guarded(state, entry, expected)
  if (result === "conflict") return []
  return [result === "ok" ? put(state, entry) : state]
}

const lose = (entry: Entry, expected: number, head: number) => (state: State): ReadonlyArray<State> =>
  guarded(state, entry, expected) === "conflict" && headOf(state) === head ? [state] : []

export const appended = (execution: string, version: number, tag: string): Seen => ({
  execution,
  id: `${execution}@${String(version).padStart(16, "0")}`,
  version,
  tag
})

/** What a sending can do that nobody was told of. */
const unseen = (execution: string, call: PartCall): Apply | undefined => {
  switch (call.verb) {
    case "save":
      return (state) => [put(state, call)]
    case "compareAndSet":
      return when((state) => headOf(state) === call.expected, (state) => put(state, call))
    case "copyFirst":
      return when(({ living }) => living.size === 0, (state) => put(state, call))
    case "append":
      return when(
        (state) => call.after === undefined || headOf(state) === call.after,
        (state) => put(state, appended(execution, headOf(state) + 1, call.tag))
      )
    case "delete":
      return when(({ living }) => living.has(call.id), (state) => drop(state, call.id))
    case "clear":
      return when(({ living }) => living.size > 0, (state) => ({ ...state, living: new Map() }))
    default:
      return undefined
  }
}

type Told = Extract<Outcome, { readonly _tag: "Ok" }>

/** The target was empty, or held the copy already that an earlier sending had won. */
const winEmpty = (entry: Entry, isSentAgain: boolean): Apply => (state) => {
  if (state.living.size === 0) return [put(state, entry)]
  return isSentAgain && holds(state, entry) ? [state] : []
}

type OneStep = Exclude<PartCall, { readonly verb: "list" | "stream" | "copied" }>

/** Of a call that succeeded; those that take several steps are beside this. */
const seenBy = ({ execution, lost }: Part, call: OneStep, told: Told): Apply => {
  const [found] = told.seen
  switch (call.verb) {
    case "save":
      return (state) => [put(state, call)]
    case "compareAndSet":
      return win(call, call.expected)
    case "copyFirst":
      return winEmpty(call, lost.length > 0)
    case "append":
      return win(appended(execution, found!.version, call.tag), found!.version - 1)
    case "load":
      return when((state) => found?.execution === execution ? holds(state, found) : !state.living.has(call.id))
    case "loadAll":
      return when((state) =>
        call.ids.every((id) => {
          const one = told.seen.find((seen) => seen.id === id)
          return one?.execution === execution ? holds(state, one) : !state.living.has(id)
        })
      )
    case "exists":
      return when(({ living }) => living.has(call.id) === (told.number === 1))
    case "latest":
      return when((state) => isSame(latestOf(state), found))
    case "count":
      return when(({ living }) => living.size === told.number)
    case "delete":
      return told.number === 1
        ? when(({ living }) => living.has(call.id), (state) => drop(state, call.id))
        : when(({ living }) => !living.has(call.id))
    case "clear":
      return told.number === 0
        ? when(({ living }) => living.size === 0)
        : when(({ living }) => living.size === told.number, (state) => ({ ...state, living: new Map() }))
  }
}

const reading: ReadonlySet<string> = new Set(["load", "loadAll", "exists", "latest", "count"])

/** `delete` and `clear` that found nothing are reads as well. */
const isRead = (call: PartCall, told: Told): boolean =>
  reading.has(call.verb) || (["delete", "clear"].includes(call.verb) && told.number === 0)

/** A call that lost its race: what it found at the head, and that it did not fit. */
const lost = (execution: string, call: PartCall, head: number): Apply => {
  if (call.verb === "copyFirst") return when((state) => state.living.size > 0 && headOf(state) === head)
  if (call.verb === "compareAndSet") return lose(call, call.expected, head)
  const expected = call.verb === "append" ? call.after ?? 0 : 0
  return lose(appended(execution, expected + 1, call.verb === "append" ? call.tag : ""), expected, head)
}

const labelOf = (call: PartCall, outcome: string): string => `${JSON.stringify(call)} ${outcome}`

/** Sent again after a lost reply; nothing else may be. */
const sentAgain: ReadonlySet<string> = new Set(["compareAndSet", "append", "copyFirst"])

/** What each sending of a call whose reply was lost can do, at any time or never. */
export const sendings = (
  { begun, call, lost, outcome }: Part,
  apply: Apply | undefined
): ReadonlyArray<Step<State>> => {
  if (apply === undefined) return []
  const count = Math.max(sentAgain.has(call.verb) ? lost.length : 0, outcome._tag === "Unknown" ? 1 : 0)
  const label = labelOf(call, "sent, reply lost")
  return Array.from({ length: count }, () => ({
    label,
    begun,
    ended: Infinity,
    required: false,
    reads: false,
    apply
  }))
}

/** When a call took effect that was answered. */
export const span = ({ begun, call, ended, lost, outcome }: Part) => ({
  label: labelOf(call, JSON.stringify(outcome)),
  begun: lost.at(-1) ?? begun,
  ended,
  required: true
})

const succeeded = (part: Part, base: Step<State>, told: Told): ReadonlyArray<Step<State>> => {
  const { begun, call } = part
  switch (call.verb) {
    case "list":
      return listed(base, begun, told.seen)
    case "stream":
      return streamed(base, begun, told.pages ?? [])
    case "copied":
      return copied(base, begun, call.entries)
    default:
      return [{ ...base, apply: seenBy(part, call, told) }]
  }
}

const answered = (part: Part): ReadonlyArray<Step<State>> => {
  const { call, execution, outcome } = part
  const base = { ...span(part), reads: false, apply: () => [] }
  switch (outcome._tag) {
    case "Ok":
      return succeeded(part, { ...base, reads: isRead(call, outcome) }, outcome)
    case "Conflict":
      return [{ ...base, reads: true, apply: lost(execution, call, outcome.head) }]
    case "Perhaps": {
      const apply = unseen(execution, call)
      return apply === undefined ? [] : [{ ...base, apply: (state) => [state, ...apply(state)] }]
    }
    default:
      return []
  }
}

const happened = ({ begun, ended, what }: Happened): Step<State> => {
  const applies: Record<Happened["what"], Apply> = {
    wiped: (state) => [{ ...state, living: new Map() }],
    marked: (state) => [note(state, "mark", state.living)],
    rewound: (state) => [{ ...state, living: state.noted.get("mark") ?? new Map() }]
  }
  return { label: `the server was ${what}`, begun, ended, required: true, reads: false, apply: applies[what] }
}

/** The steps of what happened to an execution by calls of its own and by the server. */
export const stepsOf = (events: ReadonlyArray<Part | Happened>): ReadonlyArray<Step<State>> =>
  events.flatMap((event) =>
    event._tag === "Happened"
      ? [happened(event)]
      : [...sendings(event, unseen(event.execution, event.call)), ...answered(event)]
  )
