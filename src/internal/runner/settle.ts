import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"

export type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/**
 * How a fiber ends. `Fiber.await` sends the fiber a message to ask for it, which costs more than the fiber itself; to
 * take the observer back would cost as much again, and it hurts nobody.
 */
const ended = <A, E>(fiber: Fiber.RuntimeFiber<A, E>): Effect.Effect<Exit.Exit<A, E>> =>
  Effect.async((resume) => {
    fiber.addObserver((exit) => resume(Effect.succeed(exit)))
  })

/**
 * Runs an effect that can be interrupted and gives how it really ended. To join it would throw a
 * success away when the caller was interrupted in the same moment: what has succeeded is looked at
 * also then, so that it can be recorded.
 */
export const settle = <A, E, R>(
  restore: Restore,
  effect: Effect.Effect<A, E, R>,
  onFork: (fiber: Fiber.RuntimeFiber<A, E>) => void = () => {}
): Effect.Effect<Exit.Exit<A, E>, never, R> =>
  Effect.flatMap(Effect.fork(restore(effect)), (fiber) => {
    onFork(fiber)
    return Effect.flatMap(Effect.exit(restore(ended(fiber))), (awaited) =>
      Exit.isSuccess(awaited)
        ? Effect.zipRight(Fiber.inheritAll(fiber), Effect.succeed(awaited.value))
        : Fiber.interrupt(fiber))
  })
