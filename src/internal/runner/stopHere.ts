import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

/**
 * Ends the fiber that it runs in, also where a region is uninterruptible and the node's own fiber waits
 * for this one. The interruption is asked for, not raised: raised, it could be caught.
 */
export const stopHere: Effect.Effect<never> = Effect.withFiberRuntime<never>((self) =>
  Effect.zipRight(Fiber.interruptFork(self), Effect.interruptible(Effect.never))
)
