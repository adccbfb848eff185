/**
 * Ids that several executions share: a save moves them. What happens to such an
 * id is projected on each execution by itself. Of an id that is not here nothing
 * is known of where else it is.
 */
import type { Step } from "./checker.js"
import type { Call, Called } from "./history.js"
import type { State } from "./model.js"
import { drop, sendings, span } from "./model.js"

export const idOf = (call: Call): string | undefined => "id" in call ? call.id : undefined

const has = ({ living }: State, id: string): boolean => living.has(id)

/** Here at the latest now it is gone. */
const leaves = (id: string) => (state: State) => [has(state, id) ? drop(state, id) : state]

const maybeLeaves = (id: string) => (state: State) => has(state, id) ? [drop(state, id)] : []

const answer = (execution: string, { call, lost, outcome }: Called, id: string): Step<State>["apply"] | undefined => {
  if (outcome._tag !== "Ok") return undefined
  const [found] = outcome.seen
  const isHere = call.verb === "load" && found?.execution === execution
  if (isHere) {
    return (state) =>
      state.living.get(id)?.version === found.version && state.living.get(id)?.tag === found.tag ? [state] : []
  }
  if (call.verb === "load" || (call.verb === "delete" && outcome.number === 0)) {
    return (state) => has(state, id) ? [] : [state]
  }
  // Won before, by a sending of its own: it need not have moved anything now.
  return lost.length > 0 ? (state) => [...maybeLeaves(id)(state), state] : leaves(id)
}

/** What a call on a shared id does to an execution that is not its own; a delete is of none. */
export const stepsOf = (execution: string, called: Called, id: string): ReadonlyArray<Step<State>> => {
  const isWrite = called.call.verb !== "load"
  const apply = answer(execution, called, id)
  const reads = !isWrite ||
    (called.outcome._tag === "Ok" && called.call.verb === "delete" && called.outcome.number === 0)
  return [
    ...sendings(called, isWrite ? maybeLeaves(id) : undefined),
    ...(apply === undefined ? [] : [{ ...span(called), reads, apply }])
  ]
}

/** Ids that calls of several executions name. */
export const sharedIds = (calls: ReadonlyArray<Called>): ReadonlySet<string> => {
  const owner = new Map<string, string>()
  const shared = new Set<string>()
  for (const { call, execution } of calls) {
    const id = idOf(call)
    if (id === undefined) continue
    if ((owner.get(id) ?? execution) !== execution) shared.add(id)
    owner.set(id, execution)
  }
  return shared
}
