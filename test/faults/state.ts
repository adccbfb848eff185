/** What an execution may be in: a set of living checkpoints, whose highest version is its head. Nothing expires. */
import type { Step } from "./checker.js"
import type { Entry } from "./history.js"

export interface Stored {
  readonly version: number
  readonly tag: string
}

export type Living = ReadonlyMap<string, Stored>

export interface State {
  readonly living: Living
  /** What something in several steps has seen in those before. */
  readonly noted: ReadonlyMap<string, Living>
}

export type Apply = Step<State>["apply"]

export const empty: State = { living: new Map(), noted: new Map() }

const line = (living: Living): string =>
  [...living].map(([id, { tag, version }]) => `${id} ${version} ${tag}`).toSorted().join()

export const key = ({ living, noted }: State): string =>
  `${line(living)}|${[...noted].map(([name, seen]) => `${name}: ${line(seen)}`).toSorted().join(";")}`

export const headOf = ({ living }: State): number =>
  [...living.values()].reduce((head, { version }) => Math.max(head, version), 0)

/** As an index has them: by version, then by id. */
export const inOrder = (living: Living): ReadonlyArray<Entry> =>
  [...living]
    .map(([id, stored]): Entry => ({ id, ...stored }))
    .toSorted((a, b) => a.version - b.version || (a.id < b.id ? -1 : 1))

export const latestOf = ({ living }: State): Entry | undefined => inOrder(living).at(-1)

export const put = (state: State, { id, tag, version }: Entry): State => ({
  ...state,
  living: new Map(state.living).set(id, { version, tag })
})

export const drop = (state: State, id: string): State => {
  const living = new Map(state.living)
  living.delete(id)
  return { ...state, living }
}

export const note = (state: State, name: string, seen: Living | undefined): State => {
  const noted = new Map(state.noted)
  if (seen === undefined) noted.delete(name)
  else noted.set(name, seen)
  return { ...state, noted }
}

export const isSame = (a: Entry | undefined, b: Entry | undefined): boolean =>
  a?.id === b?.id && a?.version === b?.version && a?.tag === b?.tag

export const holds = ({ living }: State, { id, tag, version }: Entry): boolean =>
  living.get(id)?.version === version && living.get(id)?.tag === tag

export const when =
  (fits: (state: State) => boolean, then: (state: State) => State = (state) => state): Apply => (state) =>
    fits(state) ? [then(state)] : []
