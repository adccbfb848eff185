import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Settled from "../settled.js"

/**
 * One at a time, in the order in which they come. Who finds nobody before it goes on at once, where a
 * semaphore suspends the fiber, and what is done at once takes no step at all.
 */
export class Mutex {
  private held = false
  private readonly waiting: Array<() => void> = []

  /** What it gives is to be run at once, and where nothing interrupts it: who waits keeps its place. */
  alone<A, E, R>(use: () => Settled.Settled<A, E, R>): Settled.Settled<A, E, R> {
    return this.held ? Effect.flatMap(this.turn, () => Settled.toEffect(this.enter(use))) : this.enter(use)
  }

  private readonly turn: Effect.Effect<void> = Effect.async((resume) => {
    this.waiting.push(() => resume(Effect.void))
  })

  private enter<A, E, R>(use: () => Settled.Settled<A, E, R>): Settled.Settled<A, E, R> {
    this.held = true
    let result: Settled.Settled<A, E, R> | undefined
    try {
      result = use()
    } finally {
      // Done at once, or thrown out of.
      if (result === undefined || Either.isEither(result)) this.leave()
    }
    if (Either.isEither(result)) return result
    return Effect.matchCauseEffect(result, {
      onFailure: (cause) => {
        this.leave()
        return Effect.failCause(cause)
      },
      onSuccess: (value) => {
        this.leave()
        return Effect.succeed(value)
      }
    })
  }

  /** It stays held where somebody waits, whose it is then. */
  private leave(): void {
    const next = this.waiting.shift()
    if (next === undefined) this.held = false
    else next()
  }
}
