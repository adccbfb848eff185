import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Checkpoint } from "../../schema/Checkpoint.js"
import { CheckpointConflict, CheckpointNotFound } from "../../schema/Errors.js"
import type { ReadError, RunError, RunOptions } from "../../services/GraphRunner.js"
import type { Outcome } from "../../services/Outcome.js"
import type { Fields } from "../graph/definition.js"
import * as Settled from "../settled.js"
import type { Core } from "../store/core.js"
import { envelopeOf } from "../store/decode.js"
import { isWellFormed } from "../store/encode.js"
import { payloadOf } from "../store/reading.js"
import { positionOf } from "./inspect.js"
import { flush, makeRun, type Plan, type Position, propose } from "./run.js"
import { lifeOf, running } from "./starting.js"
import { encodeState } from "./state.js"

/** A stored checkpoint by its id. */
export const checkpointAt = (
  core: Core,
  checkpointId: string
): Effect.Effect<Checkpoint<unknown>, CheckpointNotFound | ReadError> =>
  Effect.gen(function*() {
    const payload = isWellFormed(checkpointId)
      ? (yield* payloadOf(core, checkpointId))[0]
      : null
    if (payload === null) return yield* new CheckpointNotFound({ checkpointId })
    return yield* Either.match(envelopeOf(core.layout, checkpointId, payload), {
      onLeft: Effect.fail,
      onRight: Effect.succeed
    })
  })

const encodedAgain = <E, R>({ definition }: Plan<E, R>, { state }: Position) =>
  // What was decoded from this schema encodes by it.
  Effect.orDieWith(Settled.toEffect(encodeState(definition, state)), (issue) => new Error(issue))

export const resumeFrom = <E, R>(core: Core, plan: Plan<E, R>) =>
(
  checkpointId: string,
  options: RunOptions & { readonly into?: string | undefined } = {}
): Effect.Effect<Outcome<Fields>, E | RunError | CheckpointNotFound, R> =>
  Effect.gen(function*() {
    const checkpoint = yield* checkpointAt(core, checkpointId)
    const position = yield* positionOf(core, plan.definition, checkpoint)
    const owner = Option.getOrElse(checkpoint.executionId, () => "")
    const executionId = options.into ?? owner
    const { outcome } = yield* running(core, plan, executionId, options, (session) =>
      Effect.gen(function*() {
        // Into an execution of its own: a fork does not write behind another history.
        if (executionId !== owner && session.head > 0) {
          return yield* new CheckpointConflict({ executionId, expected: 0, actual: session.head })
        }
        const run = makeRun(plan, session, position, session.time())
        const { children: _, ...record } = position.record
        const state = yield* encodedAgain(plan, position)
        const forked = propose(run, {
          nodeName: position.nodeName,
          state,
          record: {
            ...record,
            source: "fork",
            parent_id: checkpointId,
            base: undefined,
            ...(session.head === 0 ? { life: lifeOf(session) } : undefined)
          }
        })
        yield* Settled.toEffect(forked)
        yield* flush(run)
        return run
      }))
    return outcome
  })
