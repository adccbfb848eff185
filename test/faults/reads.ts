/**
 * Reads in several steps: the index, then the payloads, page by page. What is not at its place any more when
 * its payload is read is left out: it has to be gone then, or saved again elsewhere.
 */
import type { Step } from "./checker.js"
import type { Entry } from "./history.js"
import { pageSize } from "./history.js"
import { type Apply, inOrder, type Living, note, type State, type Stored } from "./state.js"

/** A page that a reader was given. */
interface Page {
  /** Where it is noted what the index had. */
  readonly name: string
  readonly seen: ReadonlyArray<Entry>
  /** What the index gives for it; undefined when that would have been another page. */
  readonly within: (state: State) => Living | undefined
  /** What is noted for the next page: what the index had if that was more than was seen, else nothing. */
  readonly next?: (state: State, indexed: Living | undefined) => State
}

const nameOf = (verb: string, begun: number): string => `${verb} ${begun}`

const indexedAt = ({ name, seen, next = (state) => state, within }: Page): Apply => (state) => {
  const indexed = within(state)
  if (indexed === undefined || seen.some(({ id, version }) => indexed.get(id)?.version !== version)) return []
  return [indexed.size === seen.length ? next(state, undefined) : note(state, name, indexed)]
}

/** Of what the index had, what lives at the same place now, is what was seen. */
const isFound = ({ living }: State, indexed: Living, seen: ReadonlyArray<Entry>): boolean => {
  const stayed = [...indexed].filter(([id, { version }]) => living.get(id)?.version === version)
  return stayed.length === seen.length && seen.every(({ id, tag }) => living.get(id)?.tag === tag && indexed.has(id))
}

const payloadsAt = ({ name, seen, next = (state) => state }: Page): Apply => (state) => {
  const noted = state.noted.get(name)
  const indexed = noted ?? new Map(seen.map(({ id, tag, version }) => [id, { version, tag }]))
  if (!isFound(state, indexed, seen)) return []
  return [noted === undefined ? state : next(note(state, name, undefined), indexed)]
}

/** The index at `begun` or later; what was lost on the way may have been the payloads alone. */
const twoSteps = (
  base: Step<State>,
  begun: number,
  page: Page,
  behind?: Step<State>
): readonly [Step<State>, Step<State>] => {
  const first = { ...base, begun, reads: true, behind, apply: indexedAt(page) }
  return [first, { ...base, begun, reads: true, behind: first, apply: payloadsAt(page) }]
}

export const listed = (base: Step<State>, begun: number, seen: ReadonlyArray<Entry>): ReadonlyArray<Step<State>> => {
  const [index, payloads] = twoSteps(base, begun, {
    name: nameOf("list", begun),
    seen,
    within: ({ living }) => living
  })
  return [index, { ...payloads, begun: base.begun }]
}

const isBeyond = (entry: Entry, cursor: Entry | undefined): boolean =>
  cursor === undefined || entry.version > cursor.version || (entry.version === cursor.version && entry.id > cursor.id)

const living = (entries: ReadonlyArray<Entry>): Living =>
  new Map(entries.map(({ id, tag, version }) => [id, { version, tag }]))

/** Every page but the last is full, and begins behind the last entry of the one before, seen or left out. */
export const streamed = (
  base: Step<State>,
  begun: number,
  pages: ReadonlyArray<ReadonlyArray<Entry>>
): ReadonlyArray<Step<State>> => {
  const name = nameOf("stream", begun)
  const cursor = `${name}, behind`
  const steps: Array<Step<State>> = []
  pages.forEach((seen, i) => {
    const isLast = i === pages.length - 1
    const before = pages[i - 1]?.at(-1)
    const page: Page = {
      name,
      seen,
      within: (state) => {
        const [noted] = inOrder(state.noted.get(cursor) ?? new Map())
        const found = inOrder(state.living).filter((entry) => isBeyond(entry, noted ?? before)).slice(0, pageSize)
        return (found.length < pageSize) === isLast ? living(found) : undefined
      },
      next: (state, indexed) => {
        if (indexed !== undefined && !isLast) return note(state, cursor, living(inOrder(indexed).slice(-1)))
        return state.noted.has(cursor) ? note(state, cursor, undefined) : state
      }
    }
    steps.push(...twoSteps(base, begun, page, steps.at(-1)))
  })
  return steps
}

const content = ({ tag, version }: Stored): string => `${version} ${tag}`

const contents = (all: Iterable<Stored>): string => [...all].map(content).toSorted().join()

/** Of what a copy read the ids are not known, only what it made of it. */
export const copied = (base: Step<State>, begun: number, entries: ReadonlyArray<Entry>): ReadonlyArray<Step<State>> => {
  const name = nameOf("copied", begun)
  const wanted = contents(entries)
  const each = new Set(entries.map(content))
  const index: Apply = (state) => [
    contents(state.living.values()) === wanted ? state : note(state, name, state.living)
  ]
  const payloads: Apply = (state) => {
    const noted = state.noted.get(name)
    const now = [...state.living].flatMap(([id, stored]) => {
      const stayed = noted === undefined ? each.has(content(stored)) : noted.get(id)?.version === stored.version
      return stayed ? [stored] : []
    })
    if (contents(now) !== wanted) return []
    return [noted === undefined ? state : note(state, name, undefined)]
  }
  const first = { ...base, begun, reads: true, apply: index }
  return [first, { ...base, begun, reads: true, behind: first, apply: payloads }]
}
