import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { InvalidPatch, UnknownNode } from "../../schema/ExecutionErrors.js"
import type { RunError } from "../../services/GraphRunner.js"
import type { Fields, Node } from "../graph/definition.js"
import { END, jumpOf } from "../graph/goto.js"
import { jsonLoss } from "../json.js"
import * as Settled from "../settled.js"
import { attempt } from "./attempt.js"
import { branchField } from "./fields.js"
import type { Suspension } from "./pass.js"
import { checkPatch, decodePatch, encodePatch } from "./patch.js"
import { flush, recalled, type Run } from "./run.js"
import { type Lost, record, type Session } from "./session.js"
import type { Restore } from "./settle.js"

/** How a node's turn ended, when it did not fail. */
export type Turn = Done | { readonly _tag: "Suspended"; readonly suspensions: ReadonlyArray<Suspension> }

export interface Done {
  readonly _tag: "Done"
  readonly node: string
  readonly patch: Fields
  /** Where it jumps to; undefined: along its edges. */
  readonly targets: ReadonlyArray<string> | undefined
}

/** What is recorded of a branch. */
interface Recorded {
  readonly patch: Fields
  readonly targets?: ReadonlyArray<string>
}

const invalid = <E, R>(run: Run<E, R>, node: string) => (issue: string) =>
  new InvalidPatch({ executionId: run.session.claim.executionId, node, issue })

const read = <E, R>(run: Run<E, R>, node: string, recorded: string): Effect.Effect<Done, InvalidPatch, R> => {
  const { patch, targets } = JSON.parse(recorded) as Recorded
  return Effect.mapBoth(decodePatch(run.definition, patch), {
    onFailure: invalid(run, node),
    onSuccess: (patch) => ({ _tag: "Done" as const, node, patch, targets })
  })
}

const unknown = <E, R>({ definition, session }: Run<E, R>, targets: ReadonlyArray<string>): UnknownNode | undefined => {
  const strange = targets.find((target) => target !== END && !definition.nodes.has(target))
  return strange === undefined
    ? undefined
    : new UnknownNode({ executionId: session.claim.executionId, graph: definition.name, node: strange })
}

/**
 * What a node gave, checked. Where several run at once it is recorded before the others are done, so
 * that what fails or dies does not take it along.
 */
const done = <E, R>(
  run: Run<E, R>,
  node: string,
  given: unknown,
  fanOut: boolean
): Settled.Settled<Done, RunError, R> => {
  const { jump, patch } = jumpOf(given)
  const checked = checkPatch(run.definition, patch)
  if (Either.isLeft(checked)) return Either.left(invalid(run, node)(checked.left))
  const targets = jump?.targets
  const strange = targets === undefined ? undefined : unknown(run, targets)
  if (strange !== undefined) return Either.left(strange)
  return fanOut
    ? recordedBranch(run, node, checked.right, targets)
    : Either.right({ _tag: "Done", node, patch: checked.right, targets })
}

const recordedBranch = <E, R>(
  run: Run<E, R>,
  node: string,
  patch: Fields,
  targets: ReadonlyArray<string> | undefined
): Effect.Effect<Done, RunError, R> =>
  Effect.gen(function*() {
    const text = yield* textOf(run, node, patch, targets)
    // What is recorded stands: it has to be readable.
    const mine = yield* read(run, node, text)
    yield* flush(run)
    const field = branchField(node, run.definition.stateVersion)
    const recorded = yield* Effect.catchTag(
      record(run.session, field, text),
      "StepCodecError",
      ({ issue }) => Effect.fail(invalid(run, node)(issue))
    )
    return recorded === text ? mine : yield* read(run, node, recorded)
  })

const textOf = <E, R>(run: Run<E, R>, node: string, given: Fields, targets: ReadonlyArray<string> | undefined) =>
  Effect.mapError(
    Effect.flatMap(encodePatch(run.definition, given), (patch): Effect.Effect<string, string> => {
      const loss = jsonLoss(patch, "patch")
      const recorded: Recorded = { patch, ...(targets === undefined ? undefined : { targets }) }
      return loss === undefined ? Effect.succeed(JSON.stringify(recorded)) : Effect.fail(loss)
    }),
    invalid(run, node)
  )

/** Whether a failed node runs again: comes back when it does. What interrupts the pause ends the node. */
const again = <E, R>(
  driver: Schedule.ScheduleDriver<unknown, E, R> | undefined,
  cause: Cause.Cause<E | RunError>,
  restore: Restore
): Effect.Effect<void, E | RunError, R> => {
  const error = Cause.failureOption(cause)
  if (driver === undefined || Option.isNone(error)) return Effect.failCause(cause)
  // The schedule was given with the node, so it takes what the node fails with.
  return Effect.flatMap(Effect.exit(restore(driver.next(error.value as E))), (paused) => {
    if (Exit.isSuccess(paused)) return Effect.void
    return Cause.isInterrupted(paused.cause) ? Effect.interrupt : Effect.failCause(cause)
  })
}

/** What fails here is the node, whatever the tag of its error. */
const blamed = <A, E, R, E2, R2>({ session }: Run<E2, R2>, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.tapError(effect, () =>
    Effect.sync(() => {
      session.failedInNode = true
    }))

/** A branch that is recorded does not run again. */
const replayed = <E, R>(run: Run<E, R>, node: Node<E, R>): Effect.Effect<Turn, RunError, R> | undefined => {
  const recorded = recalled(run).get(branchField(node.name, run.definition.stateVersion))
  if (recorded === undefined) return undefined
  const { executionId } = run.session.claim
  return Effect.tap(
    read(run, node.name, recorded),
    () => run.emit?.({ _tag: "NodeCompleted", executionId, node: node.name, recorded: true }) ?? Effect.void
  )
}

/** No effect begins, and no result counts, once the execution is another's. */
const held = ({ lost }: Session): Effect.Effect<void, Lost> => lost ?? Effect.void

export const turn = <E, R>(
  run: Run<E, R>,
  node: Node<E, R>,
  restore: Restore,
  fanOut: boolean
): Effect.Effect<Turn, E | RunError, R> =>
  (fanOut ? replayed(run, node) : undefined) ?? Effect.gen(function*() {
    const { emit, session } = run
    const { executionId } = session.claim
    const driver = node.retry === undefined ? undefined : yield* Schedule.driver(node.retry)
    for (let number = 1;; number++) {
      yield* held(session)
      if (emit !== undefined) yield* emit({ _tag: "NodeStarted", executionId, node: node.name, attempt: number })
      const { exit, suspensions } = yield* attempt(run, node, restore, fanOut)
      yield* held(session)
      // A node that asked to be stopped is not done, whatever it made of that.
      if (suspensions.length > 0) return { _tag: "Suspended", suspensions }
      if (Exit.isSuccess(exit)) {
        const turn = yield* blamed(run, Settled.toEffect(done(run, node.name, exit.value, fanOut)))
        if (emit !== undefined) yield* emit({ _tag: "NodeCompleted", executionId, node: node.name, recorded: false })
        return turn
      }
      yield* blamed(run, again(driver, exit.cause, restore))
    }
  })
