/** Where a node runs. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberRef from "effect/FiberRef"
import type { Effectful, Fields } from "../graph/definition.js"
import { Execution } from "./execution.js"
import type { Pass } from "./pass.js"

/** What a node does, for a fiber whose context has the execution. What is thrown instead is how it ends. */
export const called = <E, R>(run: Effectful<E, R>, state: Fields): Effect.Effect<unknown, E, R> => {
  try {
    return run(state) as Effect.Effect<unknown, E, R>
  } catch (defect) {
    return Effect.die(defect)
  }
}

/** How an effect ends that has its end already, as `Effect.succeed` has. */
export const endOf = <A, E, R>(effect: Effect.Effect<A, E, R>): Exit.Exit<A, E> | undefined =>
  // The exit that an effect is has the types of that effect.
  Exit.isExit(effect) ? effect as Exit.Exit<A, E> : undefined

/** For where a tracer can show it: a span costs more than all else that is done around a node. */
export const traced = <A, E, R>(
  node: string,
  executionId: string,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.withSpan(effect, `Runner.node ${node}`, {
    captureStackTrace: false,
    attributes: { "execution.id": executionId }
  })

/**
 * `Effect.provideService` for what is forked by an effect that nothing interrupts, and that does not fail:
 * what is put into the context for a while has to be taken out of it in any case, and here it is.
 */
export const provided = <A, R>(pass: Pass, effect: Effect.Effect<A, never, R>): Effect.Effect<A, never, R> =>
  Effect.withFiberRuntime((fiber) => {
    const outside = fiber.currentContext
    const inside = Context.add(outside, Execution, { executionId: pass.executionId, node: pass.node, pass })
    return FiberRef.set(FiberRef.currentContext, inside).pipe(
      Effect.zipRight(effect),
      Effect.zipLeft(FiberRef.set(FiberRef.currentContext, outside))
    )
  })
