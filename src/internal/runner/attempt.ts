import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { CheckpointConflict } from "../../schema/Errors.js"
import { DuplicateStep, Fenced } from "../../schema/ExecutionErrors.js"
import type { RunError } from "../../services/GraphRunner.js"
import type { Node } from "../graph/definition.js"
import { unseen } from "../spanned.js"
import { called, endOf, provided, traced } from "./inside.js"
import type { Pass, Suspension } from "./pass.js"
import { flush, recalled, type Run } from "./run.js"
import { type Lost, record } from "./session.js"
import { type Restore, settle } from "./settle.js"
import { stopHere } from "./stopHere.js"

/** One attempt at a node while it runs. */
interface Attempt {
  readonly pass: Pass
  readonly suspensions: Array<Suspension>
  fiber: Fiber.RuntimeFiber<unknown, unknown> | undefined
  /** Its fiber has ended: one that outlives it records nothing any more. */
  over: boolean
}

const isLost = (error: unknown): error is Lost => error instanceof Fenced || error instanceof CheckpointConflict

/** Where the execution turns out to be lost, its nodes are being interrupted: nothing of it comes back. */
const whileHeld = <A, E>(effect: Effect.Effect<A, E | Lost>): Effect.Effect<A, E> =>
  Effect.catchAll(effect, (error) => isLost(error) ? stopHere : Effect.fail(error))

/** Where the attempt is over, nothing of it comes back either. */
const whileGoing = <A, E>(attempt: () => Attempt, effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.suspend(() => attempt().over ? stopHere : effect)

/** What is pending is stored first: a record needs a head. */
const recordUnderHead = <E, R>(run: Run<E, R>, attempt: () => Attempt, field: string, value: string) =>
  whileGoing(
    attempt,
    Effect.suspend(() => {
      run.session.unrecorded.set(field, value)
      const recorded = Effect.suspend(() => record(run.session, field, value, () => !attempt().over))
      return whileHeld(Effect.zipRight(flush(run), whileGoing(attempt, recorded)))
    })
  )

const names = (executionId: string, node: string): Pass["named"] => {
  const used = new Set<string>()
  return <A, E, R>(step: string, result: Effect.Effect<A, E, R>): Effect.Effect<A, E | DuplicateStep, R> =>
    Effect.suspend((): Effect.Effect<A, E | DuplicateStep, R> => {
      if (used.has(step)) return Effect.fail(new DuplicateStep({ executionId, node, step }))
      used.add(step)
      return Effect.onError(result, () => Effect.sync(() => used.delete(step)))
    })
}

const attemptAt = <E, R>(run: Run<E, R>, node: string): Attempt => {
  const { position: { record: { base, life } }, rules, session } = run
  const { executionId } = session.claim
  const suspensions: Array<Suspension> = []
  const own = (): Attempt => attempt
  const attempt: Attempt = {
    suspensions,
    fiber: undefined,
    over: false,
    pass: {
      executionId,
      node,
      inlineSleep: rules.inlineSleep,
      named: names(executionId, node),
      spare: (error) => {
        session.spared = error
      },
      token: session.claim.token,
      life,
      unrecorded: (field) => attempt.over ? undefined : session.unrecorded.get(field),
      recall: (field) => attempt.over ? undefined : recalled(run).get(field),
      record: (field, value) => recordUnderHead(run, own, field, value),
      base: whileGoing(
        own,
        Effect.suspend(() => Effect.zipRight(whileHeld(flush(run)), whileGoing(own, Effect.succeed(base))))
      ),
      suspend: (suspension) =>
        whileGoing(
          own,
          Effect.suspend(() => {
            suspensions.push(suspension)
            const stop = attempt.fiber === undefined ? Effect.void : Fiber.interruptFork(attempt.fiber)
            return Effect.zipRight(stop, stopHere)
          })
        ),
      now: Effect.sync(session.time)
    }
  }
  return attempt
}

/** How an attempt ended, and whether it asked to be stopped. */
interface Attempted<E> {
  readonly exit: Exit.Exit<unknown, E>
  readonly suspensions: ReadonlyArray<Suspension>
}

/** What can be interrupted, or stop, has a fiber of its own. */
const forked = <E, R>(
  run: Run<E, R>,
  node: string,
  restore: Restore,
  body: (pass: Pass) => Effect.Effect<unknown, E | RunError, R>
): Effect.Effect<Attempted<E | RunError>, never, R> => {
  const current = attemptAt(run, node)
  const { running } = run.session
  const settled = settle(restore, Effect.interruptible(body(current.pass)), (fiber) => {
    current.fiber = fiber
    running.add(fiber)
  })
  return Effect.map(provided(current.pass, settled), (exit) => {
    if (current.fiber !== undefined) running.delete(current.fiber)
    current.over = true
    return { exit, suspensions: current.suspensions }
  })
}

const nothing: ReadonlyArray<Suspension> = []

/**
 * Runs a node once, where nothing interrupts who waits for it. One that is alone and has its result already
 * needs no fiber: there is nothing that could be interrupted.
 */
export const attempt = <E, R>(
  run: Run<E, R>,
  node: Node<E, R>,
  restore: Restore,
  fanOut: boolean
): Effect.Effect<Attempted<E | RunError>, never, R> =>
  Effect.withFiberRuntime((fiber) => {
    const { position: { state }, session: { claim: { executionId } } } = run
    const { name, run: runs } = node
    const isTraced = fiber.currentTracer !== unseen
    if (typeof runs === "function" && !isTraced && !fanOut) {
      const effect = called(runs, state)
      const exit = endOf(effect)
      return exit === undefined
        ? forked(run, name, restore, () => effect)
        : Effect.succeed({ exit, suspensions: nothing })
    }
    return forked(run, name, restore, (pass) => {
      const effect = typeof runs === "function"
        ? Effect.suspend(() => called(runs, state))
        : Effect.suspend(() => run.child(runs, state, pass))
      return isTraced ? traced(name, executionId, effect) : effect
    })
  })
