import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import type * as MetricLabel from "effect/MetricLabel"
import * as Option from "effect/Option"
import type { StorageError } from "../schema/Errors.js"
import * as CheckpointMetrics from "../services/CheckpointMetrics.js"
import type * as Redis from "../services/Redis.js"
import type { RedisProgram } from "../services/RedisProgram.js"
import * as keys from "./metricKeys.js"
import { spanned } from "./spanned.js"
import type { Core } from "./store/core.js"
import { Watch } from "./watch.js"

type Labels = ReadonlyArray<MetricLabel.MetricLabel>

const tagOf = <E extends { readonly _tag: string }>(cause: Cause.Cause<E>): string => {
  const failure = Cause.failureOption(cause)
  if (Option.isSome(failure)) return failure.value._tag
  return Cause.isInterruptedOnly(cause) ? "Interrupted" : "Defect"
}

const failed = <E extends { readonly _tag: string }>(verb: string, cause: Cause.Cause<E>, labels: Labels): void => {
  const error = tagOf(cause)
  const ofVerb = Metric.tagged(CheckpointMetrics.failures, "verb", verb)
  Metric.tagged(ofVerb, "error", error).unsafeUpdate(1, labels)
  if (error === "CheckpointConflict") CheckpointMetrics.conflicts.unsafeUpdate(1, labels)
}

const written = keys.tagged(keys.payload, "direction", "written")
const read = keys.tagged(keys.payload, "direction", "read")

/** What one call of a verb has moved; it is counted when the call ends. */
export class Tally {
  written = 0
  read = 0
  expired = 0

  count(labels: Labels): void {
    if (this.written > 0) written.unsafeUpdate(this.written, labels)
    if (this.read > 0) read.unsafeUpdate(this.read, labels)
    if (this.expired > 0) CheckpointMetrics.expired.unsafeUpdate(this.expired, labels)
  }
}

/** What a call of a verb works with: round trips belong to its span, and what it moves is counted. */
export interface Call extends Core {
  readonly tally: Tally
  /** Milliseconds. */
  readonly now: () => number
}

/** Redis, where a call of a verb looks after what it sends. */
class Within implements Redis.Service {
  constructor(private readonly redis: Redis.Service, private readonly options: Redis.RunOptions) {}

  pipeline<A, E>(program: RedisProgram<A, E>): Effect.Effect<A, E | StorageError> {
    return this.redis.pipeline(program, this.options)
  }

  transaction<A, E>(program: RedisProgram<A, E>): Effect.Effect<A, E | StorageError> {
    return this.redis.transaction(program, this.options)
  }

  get expirations(): Redis.Service["expirations"] {
    return this.redis.expirations
  }
}

/** Field by field: a spread costs more than all else that a call does before its round trip. */
const callOf = (core: Core, tally: Tally, options: Redis.RunOptions, clock: Clock.Clock): Call => ({
  redis: new Within(core.redis, options),
  layout: core.layout,
  ttl: core.ttl,
  renew: core.renew,
  maxCheckpoints: core.maxCheckpoints,
  maxBytes: core.maxBytes,
  known: core.known,
  durability: core.durability,
  states: core.states,
  tally,
  now: () => clock.unsafeCurrentTimeMillis()
})

/** A verb of the store: one span around its round trips, its count, duration and failure. */
export const verb = (name: string) => {
  const operations = keys.tagged(keys.operations, "verb", name)
  const duration = keys.tagged(keys.duration, "verb", name)
  return <A, E extends { readonly _tag: string }, R>(
    core: Core,
    use: (call: Call) => Effect.Effect<A, E, R>
  ): Effect.Effect<A, E, R> =>
    spanned(`CheckpointStore.${name}`, () => ({ captureStackTrace: false }), (surroundings) => {
      const started = performance.now()
      const tally = new Tally()
      const { clock, labels, span } = surroundings
      const watch = span === undefined ? new Watch(labels) : undefined
      return {
        effect: use(callOf(core, tally, { parent: span, watch }, clock)),
        ended: (exit) => {
          watch?.stop()
          operations.unsafeUpdate(1, labels)
          duration.unsafeUpdate(performance.now() - started, labels)
          tally.count(labels)
          if (Exit.isFailure(exit)) failed(name, exit.cause, labels)
        }
      }
    })
}

/** Outside of a verb. */
export const countExpired = (entries: number): Effect.Effect<void> =>
  entries > 0 ? Metric.incrementBy(CheckpointMetrics.expired, entries) : Effect.void
