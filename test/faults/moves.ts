/**
 * Ids that several executions share: a save moves them. What happens to such an
 * id is projected on each execution by itself. Of an id that is not here nothing
 * is known of where else it is.
 */
import type { Step } from "./checker.js"
import { sendings, span } from "./model.js"
import type { Part } from "./parts.js"
import { drop, type State } from "./state.js"

/** These are of no execution: the id that they name is where it is. */
export const isPlaceless = ({ call }: Part): boolean => ["load", "exists", "delete"].includes(call.verb)

const has = ({ living }: State, id: string): boolean => living.has(id)

/** Here at the latest now it is gone. */
const leaves = (id: string) => (state: State) => [has(state, id) ? drop(state, id) : state]

const maybeLeaves = (id: string) => (state: State) => has(state, id) ? [drop(state, id)] : []

const isRead = (call: Part["call"]): boolean => call.verb === "load" || call.verb === "exists"

const answer = (execution: string, { call, lost, outcome }: Part, id: string): Step<State>["apply"] | undefined => {
  if (outcome._tag === "Perhaps") return (state) => [state, ...maybeLeaves(id)(state)]
  if (outcome._tag !== "Ok") return undefined
  const [found] = outcome.seen
  const isHere = call.verb === "load" && found?.execution === execution
  if (isHere) {
    return (state) =>
      state.living.get(id)?.version === found.version && state.living.get(id)?.tag === found.tag ? [state] : []
  }
  // It is somewhere.
  if (call.verb === "exists" && outcome.number === 1) return undefined
  if (isRead(call) || (call.verb === "delete" && outcome.number === 0)) {
    return (state) => has(state, id) ? [] : [state]
  }
  // Won before, by a sending of its own: it need not have moved anything now.
  return lost.length > 0 ? (state) => [...maybeLeaves(id)(state), state] : leaves(id)
}

/** What a call on a shared id does to an execution that is not its own; a delete is of none. */
export const stepsOf = (execution: string, called: Part, id: string): ReadonlyArray<Step<State>> => {
  const isWrite = !isRead(called.call)
  const apply = answer(execution, called, id)
  const reads = !isWrite ||
    (called.outcome._tag === "Ok" && called.call.verb === "delete" && called.outcome.number === 0)
  return [
    ...sendings(called, isWrite ? maybeLeaves(id) : undefined),
    ...(apply === undefined ? [] : [{ ...span(called), reads, apply }])
  ]
}
