import * as Effect from "effect/Effect"
import { CheckpointDecodeError } from "../../schema/Errors.js"
import { ExecutionBusy, StateDecodeError } from "../../schema/ExecutionErrors.js"
import type { RunError } from "../../services/GraphRunner.js"
import type { Child, Fields } from "../graph/definition.js"
import type { Core } from "../store/core.js"
import type { Ended } from "./advance.js"
import { childId } from "./clearing.js"
import type { Pass } from "./pass.js"
import { below } from "./requestNames.js"
import type { Plan } from "./run.js"
import { startOrGoOn } from "./starting.js"

/** What a child's run means for its node: a patch, or a stop. */
const joined = <E, R>(
  child: Child<E, R>,
  state: Fields,
  pass: Pass,
  base: number,
  { outcome, wake }: Ended
): Effect.Effect<Fields> => {
  if (outcome._tag === "Completed") return Effect.succeed(child.output(outcome.value, state))
  const requests = outcome._tag === "Interrupted" ? outcome.requests : []
  return pass.suspend({
    _tag: "Asked",
    requests: requests.map((request) => below(pass.node, base, request)),
    until: wake
  })
}

/** Of this child, or of one below it: a newer deployment may read it. */
const isUnreadable = (id: string, error: unknown): boolean =>
  (error instanceof StateDecodeError || error instanceof CheckpointDecodeError) &&
  (error.checkpointId.startsWith(`${id}@`) || error.checkpointId.startsWith(`${id}/`))

/**
 * Runs the execution of a child. Who holds the parent is the only one to run the child: a lease that a
 * dead owner left on it is taken, and who has lost the parent meanwhile takes none.
 */
export const childOf =
  (core: Core) =>
  <E, R>(plan: Plan<E, R>) =>
  (child: Child<E, R>, state: Fields, pass: Pass): Effect.Effect<Fields, E | RunError, R> =>
    Effect.flatMap(pass.base, (base) => {
      const id = childId(pass.executionId, pass.life, base, pass.node)
      const own = { ...plan, definition: child.definition, onStep: undefined }
      const run = startOrGoOn(core, own)(id, () => child.input(state), {
        steal: true,
        under: { executionId: pass.executionId, graph: plan.definition.name, token: pass.token }
      })
      return Effect.flatMap(
        Effect.catchIf(
          Effect.tapError(run, (error) => Effect.sync(() => isUnreadable(id, error) && pass.spare(error))),
          // Who steals finds it busy only when the parent is another's: its heartbeat is about to stop this.
          (error) => error instanceof ExecutionBusy && error.executionId === id,
          () => Effect.never
        ),
        (ended) => joined(child, state, pass, base, ended)
      )
    })
