import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { RedisCommandError, type StorageError } from "../../schema/Errors.js"
import type { Reply } from "../../services/RedisReply.js"
import { withOutcome } from "../outcome.js"

export const defaultRetry: Schedule.Schedule<unknown, StorageError> = Schedule.exponential("50 millis").pipe(
  Schedule.union(Schedule.spaced("1 second")),
  Schedule.jittered,
  Schedule.upTo("10 seconds")
)

/** Redis says these before it looks at the command. */
const passing: ReadonlySet<string> = new Set(["LOADING", "BUSY", "TRYAGAIN", "MASTERDOWN", "CLUSTERDOWN"])

export const isPassing = (reply: Reply | undefined): reply is RedisCommandError =>
  reply instanceof RedisCommandError && passing.has(reply.code)

/** Every command was refused for a passing reason, so nothing was applied. */
export const allRefused = (replies: ReadonlyArray<Reply>): boolean => isPassing(replies[0]) && replies.every(isPassing)

type Replies = ReadonlyArray<Reply>

/** What the schedule sees, and what to go on with when it gives up. */
interface Setback {
  readonly error: StorageError
  readonly result: Effect.Effect<Replies, StorageError>
}

const failed = (error: StorageError): Setback => ({ error, result: Effect.fail(error) })

const refused = (replies: Replies): Setback => ({
  // Only called with replies that are all errors.
  error: replies[0] as RedisCommandError,
  result: Effect.succeed(replies)
})

const withSetbacks = (attempt: Effect.Effect<Replies, StorageError>): Effect.Effect<Replies, Setback> =>
  Effect.matchEffect(attempt, {
    onFailure: (error) => Effect.fail(failed(error)),
    onSuccess: (replies) => allRefused(replies) ? Effect.fail(refused(replies)) : Effect.succeed(replies)
  })

/** What decides whether a program may be sent again. */
export interface RetryPolicy {
  readonly schedule: Schedule.Schedule<unknown, StorageError>
  /** Running the program twice does what running it once does. */
  readonly repeatable: () => boolean
  /** The connection will not come back. */
  readonly closed: () => boolean
}

const isUnknown = (error: StorageError): boolean => error._tag === "RedisConnectionError" && error.outcome === "Unknown"

const mayRetry = (policy: RetryPolicy) => ({ error }: Setback): boolean => {
  if (policy.closed()) return false
  if (error._tag === "RedisCommandError") return passing.has(error.code)
  return error.retryable && (error.outcome === "NotSent" || policy.repeatable())
}

/**
 * Goes on after a first attempt that failed. The first run inside `Effect.retry`
 * repeats that failure, so that the schedule decides about the second attempt.
 * What was sent once stays `Unknown`, whatever kept it from being sent again.
 */
export const again = (
  first: StorageError | Replies,
  attempt: Effect.Effect<Replies, StorageError>,
  policy: RetryPolicy
): Effect.Effect<Replies, StorageError> => {
  const setback = "_tag" in first ? failed(first) : refused(first)
  if (!mayRetry(policy)(setback)) return setback.result
  let started = false
  let unknown = false
  const next = withSetbacks(attempt)
  const run = Effect.suspend(() => {
    if (started) return next
    started = true
    return Effect.fail(setback)
  }).pipe(Effect.tapError(({ error }) =>
    Effect.sync(() => {
      unknown ||= isUnknown(error)
    })
  ))
  return Effect.retry(run, {
    schedule: Schedule.mapInput(policy.schedule, (setback: Setback) => setback.error),
    while: mayRetry(policy)
  }).pipe(
    Effect.catchAll((setback) => setback.result),
    Effect.mapError((error) => unknown ? withOutcome(error, "Unknown") : error)
  )
}
