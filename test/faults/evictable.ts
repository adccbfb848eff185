/**
 * What is left of the model when the server may throw any key away at any time:
 * each checkpoint by itself is a register that can lose its value, and never has
 * one that nobody wrote, or that was written over.
 */
import type { Step } from "./checker.js"
import type { Seen } from "./history.js"
import { appended } from "./model.js"
import type { Part } from "./parts.js"
import * as Parts from "./parts.js"
import type { Stored } from "./state.js"

export type State = Stored | undefined

export const key = (state: State): string => state === undefined ? "" : `${state.version} ${state.tag}`

type Apply = Step<State>["apply"]

const put = (written: Stored): Apply => (state) => [state?.tag === written.tag ? state : written]

const gone: Apply = () => [undefined]

const maybeGone: Apply = (state) => state === undefined ? [state] : [undefined, state]

const holds = ({ tag, version }: Seen): Apply => (state) =>
  state?.tag === tag && state.version === version ? [state] : []

/** What a call writes, if it is to this id. */
const written = ({ call, execution, outcome }: Part, id: string): Stored | undefined => {
  if ("tag" in call && "id" in call) return call.id === id ? call : undefined
  if (call.verb !== "append") return undefined
  const version = outcome._tag === "Ok"
    ? outcome.seen[0]!.version
    : call.after === undefined
    ? undefined
    : call.after + 1
  const made = appended(execution, version ?? Number(id.split("@")[1]), call.tag)
  return made.id === id ? made : undefined
}

const removes = ({ call }: Part, id: string): boolean =>
  call.verb === "clear" || (call.verb === "delete" && call.id === id)

const unseen = (called: Part, id: string): Apply | undefined => {
  const write = written(called, id)
  if (write !== undefined) return put(write)
  return removes(called, id) ? gone : undefined
}

/** Of a call that names ids: whether this is one. */
const names = ({ call }: Part, id: string): boolean =>
  "id" in call ? call.id === id : call.verb === "loadAll" && call.ids.includes(id)

const lives: Apply = (state) => state === undefined ? [] : [state]

const seen = (called: Part, id: string): Apply | undefined => {
  const { call, outcome } = called
  if (outcome._tag === "Perhaps") {
    const write = unseen(called, id)
    return write === undefined ? undefined : (state) => [state, ...write(state)]
  }
  if (outcome._tag !== "Ok") return undefined
  const write = written(called, id)
  if (write !== undefined) return put(write)
  if (call.verb === "clear") return outcome.number > 0 ? maybeGone : undefined
  if (call.verb === "delete") return call.id === id ? gone : undefined
  const found = outcome.seen.find((entry) => entry.id === id)
  if (found !== undefined) return holds(found)
  if (!names(called, id)) return undefined
  return call.verb === "exists" && outcome.number === 1 ? lives : gone
}

const stepsOf = (called: Part, id: string): ReadonlyArray<Step<State>> => {
  const { begun, call, ended, lost, outcome } = called
  const label = `${JSON.stringify(call)} ${JSON.stringify(outcome)}`
  const hidden = unseen(called, id)
  const count = Math.max(lost.length, outcome._tag === "Unknown" ? 1 : 0)
  const sent = hidden === undefined ? [] : Array.from({ length: count }, (): Step<State> => ({
    label,
    begun,
    ended: Infinity,
    required: false,
    reads: false,
    apply: hidden
  }))
  const apply = seen(called, id)
  if (apply === undefined) return sent
  // Of a stream an earlier page than the one that was asked for again.
  const since = call.verb === "stream" ? begun : lost.at(-1) ?? begun
  const reads = ["load", "loadAll", "exists", "latest", "list", "stream"].includes(call.verb)
  return [...sent, { label, begun: since, ended, required: true, reads, apply }]
}

/** The steps of each id of an execution. */
export const stepsById = (calls: ReadonlyArray<Part>): ReadonlyMap<string, ReadonlyArray<Step<State>>> => {
  const ids = new Set(calls.flatMap(Parts.idsOf))
  return new Map([...ids].map((id) => [id, calls.flatMap((called) => stepsOf(called, id))]))
}
