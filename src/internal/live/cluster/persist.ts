import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { Cluster } from "./Cluster.js"
import type { Setback } from "./setback.js"

/** Tries again what may be tried again, with what the cluster says by then. */
export const persist = <A>(cluster: Cluster, attempt: Effect.Effect<A, Setback>): Effect.Effect<A, Setback> =>
  Effect.suspend(() => {
    let started = false
    const next = Effect.suspend(() => {
      if (started) {
        // Who cannot be asked now may be there for what is sent.
        return Effect.zipRight(Effect.ignore(cluster.refresh(cluster.knowledge)), attempt)
      }
      started = true
      return attempt
    })
    return Effect.retry(next, {
      schedule: Schedule.mapInput(cluster.settings.retry, (setback: Setback) => setback.error),
      while: ({ safe }) => safe && !cluster.isReleased
    })
  })
