/** Kills its own process at an exact instant. */
import { Effect } from "effect"
import { writeSync } from "node:fs"
import type { Instant, Job } from "./job.js"
import { around, type Service } from "./wrappedRedis.js"

/** Nothing runs behind this: the signal is there when the call returns. */
const die = Effect.sync(() => process.kill(process.pid, "SIGKILL"))

/** What was handed to the kernel is sent although the process is gone by then. */
const dieOnceSent = Effect.async<never>(() => {
  setImmediate(() => process.kill(process.pid, "SIGKILL"))
})

const stop = () => {
  writeSync(1, "stopping\n")
  process.kill(process.pid, "SIGSTOP")
}

export interface CrashPoint {
  /** To be called at the effect of a step. */
  readonly at: (instant: Instant, step: number) => Effect.Effect<void>
  readonly wrap: (redis: Service) => Service
}

export const make = ({ dies, stops }: Pick<Job, "dies" | "stops">): CrashPoint => {
  let last = -1
  let claims = 0
  const dying = (instant: Instant) => dies?.at === instant
  const at = (instant: Instant, step: number) =>
    Effect.suspend(() => {
      if (instant === "after effect") last = step
      if (stops?.at === instant && stops.step === step) stop()
      return dying(instant) && dies?.step === step ? die : Effect.void
    })
  const wrap = (redis: Service): Service =>
    around(redis, (names) => (trip) => {
      if (stops?.at === "child claim" && names.includes("claim") && ++claims === 2) {
        return Effect.zipRight(Effect.sync(stop), trip)
      }
      if (dying("claimed") && names.includes("claim")) {
        return Effect.zipLeft(trip, die)
      }
      const writes = (names.includes("commit") || names.includes("memo")) && last === dies?.step
      if (writes && dying("write sent")) return Effect.zipRight(Effect.fork(trip), dieOnceSent)
      return writes && dying("write acknowledged") ? Effect.zipLeft(trip, die) : trip
    })
  return { at, wrap }
}
