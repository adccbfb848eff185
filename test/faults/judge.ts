/** The verdict on a history: can it be explained, and what did the server lose? */
import * as Checker from "./checker.js"
import * as Evictable from "./evictable.js"
import type { Called, Event } from "./history.js"
import * as Model from "./model.js"

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

const judgeExecution = (name: string, events: ReadonlyArray<Event>, loses: Loses): Judgement => {
  const tags = acknowledged(events)
  const calls = events.filter((event) => event._tag === "Called")
  if (loses === "any key") {
    return sum(
      [...Evictable.stepsById(calls)].map(([id, steps]) =>
        judgeSteps(
          id,
          steps,
          { initial: undefined, key: Evictable.key },
          ({ after, before, step }) =>
            step.reads && before !== undefined && after === undefined && tags.has(before.tag) ? 1 : 0
        )
      )
    )
  }
  return judgeSteps(
    name,
    Model.stepsOf(events),
    { initial: Model.empty, key: Model.key },
    ({ after, before, step }) => {
      if (!step.label.startsWith("the server")) return 0
      const left = [...before.living].filter(([id, { tag }]) => tags.has(tag) && after.living.get(id)?.tag !== tag)
      return left.length
    }
  )
}

/** Executions are independent of each other, so each is judged by itself. */
export const judge = (events: ReadonlyArray<Event>, loses: Loses): Judgement => {
  const calls = events.filter((event) => event._tag === "Called")
  const executions = new Set(calls.map(({ execution }) => execution))
  const overclaimed = { ...none, violations: overclaims(calls) }
  return sum([
    overclaimed,
    ...[...executions].map((name) =>
      judgeExecution(name, events.filter((event) => event._tag === "Happened" || event.execution === name), loses)
    )
  ])
}
