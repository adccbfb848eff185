import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { MaxStepsExceeded } from "../../schema/ExecutionErrors.js"
import type { RunError } from "../../services/GraphRunner.js"
import type { Outcome, Request } from "../../services/Outcome.js"
import type { Fields } from "../graph/definition.js"
import * as Settled from "../settled.js"
import type { Suspension } from "./pass.js"
import { openGates, openQuestions } from "./requests.js"
import { flushHere, isDue, propose, recalled, type Run } from "./run.js"
import type { Restore } from "./settle.js"
import { changeAfter, superstep } from "./superstep.js"
import type { Done, Turn } from "./turn.js"

/** How a run ended, and when somebody is to look at it again. */
export interface Ended {
  readonly outcome: Outcome<Fields>
  /** By the server's clock, in milliseconds. */
  readonly wake: number | undefined
}

const ended = (outcome: Outcome<Fields>, wake?: number): Ended => ({ outcome, wake })

/** All questions that are recorded, and those of children. */
const requestsOf = <E, R>(run: Run<E, R>, suspensions: ReadonlyArray<Suspension>): ReadonlyArray<Request> => {
  const { definition, position, session } = run
  const { executionId } = session.claim
  const asked = suspensions.flatMap((one) => one._tag === "Asked" ? one.requests : [])
  const own = openQuestions({ definition, executionId, position, memos: recalled(run) })
  return [...own.map(({ request }) => request), ...asked.filter((request) => request.executionId !== executionId)]
}

const stopped = <E, R>(run: Run<E, R>, suspensions: ReadonlyArray<Suspension>): Ended => {
  const { executionId } = run.session.claim
  const requests = requestsOf(run, suspensions)
  const times = suspensions.flatMap(({ until }) => until === undefined ? [] : [until])
  const wake = times.length === 0 ? undefined : Math.min(...times)
  return wake === undefined || requests.length > 0
    ? ended({ _tag: "Interrupted", executionId, requests }, wake)
    : ended({ _tag: "Sleeping", executionId, until: DateTime.unsafeMake(wake) }, wake)
}

/** Where no superstep can begin: at the end, or at a gate. */
const halted = <E, R>(run: Run<E, R>): Ended | undefined => {
  const { definition, position, session } = run
  const { executionId } = session.claim
  if (position.record.next.length === 0) {
    return ended({ _tag: "Completed", executionId, value: position.state, version: position.version })
  }
  const gates = openGates({ definition, executionId, position, memos: recalled(run) })
  return gates.length === 0
    ? undefined
    : ended({ _tag: "Interrupted", executionId, requests: gates.map(({ request }) => request) })
}

const suspensionsOf = (turns: ReadonlyArray<Turn>): ReadonlyArray<Suspension> =>
  turns.flatMap((turn) => turn._tag === "Suspended" ? turn.suspensions : [])

/** Where the nodes lead; it is stored, if it is due. */
const goOn = <E, R>(
  run: Run<E, R>,
  turns: ReadonlyArray<Done>,
  restore: Restore
): Effect.Effect<undefined, RunError, R> => {
  const { onStep } = run
  const proposed = Settled.flatMap(changeAfter(run, turns), (change) => propose(run, change))
  const stored = Settled.flatMap(proposed, () => isDue(run) ? flushHere(run) : Either.right(undefined))
  return Effect.as(
    onStep === undefined
      ? Settled.toEffect(stored)
      : Effect.flatMap(Settled.toEffect(stored), () => restore(onStep(run))),
    undefined
  )
}

/** A superstep and its commit; gives why it did not get there. */
const once = <E, R>(run: Run<E, R>, restore: Restore): Effect.Effect<Ended | undefined, E | RunError, R> =>
  Effect.flatMap(superstep(run, restore), (turns): Effect.Effect<Ended | undefined, E | RunError, R> => {
    const suspensions = suspensionsOf(turns)
    return suspensions.length > 0
      ? Effect.succeed(stopped(run, suspensions))
      : goOn(run, turns as ReadonlyArray<Done>, restore)
  })

/** What is unsaved is saved also when the run ends badly; that it cannot be is no news then. */
const savedAtLast = <A, E, R, E2, R2>(
  run: Run<E2, R2>,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.onError(effect, () => run.session.lost === undefined ? Effect.ignore(flushHere(run)) : Effect.void)

/** Goes on from the position to where the execution ends, waits or sleeps. Needs an uninterruptible region. */
export const advance = <E, R>(run: Run<E, R>, restore: Restore): Effect.Effect<Ended, E | RunError, R> =>
  savedAtLast(
    run,
    Effect.gen(function*() {
      const turned = Settled.turning()
      for (let steps = 0;; steps++) {
        // An interruption is heeded between two supersteps, when the last one is safe.
        yield* restore(turned())
        const end = halted(run) ?? (steps < run.rules.maxSteps ? yield* once(run, restore) : yield* exceeded(run))
        if (end !== undefined) {
          yield* flushHere(run)
          return end
        }
      }
    })
  )

const exceeded = <E, R>({ rules, session }: Run<E, R>): Effect.Effect<never, MaxStepsExceeded> =>
  Effect.fail(new MaxStepsExceeded({ executionId: session.claim.executionId, maxSteps: rules.maxSteps }))
