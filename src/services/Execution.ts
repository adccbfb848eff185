/**
 * What a node or a program can do inside an execution so that it is done once: record the result of a
 * step, ask somebody, sleep for days. All of it is stored under the execution's head as it happens; a
 * run that is taken up again finds it there and does not do it twice.
 *
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Execution } from "effect-checkpoint"
 *
 * declare const reserve: Effect.Effect<string, "SoldOut">
 *
 * export const order = Effect.gen(function*() {
 *   const seat = yield* Execution.step("reserve", reserve, Schema.String)
 *   const yes = yield* Execution.ask("confirm", { question: { seat }, answer: Schema.Boolean })
 *   yield* Execution.sleep("cooling-off", "14 days")
 *   return yes ? seat : undefined
 * })
 * ```
 *
 * @since 0.2.0
 */
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { askIn } from "../internal/runner/ask.js"
import { Execution } from "../internal/runner/execution.js"
import { sleepIn, sleepUntilIn } from "../internal/runner/sleep.js"
import { stepIn } from "../internal/runner/step.js"
import type { StorageError } from "../schema/Errors.js"
import type { DuplicateStep, StepCodecError } from "../schema/ExecutionErrors.js"

export { Execution, type Service } from "../internal/runner/execution.js"

/**
 * What every durable operation can fail with. Losing the execution to another process is not among
 * them: it interrupts the node, and the run fails with `Fenced`.
 *
 * @since 0.2.0
 */
export type StepError = DuplicateStep | StepCodecError | StorageError

/**
 * How a step's results are stored.
 *
 * @since 0.2.0
 */
export interface StepSchemas<A, I, R, E, EI, ER> {
  readonly success: Schema.Schema<A, I, R>
  /** With it failures are recorded too, and fail again without running. Default: they are not, so a retry runs. */
  readonly failure?: Schema.Schema<E, EI, ER> | undefined
}

/**
 * Runs an effect once in a visit of the node, and records its success before anything else happens. Met again, it gives what was recorded, decoded, and runs nothing; the first run gives
 * the decoded value, too. Failures are recorded only with a `failure` schema, defects and
 * interruptions never. A process that dies between the effect and its record repeats it once: give the
 * other side an {@link idempotencyKey}.
 *
 * The name is unique within a node, or within a program. 1 round trip; none when recorded.
 *
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Execution } from "effect-checkpoint"
 *
 * class Declined extends Schema.TaggedError<Declined>()("Declined", { code: Schema.String }) {}
 *
 * declare const charge: (key: string) => Effect.Effect<{ readonly receipt: string }, Declined>
 *
 * export const paid = Effect.gen(function*() {
 *   const key = yield* Execution.idempotencyKey("charge")
 *   return yield* Execution.step("charge", charge(key), {
 *     success: Schema.Struct({ receipt: Schema.String }),
 *     failure: Declined
 *   })
 * })
 * ```
 *
 * @since 0.2.0
 */
export const step: {
  <A extends A2, E, R, A2, I, SR>(
    name: string,
    effect: Effect.Effect<A, E, R>,
    success: Schema.Schema<A2, I, SR>
  ): Effect.Effect<A2, E | StepError, R | SR | Execution>
  <A extends A2, E, R, A2, I, SR>(
    name: string,
    effect: Effect.Effect<A, E, R>,
    schemas: { readonly success: Schema.Schema<A2, I, SR>; readonly failure?: undefined }
  ): Effect.Effect<A2, E | StepError, R | SR | Execution>
  <A extends A2, E extends E2, R, A2, I, SR, E2, EI, ER>(
    name: string,
    effect: Effect.Effect<A, E, R>,
    schemas: StepSchemas<A2, I, SR, E2, EI, ER>
  ): Effect.Effect<A2, E2 | StepError, R | SR | ER | Execution>
} = stepIn

/**
 * Asks somebody outside and stops until the answer is there; no process waits. The run ends as
 * `Interrupted` with the question; `resume` with an answer, or `answer` and then `resume`, goes on
 * here. An answer that does not fit the schema is asked for again, with what was wrong, once a run has looked
 * at it: until then it stands, and another answer is not taken. The name is unique as that of a {@link step}.
 *
 * The node is interrupted, so its finalizers run, and whatever it makes of that, it does not count as
 * done. 1 round trip; none when answered.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Execution } from "effect-checkpoint"
 *
 * export const approved = Execution.ask("approve", { question: { amount: 1250 }, answer: Schema.Boolean })
 * ```
 *
 * @since 0.2.0
 */
export const ask: <A, I, R>(
  name: string,
  options: {
    /** Shown to whoever answers; JSON without loss. Default: null. */
    readonly question?: unknown
    readonly answer: Schema.Schema<A, I, R>
  }
) => Effect.Effect<A, StepError, R | Execution> = askIn

/**
 * Sleeps for a duration that survives restarts: the time to wake is recorded when it is first met, on
 * the server's clock. Up to the runner's `inlineSleep` the process waits; longer, the run ends as
 * `Sleeping`, and a recovery daemon goes on in time. 1 round trip; none when recorded.
 *
 * @example
 * ```ts
 * import { Execution } from "effect-checkpoint"
 *
 * export const trial = Execution.sleep("trial", "30 days")
 * ```
 *
 * @since 0.2.0
 */
export const sleep: (name: string, duration: Duration.DurationInput) => Effect.Effect<void, StepError, Execution> =
  sleepIn

/**
 * Sleeps until a time on the server's clock; see {@link sleep}.
 *
 * @example
 * ```ts
 * import { DateTime } from "effect"
 * import { Execution } from "effect-checkpoint"
 *
 * export const newYear = Execution.sleepUntil("new-year", DateTime.unsafeMake("2030-01-01T00:00:00Z"))
 * ```
 *
 * @since 0.2.0
 */
export const sleepUntil: (name: string, time: DateTime.DateTime) => Effect.Effect<void, StepError, Execution> =
  sleepUntilIn

/**
 * A key for the other side of an effect: the same when the step is retried, repeated after a crash, or
 * met again behind an edit; another one after a fork, in another execution, also of the same id when that
 * was cleared, and at the next visit of the node. 0 round trips, 1 when
 * something is unsaved.
 *
 * @example
 * ```ts
 * import { Execution } from "effect-checkpoint"
 *
 * export const key = Execution.idempotencyKey("charge")
 * ```
 *
 * @since 0.2.0
 */
export const idempotencyKey = (name: string): Effect.Effect<string, StorageError, Execution> =>
  Effect.flatMap(
    Execution,
    ({ executionId, node, pass }) =>
      Effect.map(pass.base, (base) =>
        [executionId, pass.life, String(base), node, name].map(encodeURIComponent).join("/"))
  )
