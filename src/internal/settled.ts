import * as Effect from "effect/Effect"
import * as Either from "effect/Either"

/** A result that is there, or an effect that gives it: what is there costs a fiber no step. */
export type Settled<A, E, R> = Either.Either<A, E> | Effect.Effect<A, E, R>

export const toEffect = <A, E, R>(self: Settled<A, E, R>): Effect.Effect<A, E, R> => {
  if (!Either.isEither(self)) return self
  return Either.isRight(self) ? Effect.succeed(self.right) : Effect.fail(self.left)
}

export const flatMap = <A, E, R, B, E2, R2>(
  self: Settled<A, E, R>,
  f: (value: A) => Settled<B, E2, R2>
): Settled<B, E | E2, R | R2> => {
  if (!Either.isEither(self)) return Effect.flatMap(self, (value) => toEffect(f(value)))
  return Either.isRight(self) ? f(self.right) : Either.left(self.left)
}

export const mapError = <A, E, R, E2>(self: Settled<A, E, R>, f: (error: E) => E2): Settled<A, E2, R> =>
  Either.isEither(self) ? Either.mapLeft(self, f) : Effect.mapError(self, f)

export const map = <A, E, R, B>(self: Settled<A, E, R>, f: (value: A) => B): Settled<B, E, R> =>
  Either.isEither(self) ? Either.map(self, f) : Effect.map(self, f)

/** How long the event loop may stand still for what is done at once, in milliseconds. */
const sliceMillis = 8

/** Lets the event loop turn: timers fire, sockets are read. */
const turn: Effect.Effect<void> = Effect.async((resume) => {
  const immediate = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(immediate))
})

/** For a loop that may do all at once: gives what to do in each round, a turn of the event loop when one is due. */
export const turning = (): () => Effect.Effect<void> => {
  let until = performance.now() + sliceMillis
  return () =>
    performance.now() < until ? Effect.void : Effect.map(turn, () => {
      until = performance.now() + sliceMillis
    })
}

/**
 * In order, until the first that fails; `f` gives undefined for what is to be left out. The event loop turns
 * meanwhile, so that nobody has to wait for all of them.
 */
export const forEachInTurns = <A, B, E, R>(
  all: ReadonlyArray<A>,
  f: (value: A, i: number) => Settled<B, E, R> | undefined
): Effect.Effect<Array<B>, E, R> =>
  Effect.suspend(() => {
    const out: Array<B> = []
    let i = 0
    const go: Effect.Effect<Array<B>, E, R> = Effect.suspend(() => {
      const until = performance.now() + sliceMillis
      while (i < all.length) {
        const next = f(all[i]!, i++)
        if (next === undefined) continue
        if (!Either.isEither(next)) {
          return Effect.flatMap(next, (value) => {
            out.push(value)
            return go
          })
        }
        if (Either.isLeft(next)) return Effect.fail(next.left)
        out.push(next.right)
        if (performance.now() > until) return Effect.zipRight(turn, go)
      }
      return Effect.succeed(out)
    })
    return go
  })
