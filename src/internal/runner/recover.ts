import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Stream from "effect/Stream"
import type { StorageError } from "../../schema/Errors.js"
import type { GraphRunner } from "../../services/GraphRunner.js"
import type { RecoveryRules } from "./recoveryRules.js"

const kindOf = (cause: Cause.Cause<unknown>): string => {
  const [failure] = Cause.failures(cause)
  if (typeof failure === "object" && failure !== null && "_tag" in failure) return String(failure._tag)
  return failure === undefined ? "a defect" : "an error"
}

/** No error is written out: it may hold what a node worked with. */
const report = (executionId: string, graph: string) => (cause: Cause.Cause<unknown>) => {
  const kind = kindOf(cause)
  if (kind === "ExecutionBusy" || Cause.isInterruptedOnly(cause)) return Effect.void
  return Effect.logWarning(`A recovered execution failed with ${kind}`).pipe(
    Effect.annotateLogs({ executionId, graph })
  )
}

const quiet = (error: StorageError): Effect.Effect<ReadonlyArray<string>> =>
  Effect.as(Effect.logWarning(`Cannot look for executions to recover: ${error.message}`), [])

export const recover = <State, Names extends string, E, R, SR>(
  runner: GraphRunner<State, Names, E, R, SR>,
  { concurrency, interval, maxClaims }: RecoveryRules
): Effect.Effect<never, never, R | SR> =>
  Effect.scoped(Effect.gen(function*() {
    const running = yield* FiberSet.make<unknown, unknown>()
    const ids = new Set<string>()
    const goOn = (id: string) =>
      runner.resume(id, { maxClaims }).pipe(
        Effect.catchAllCause(report(id, runner.name)),
        Effect.ensuring(Effect.sync(() => ids.delete(id)))
      )
    const look = Effect.suspend(() => {
      const free = Math.max(0, concurrency - ids.size)
      return free === 0 ? Effect.succeed([]) : Effect.catchAll(runner.due(free + ids.size), quiet)
    })
    const round = Effect.flatMap(look, (due) =>
      Effect.forEach(
        due.filter((id) => !ids.has(id)).slice(0, concurrency - ids.size),
        (id) => {
          ids.add(id)
          return FiberSet.run(running, goOn(id))
        },
        { discard: true }
      ))
    // It drops those of which nothing is left.
    yield* Stream.runDrain(runner.unfinished).pipe(
      Effect.catchAll(quiet),
      Effect.zipRight(Effect.sleep("1 hour")),
      Effect.forever,
      Effect.forkScoped
    )
    return yield* Effect.forever(Effect.zipRight(round, Effect.sleep(interval)))
  }))
