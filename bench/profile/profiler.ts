/** V8's sampling profiler around one effect, and not around what comes before it. */
import { Effect } from "effect"
import type { Profiler } from "node:inspector"
import { Session } from "node:inspector/promises"

/** Microseconds between samples. */
const interval = 200

export const profiled = (effect: Effect.Effect<unknown>): Effect.Effect<Profiler.Profile> =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const session = new Session()
      session.connect()
      return session
    }),
    (session) =>
      Effect.gen(function*() {
        yield* Effect.promise(async () => {
          await session.post("Profiler.enable")
          await session.post("Profiler.setSamplingInterval", { interval })
          await session.post("Profiler.start")
        })
        yield* effect
        const { profile } = yield* Effect.promise(() => session.post("Profiler.stop"))
        return profile
      }),
    (session) => Effect.sync(() => session.disconnect())
  )
