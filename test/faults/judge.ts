/** The verdict on a history: can it be explained, and what did the server lose? */
import * as Checker from "./checker.js"
import * as Evictable from "./evictable.js"
import type { Called, Event } from "./history.js"
import * as Model from "./model.js"
import * as Moves from "./moves.js"

/** What a server may do to writes that it has acknowledged. */
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

const acknowledged = (events: ReadonlyArray<Event>): ReadonlySet<string> =>
  new Set(
    events.flatMap((event) =>
      event._tag === "Called" && event.outcome._tag === "Ok" && "tag" in event.call ? [event.call.tag] : []
    )
  )

/** Told that nothing was sent, after a sending that may have been applied. An append that asks for the head sends twice. */
const overclaims = (calls: ReadonlyArray<Called>): ReadonlyArray<string> =>
  calls.flatMap(({ call, lost, outcome }) => {
    const once = call.verb === "compareAndSet" || (call.verb === "append" && call.after !== undefined)
    return once && lost.length > 0 && outcome._tag === "NotSent"
      ? [`${JSON.stringify(call)} was sent, and told as NotSent`]
      : []
  })

/** Every step that can have touched an execution: a load or delete of a shared id is no execution's own. */
const stepsOf = (name: string, events: ReadonlyArray<Event>, shared: ReadonlySet<string>) =>
  events.flatMap((event) => {
    if (event._tag === "Happened") return Model.stepsOf([event])
    const id = Moves.idOf(event.call)
    const isShared = id !== undefined && shared.has(id)
    const isOwn = event.execution === name && !(isShared && ["load", "delete"].includes(event.call.verb))
    if (isOwn) return Model.stepsOf([event])
    return isShared ? Moves.stepsOf(name, event, id) : []
  })

const lostBy = (tags: ReadonlySet<string>) => ({ after, before, step }: Checker.Taken<Model.State>): number => {
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
  const calls = events.filter((event) => event._tag === "Called")
  const tags = acknowledged(events)
  const shared = Moves.sharedIds(calls)
  const names = new Set(calls.map(({ execution }) => execution))
  return sum([
    { ...none, violations: overclaims(calls) },
    ...(loses === "any key"
      ? [...Evictable.stepsById(calls)].map(([id, steps]) => judgeId(id, steps, tags))
      : [...names].map((name) =>
        judgeSteps(name, stepsOf(name, events, shared), { initial: Model.empty, key: Model.key }, lostBy(tags))
      ))
  ])
}
