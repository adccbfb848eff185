import * as Effect from "effect/Effect"
import type { Answer, GraphRunner, Options, RunOptions, Step } from "../../services/GraphRunner.js"
import type { RunnerEvent } from "../../services/RunnerEvent.js"
import type { Definition, Fields } from "../graph/definition.js"
import type { Core } from "../store/core.js"
import { answer, resumeWith } from "./answering.js"
import { clearCheckpoints, saveCheckpoint, updateState } from "./changing.js"
import { childOf } from "./child.js"
import { eventsOf } from "./events.js"
import { resumeFrom } from "./forking.js"
import type { Rules } from "./policy.js"
import { due, getState, history, listCheckpoints, loadCheckpoint, unfinished } from "./reading.js"
import { flush, type Plan, type Run } from "./run.js"
import { resume, start } from "./starting.js"

type OnStep<R> = Options<Fields, string, R>["onStep"]

const stepOf = <E, R>(run: Run<E, R>): Step<Fields> => {
  const { position: { record, state }, session } = run
  const { next, nodes, step } = record
  return { executionId: session.claim.executionId, step, nodes, next, state, save: flush(run) }
}

const planOf = <E, R>(core: Core, definition: Definition<E, R>, rules: Rules, onStep: OnStep<R>): Plan<E, R> => {
  const plan: Plan<E, R> = {
    definition,
    rules,
    emit: undefined,
    onStep: onStep === undefined ? undefined : (run) => onStep(stepOf(run)),
    child: (child, state, pass) => childOf(core)(plan)(child, state, pass)
  }
  return plan
}

const listening = <E, R>(core: Core, plan: Plan<E, R>, emit: (event: RunnerEvent<Fields>) => Effect.Effect<void>) => {
  const own: Plan<E, R> = {
    ...plan,
    emit,
    child: (child, state, pass) => childOf(core)(own)(child, state, pass)
  }
  return own
}

const spanned = <Args extends ReadonlyArray<unknown>, A, E, R>(
  verb: string,
  call: (subject: string, ...args: Args) => Effect.Effect<A, E, R>
) =>
(subject: string, ...args: Args): Effect.Effect<A, E, R> =>
  Effect.withSpan(Effect.suspend(() => call(subject, ...args)), `Runner.${verb}`, {
    captureStackTrace: false,
    attributes: { "execution.id": subject }
  })

/** The verbs on the executions of a graph; states are fields here. */
export const graphRunner = <E, R>(
  core: Core,
  definition: Definition<E, R>,
  rules: Rules,
  onStep: OnStep<R>
): GraphRunner<Fields, string, E, R, R> => {
  const plan = planOf(core, definition, rules, onStep)
  return {
    name: definition.name,
    start: spanned("start", start(core, plan)),
    resume: spanned("resume", resumeWith(core, plan)) as GraphRunner<Fields, string, E, R, R>["resume"],
    resumeFrom: spanned("resumeFrom", resumeFrom(core, plan)),
    answer: spanned("answer", (executionId: string, given: Answer) => answer(core, plan)(executionId, given)),
    getState: spanned("getState", getState(core, plan)),
    updateState: spanned("updateState", updateState(core, plan)),
    history: history(core, plan),
    events: (executionId: string, input?: Fields, options?: RunOptions) =>
      eventsOf((emit) => {
        const own = listening(core, plan, emit)
        return input === undefined
          ? resume(core, own)(executionId, options)
          : start(core, own)(executionId, input, options)
      }),
    saveCheckpoint: spanned("saveCheckpoint", saveCheckpoint(core, plan)),
    loadCheckpoint: spanned("loadCheckpoint", loadCheckpoint(core, plan)),
    listCheckpoints: spanned("listCheckpoints", listCheckpoints(core, plan)),
    clearCheckpoints: spanned("clearCheckpoints", clearCheckpoints(core, plan)),
    unfinished: unfinished(core, plan),
    due: due(core, plan)
  }
}
