import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import * as Tracer from "effect/Tracer"
import { CheckpointConflict } from "../../schema/Errors.js"
import { DuplicateStep, Fenced } from "../../schema/ExecutionErrors.js"
import type { RunError } from "../../services/GraphRunner.js"
import type { Node } from "../graph/definition.js"
import { Execution } from "./execution.js"
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

/** The tracer of a program that provides none: nobody can see what it is given. */
const unseen = Context.get(DefaultServices.liveServices, Tracer.Tracer)

/** A span is made where a tracer can show it: it costs more than all else that is done around a node. */
const body = <E, R>(run: Run<E, R>, node: Node<E, R>, pass: Pass): Effect.Effect<unknown, E | RunError, R> =>
  Effect.withFiberRuntime((fiber) => {
    const effect = Effect.suspend(() =>
      typeof node.run === "function"
        // The context has the execution.
        ? node.run(run.position.state) as Effect.Effect<unknown, E, R>
        : run.child(node.run, run.position.state, pass)
    )
    if (fiber.currentTracer === unseen) return effect
    const attributes = { "execution.id": pass.executionId }
    return Effect.withSpan(effect, `Runner.node ${node.name}`, { captureStackTrace: false, attributes })
  })

/**
 * `Effect.provideService` for what is forked by an effect that nothing interrupts, and that does not fail:
 * what is put into the context for a while has to be taken out of it in any case, and here it is.
 */
const provided = <A, R>(
  executionId: string,
  pass: Pass,
  effect: Effect.Effect<A, never, R>
): Effect.Effect<A, never, R> =>
  Effect.withFiberRuntime((fiber) => {
    const outside = fiber.currentContext
    const inside = Context.add(outside, Execution, { executionId, node: pass.node, pass })
    return FiberRef.set(FiberRef.currentContext, inside).pipe(
      Effect.zipRight(effect),
      Effect.zipLeft(FiberRef.set(FiberRef.currentContext, outside))
    )
  })

/** Runs a node once, and says how that ended and whether it asked to be stopped. */
export const attempt = <E, R>(
  run: Run<E, R>,
  node: Node<E, R>,
  restore: Restore
): Effect.Effect<
  { readonly exit: Exit.Exit<unknown, E | RunError>; readonly suspensions: ReadonlyArray<Suspension> },
  never,
  R
> =>
  Effect.suspend(() => {
    const current = attemptAt(run, node.name)
    const { claim: { executionId }, running } = run.session
    const settled = settle(restore, Effect.interruptible(body(run, node, current.pass)), (fiber) => {
      current.fiber = fiber
      running.add(fiber)
    })
    return Effect.map(provided(executionId, current.pass, settled), (exit) => {
      if (current.fiber !== undefined) running.delete(current.fiber)
      current.over = true
      return { exit, suspensions: current.suspensions }
    })
  })
