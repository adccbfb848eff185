/** The verdict on a history: can it be explained, and what did the server lose? */
import * as Checker from "./checker.js"
import * as Evictable from "./evictable.js"
import type { Called, Event, Happened } from "./history.js"
import * as Model from "./model.js"
import * as Moves from "./moves.js"
import * as Parts from "./parts.js"
import * as State from "./state.js"

/** What a server may do to calls that it has acknowledged. */
export type Loses = "nothing" | "everything" | "the tail" | "any key"

export interface Judgement {
  readonly violations: ReadonlyArray<string>
  readonly undecided: number
  /** Acknowledged checkpoints that the server lost. */
  readonly lost: number
  readonly visited: number
}

const none: Judgement = { violations: [], undecided: 0, lost: 0, visited: 0 }

export const sum = (all: ReadonlyArray<Judgement>): Judgement =>
  all.reduce((a, b) => ({
    violations: [...a.violations, ...b.violations],
    undecided: a.undecided + b.undecided,
    lost: a.lost + b.lost,
    visited: a.visited + b.visited
  }), none)

const told = <State>(
  name: string,
  order: ReadonlyArray<Checker.Taken<State>>,
  stuck: ReadonlyArray<Checker.Step<State>>
) =>
  [
    `${name}: no order explains it. The longest one:`,
    ...order.map(({ step }) => `  ${step.begun}-${step.ended} ${step.label}`),
    "behind which none of these fits:",
    ...stuck.map((step) => `  ${step.begun}-${step.ended} ${step.label}`)
  ].join("\n")

const judgeSteps = <State>(
  name: string,
  steps: ReadonlyArray<Checker.Step<State>>,
  options: Checker.Options<State>,
  lostIn: (taken: Checker.Taken<State>) => number
): Judgement => {
  const verdict = Checker.check(steps, options)
  const { visited } = verdict
  switch (verdict._tag) {
    case "Explained":
      return { ...none, visited, lost: verdict.order.reduce((sum, taken) => sum + lostIn(taken), 0) }
    case "Violation":
      return { ...none, visited, violations: [told(name, verdict.order, verdict.stuck)] }
    case "Undecided":
      return { ...none, visited, undecided: 1 }
  }
}

const acknowledged = (events: ReadonlyArray<Parts.Part | Happened>): ReadonlySet<string> =>
  new Set(
    events.flatMap((event) =>
      event._tag === "Called" && event.outcome._tag === "Ok" && "tag" in event.call ? [event.call.tag] : []
    )
  )

/** What was sent and may have been applied. An append that asks for the head sends twice, a copy reads first. */
const isSent = ({ call, copied, lost }: Called): boolean => {
  if (call.verb === "copy") return copied.length > 1
  return lost.length > 0 && (call.verb === "compareAndSet" || (call.verb === "append" && call.after !== undefined))
}

/** Told what cannot be: that nothing was sent of what was, or that more was copied, or less. */
const overclaims = (calls: ReadonlyArray<Called>): ReadonlyArray<string> =>
  calls.flatMap((called) => {
    const { call, copied, outcome } = called
    if (outcome._tag === "NotSent") {
      return isSent(called)
        ? [`${JSON.stringify(call)} was sent, and told as NotSent`]
        : []
    }
    return call.verb === "copy" && outcome._tag === "Ok" && outcome.number !== copied.length
      ? [`${JSON.stringify(call)} tells ${outcome.number}, and wrote ${copied.length}`]
      : []
  })

/** Every step that can have touched an execution. */
const stepsOf = (name: string, parts: ReadonlyArray<Parts.Part | Happened>, shared: ReadonlySet<string>) =>
  parts.flatMap((part) => {
    if (part._tag === "Happened") return Model.stepsOf([part])
    const id = "id" in part.call && shared.has(part.call.id) ? part.call.id : undefined
    const isOwn = part.execution === name && !(id !== undefined && Moves.isPlaceless(part))
    if (isOwn) return Model.stepsOf([part])
    return id === undefined ? [] : Moves.stepsOf(name, part, id)
  })

const lostBy = (tags: ReadonlySet<string>) => ({ after, before, step }: Checker.Taken<State.State>): number => {
  if (!step.label.startsWith("the server")) return 0
  return [...before.living].filter(([id, { tag }]) => tags.has(tag) && after.living.get(id)?.tag !== tag).length
}

/** A checkpoint by itself, of a server that may throw it away. */
const judgeId = (id: string, steps: ReadonlyArray<Checker.Step<Evictable.State>>, tags: ReadonlySet<string>) =>
  judgeSteps(
    id,
    steps,
    { initial: undefined, key: Evictable.key },
    ({ after, before, step }) =>
      step.reads && before !== undefined && after === undefined && tags.has(before.tag) ? 1 : 0
  )

/** Executions are independent of each other but for ids that they share, so each is judged by itself. */
export const judge = (events: ReadonlyArray<Event>, loses: Loses): Judgement => {
  const parts = Parts.ofAll(events)
  const calls = parts.filter((part) => part._tag === "Called")
  const tags = acknowledged(parts)
  const shared = Parts.sharedIds(events)
  const names = new Set(calls.map(({ execution }) => execution))
  return sum([
    { ...none, violations: overclaims(events.filter((event) => event._tag === "Called")) },
    ...(loses === "any key"
      ? [...Evictable.stepsById(calls)].map(([id, steps]) => judgeId(id, steps, tags))
      : [...names].map((name) =>
        judgeSteps(name, stepsOf(name, parts, shared), { initial: State.empty, key: State.key }, lostBy(tags))
      ))
  ])
}
