/**
 * What one execution may do: a compare-and-set register, its head, on top of a
 * set of living checkpoints. Nothing expires.
 *
 * A compare-and-set that the layer sends again after a lost reply is several
 * sendings, and each may take effect: docs/semantics.md tells how a deleted head
 * lets it win twice.
 */
import type { Step } from "./checker.js"
import type { Call, Called, Entry, Event, Happened, Seen } from "./history.js"

interface Stored {
  readonly version: number
  readonly tag: string
}

type Living = ReadonlyMap<string, Stored>

export interface State {
  readonly living: Living
  /** What something in two steps has seen in its first. */
  readonly noted: ReadonlyMap<string, Living>
}

export const empty: State = { living: new Map(), noted: new Map() }

const line = (living: Living): string =>
  [...living].map(([id, { tag, version }]) => `${id} ${version} ${tag}`).toSorted().join()

export const key = ({ living, noted }: State): string =>
  `${line(living)}|${[...noted].map(([name, seen]) => `${name}: ${line(seen)}`).toSorted().join(";")}`

export const headOf = ({ living }: State): number =>
  [...living.values()].reduce((head, { version }) => Math.max(head, version), 0)

const latestOf = ({ living }: State): Entry | undefined =>
  [...living]
    .map(([id, stored]): Entry => ({ id, ...stored }))
    .toSorted((a, b) => b.version - a.version || (a.id < b.id ? 1 : -1))[0]

const put = (state: State, { id, tag, version }: Entry): State => ({
  ...state,
  living: new Map(state.living).set(id, { version, tag })
})

export const drop = (state: State, id: string): State => {
  const living = new Map(state.living)
  living.delete(id)
  return { ...state, living }
}

const note = (state: State, name: string, seen: Living | undefined): State => {
  const noted = new Map(state.noted)
  if (seen === undefined) noted.delete(name)
  else noted.set(name, seen)
  return { ...state, noted }
}

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

const when = (fits: (state: State) => boolean, then: (state: State) => State = (state) => state) => (state: State) =>
  fits(state) ? [then(state)] : []

type Apply = Step<State>["apply"]

/** What a sending can do that nobody was told of. */
const unseen = (execution: string, call: Call): Apply | undefined => {
  switch (call.verb) {
    case "save":
      return (state) => [put(state, call)]
    case "compareAndSet":
      return when((state) => headOf(state) === call.expected, (state) => put(state, call))
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

const isSame = (a: Entry | undefined, b: Entry | undefined): boolean =>
  a?.id === b?.id && a?.version === b?.version && a?.tag === b?.tag

const holds = ({ living }: State, { id, tag, version }: Entry): boolean =>
  living.get(id)?.version === version && living.get(id)?.tag === tag

interface Told {
  readonly seen: ReadonlyArray<Seen>
  readonly number: number
}

/** Of a call that succeeded; `list`, which takes two steps, is beside this. */
const seenBy = (execution: string, call: Exclude<Call, { readonly verb: "list" }>, told: Told): Apply => {
  const [found] = told.seen
  switch (call.verb) {
    case "save":
      return (state) => [put(state, call)]
    case "compareAndSet":
      return win(call, call.expected)
    case "append":
      return win(appended(execution, found!.version, call.tag), found!.version - 1)
    case "load":
      return when((state) => found?.execution === execution ? holds(state, found) : !state.living.has(call.id))
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

const reading: ReadonlySet<string> = new Set(["load", "latest", "count"])

/** `delete` and `clear` that found nothing are reads as well. */
const isRead = (call: Call, told: Told): boolean =>
  reading.has(call.verb) || (["delete", "clear"].includes(call.verb) && told.number === 0)

/**
 * A list reads the index and then the payloads, and leaves out what is not at its
 * place any more: such entries have to be gone, or saved again, at the second step.
 */
const listed = (base: Step<State>, begun: number, { seen }: Told): ReadonlyArray<Step<State>> => {
  const name = `list ${begun}`
  const versions = new Map(seen.map(({ id, version }) => [id, version]))
  const index: Apply = (state) => {
    if (seen.some(({ id, version }) => state.living.get(id)?.version !== version)) return []
    const left = [...state.living].filter(([id, { version }]) => versions.get(id) !== version)
    return [left.length === 0 ? state : note(state, name, new Map(left))]
  }
  const payloads: Apply = (state) => {
    const left = state.noted.get(name)
    const stays = [...left ?? []].some(([id, { version }]) => state.living.get(id)?.version === version)
    if (stays || !seen.every((entry) => holds(state, entry))) return []
    return [left === undefined ? state : note(state, name, undefined)]
  }
  // What was lost on the way may have been the second step alone.
  const first = { ...base, begun, reads: true, apply: index }
  return [first, { ...base, reads: true, apply: payloads, behind: first }]
}

/** What a call that can conflict wants to write, and where. */
const guardOf = (execution: string, call: Call): { readonly entry: Entry; readonly expected: number } => {
  if (call.verb === "compareAndSet") return { entry: call, expected: call.expected }
  const expected = call.verb === "append" ? call.after ?? 0 : 0
  return { entry: appended(execution, expected + 1, call.verb === "append" ? call.tag : ""), expected }
}

const labelOf = (call: Call, outcome: string): string => `${JSON.stringify(call)} ${outcome}`

/** Sent again after a lost reply; nothing else may be. */
const sentAgain: ReadonlySet<string> = new Set(["compareAndSet", "append"])

/** What each sending of a call whose reply was lost can do, at any time or never. */
export const sendings = (
  { begun, call, lost, outcome }: Called,
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
export const span = ({ begun, call, ended, lost, outcome }: Called) => ({
  label: labelOf(call, JSON.stringify(outcome)),
  begun: lost.at(-1) ?? begun,
  ended,
  required: true
})

const answered = (called: Called): ReadonlyArray<Step<State>> => {
  const { begun, call, execution, outcome } = called
  const base = span(called)
  if (outcome._tag === "Ok") {
    const step = { ...base, reads: isRead(call, outcome), apply: () => [] }
    return call.verb === "list"
      ? listed(step, begun, outcome)
      : [{ ...step, apply: seenBy(execution, call, outcome) }]
  }
  if (outcome._tag !== "Conflict") return []
  const { entry, expected } = guardOf(execution, call)
  return [{ ...base, reads: true, apply: lose(entry, expected, outcome.head) }]
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
export const stepsOf = (events: ReadonlyArray<Event>): ReadonlyArray<Step<State>> =>
  events.flatMap((event) =>
    event._tag === "Happened"
      ? [happened(event)]
      : [...sendings(event, unseen(event.execution, event.call)), ...answered(event)]
  )
