import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { CheckpointEncodeError } from "../../schema/Errors.js"
import { ExecutionNotFound, InputMismatch } from "../../schema/ExecutionErrors.js"
import type { ClaimOptions, Release } from "../../services/ExecutionProgram.js"
import type { ReadError, RunError, RunOptions } from "../../services/GraphRunner.js"
import type { Outcome } from "../../services/Outcome.js"
import type { Definition, Fields } from "../graph/definition.js"
import { START } from "../graph/goto.js"
import * as Settled from "../settled.js"
import type { Core } from "../store/core.js"
import { advance, type Ended } from "./advance.js"
import { digestOf, isSameInput } from "./digest.js"
import { afterRun, hold } from "./hold.js"
import { positionOf } from "./inspect.js"
import { flush, makeRun, nowhere, type Plan, propose, type Run } from "./run.js"
import type { Session } from "./session.js"
import { encodeState } from "./state.js"
import { alongEdges, inOrder } from "./superstep.js"

/** What an execution is after a run. */
const releaseOf = ({ outcome, wake }: Ended): Release => {
  if (outcome._tag === "Completed") return { status: "completed" }
  return wake === undefined ? { status: "waiting" } : { status: "sleeping", at: wake }
}

/** A run at the head that was found; none where there is no head. */
export const runAtHead = <E, R>(
  plan: Plan<E, R>,
  session: Session
): Effect.Effect<Option.Option<Run<E, R>>, ReadError, R> =>
  Effect.gen(function*() {
    if (Option.isNone(session.found)) return Option.none()
    const checkpoint = yield* Either.match(session.found.value, { onLeft: Effect.fail, onRight: Effect.succeed })
    const position = yield* positionOf(session.core, plan.definition, checkpoint)
    if (session.unreadable !== undefined) return yield* session.unreadable
    return Option.some(makeRun(plan, session, position, session.time()))
  })

/** The same, where there must be a head. */
export const existing = <E, R>(
  plan: Plan<E, R>,
  session: Session
): Effect.Effect<Run<E, R>, ReadError | ExecutionNotFound, R> =>
  Effect.flatMap(
    runAtHead(plan, session),
    Option.match({
      onNone: () => Effect.fail(new ExecutionNotFound({ executionId: session.claim.executionId })),
      onSome: Effect.succeed
    })
  )

/** Claims an execution, does something with it, and runs it on. */
export const running = <E, R, E2>(
  core: Core,
  plan: Plan<E, R>,
  executionId: string,
  options: RunOptions & ClaimOptions,
  prepare: (session: Session) => Effect.Effect<Run<E, R>, E2, R>
): Effect.Effect<Ended, E | E2 | RunError, R> =>
  hold(
    core,
    executionId,
    plan.definition.name,
    plan.rules,
    options,
    (session, restore) =>
      Effect.flatMap(prepare(session), (run) =>
        Effect.tap(
          advance(run, restore),
          ({ outcome }) => run.emit?.({ _tag: "Finished", executionId, outcome }) ?? Effect.void
        )),
    { success: releaseOf, failure: afterRun }
  )

const outcomeOf = ({ outcome }: Ended): Outcome<Fields> => outcome

/** Of an execution that begins now. */
export const lifeOf = ({ claim }: Session): string => claim.token.slice(0, 8)

/** The first checkpoint: it is there before the first node runs. */
const begin = <E, R>(plan: Plan<E, R>, session: Session, input: Fields, state: unknown, digest: string) =>
  Effect.gen(function*() {
    const run = makeRun(plan, session, nowhere, session.time())
    const next = inOrder(plan.definition, alongEdges(plan.definition, START, input))
    const begun = propose(run, {
      nodeName: START,
      state,
      record: { source: "input", step: 0, next, nodes: [], input: digest, life: lifeOf(session) }
    })
    yield* Settled.toEffect(begun)
    yield* flush(run)
    return run
  })

const encodedInput = <E, R>(definition: Definition<E, R>, executionId: string, input: Fields) =>
  Effect.mapError(
    Settled.toEffect(encodeState(definition, input)),
    (issue) => new CheckpointEncodeError({ checkpointId: executionId, issue })
  )

export const start =
  <E, R>(core: Core, plan: Plan<E, R>) =>
  (executionId: string, input: Fields, options: RunOptions = {}): Effect.Effect<
    Outcome<Fields>,
    E | RunError | InputMismatch,
    R
  > =>
    Effect.gen(function*() {
      const state = yield* encodedInput(plan.definition, executionId, input)
      const digest = digestOf(state, plan.definition.stateVersion)
      const prepare = (session: Session) =>
        Effect.gen(function*() {
          const found = yield* runAtHead(plan, session)
          if (Option.isNone(found)) return yield* begin(plan, session, input, state, digest)
          return isSameInput(found.value.position.record.input, digest)
            ? found.value
            : yield* new InputMismatch({ executionId })
        })
      return outcomeOf(yield* running(core, plan, executionId, options, prepare))
    })

/**
 * Starts the execution of a child, or goes on with it whatever its input would be today: its id tells
 * under which head of its parent it began, and code may have changed since then.
 */
export const startOrGoOn =
  <E, R>(core: Core, plan: Plan<E, R>) =>
  (executionId: string, input: () => Fields, options: ClaimOptions): Effect.Effect<Ended, E | RunError, R> =>
    running(core, plan, executionId, options, (session) =>
      Effect.gen(function*() {
        const found = yield* runAtHead(plan, session)
        if (Option.isSome(found)) return found.value
        const given = input()
        const state = yield* encodedInput(plan.definition, executionId, given)
        return yield* begin(plan, session, given, state, digestOf(state, plan.definition.stateVersion))
      }))

export const resume =
  <E, R>(core: Core, plan: Plan<E, R>) =>
  (executionId: string, options: RunOptions = {}): Effect.Effect<Outcome<Fields>, E | RunError, R> =>
    Effect.map(running(core, plan, executionId, options, (session) => existing(plan, session)), outcomeOf)
