/** Waits for what a child process does, with bounds. */
import { Data, Effect, Schedule } from "effect"
import type { RawRedis } from "../../support/RawRedis.js"
import * as EffectLog from "./effectLog.js"
import type { Job } from "./job.js"
import * as Stored from "./stored.js"

/** A process did less than it should in 10 seconds. */
export class NoProgress extends Data.TaggedError("NoProgress")<{ readonly log: string }> {}

const often = Schedule.intersect(Schedule.spaced("2 millis"), Schedule.recurs(5_000))

/** Until so many effects have happened. */
export const effects = ({ log }: Job, count: number) =>
  Effect.suspend(() => EffectLog.read(log).length >= count ? Effect.void : Effect.fail(new NoProgress({ log }))).pipe(
    Effect.retry(often)
  )

/** Until the last checkpoint is stored: with all results recorded under the head it is not there yet. */
export const end = (raw: RawRedis, job: Job) =>
  Stored.headOf(raw, job.executionId).pipe(
    Effect.filterOrFail(({ atEnd }) => atEnd, () => new NoProgress({ log: job.log })),
    Effect.retry(often)
  )
