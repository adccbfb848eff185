/**
 * What can fail when executions run. Every class is a `Schema.TaggedError`. No error carries a state,
 * an answer or a result.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import type { ExecutionErrors } from "effect-checkpoint"
 *
 * // Somebody else runs it: that is fine.
 * export const unlessBusy = (run: Effect.Effect<string, ExecutionErrors.ExecutionBusy>) =>
 *   Effect.catchTag(run, "ExecutionBusy", ({ remaining }) => Effect.succeed(`busy for ${remaining} ms`))
 * ```
 *
 * @since 0.2.0
 */
import * as Schema from "effect/Schema"

export * from "./StepErrors.js"

const quote = (text: string): string => JSON.stringify(text)

/**
 * Another process holds the lease of the execution, for `remaining` milliseconds more unless it
 * renews it. Nothing was changed. Retry later, or go on elsewhere.
 *
 * @example
 * ```ts
 * import { Effect, Schedule } from "effect"
 * import type { ExecutionErrors } from "effect-checkpoint"
 *
 * // Another process is at it: ask again each second, for a minute.
 * export const patiently = (run: Effect.Effect<string, ExecutionErrors.ExecutionBusy>) =>
 *   Effect.retry(run, Schedule.spaced("1 second").pipe(Schedule.upTo("1 minute")))
 * ```
 *
 * @since 0.2.0
 */
export class ExecutionBusy extends Schema.TaggedError<ExecutionBusy>("effect-checkpoint/ExecutionBusy")(
  "ExecutionBusy",
  { executionId: Schema.String, remaining: Schema.Number }
) {
  override get message(): string {
    return `Execution ${quote(this.executionId)} is running elsewhere; its lease ends in ${this.remaining} ms ` +
      `unless it is renewed`
  }
}

/**
 * The execution was taken over by another claim, or cleared: this process may not write to it any
 * more, and what it computed since its last commit counts for nothing. Read the state to go on.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import type { ExecutionErrors } from "effect-checkpoint"
 *
 * // Whoever took it over gives the result.
 * export const unlessLost = (run: Effect.Effect<string, ExecutionErrors.Fenced>) =>
 *   Effect.catchTag(run, "Fenced", ({ executionId }) => Effect.succeed(`${executionId} goes on elsewhere`))
 * ```
 *
 * @since 0.2.0
 */
export class Fenced extends Schema.TaggedError<Fenced>("effect-checkpoint/Fenced")(
  "Fenced",
  { executionId: Schema.String }
) {
  override get message(): string {
    return `Execution ${quote(this.executionId)} is no longer this process's: another one claimed it after the lease ` +
      `ran out, or it was cleared. It does not write any more; read its state to go on`
  }
}

/**
 * The execution belongs to another graph or program than the one it was to run with.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import type { ExecutionErrors } from "effect-checkpoint"
 *
 * export const explain = (run: Effect.Effect<string, ExecutionErrors.GraphMismatch>) =>
 *   Effect.catchTag(run, "GraphMismatch", ({ actual, executionId }) => Effect.succeed(`${executionId} is of ${actual}`))
 * ```
 *
 * @since 0.2.0
 */
export class GraphMismatch extends Schema.TaggedError<GraphMismatch>("effect-checkpoint/GraphMismatch")(
  "GraphMismatch",
  { executionId: Schema.String, expected: Schema.String, actual: Schema.String }
) {
  override get message(): string {
    return `Execution ${quote(this.executionId)} is of ${quote(this.actual)}, not of ${quote(this.expected)}: use ` +
      `another execution id, or the graph that began it`
  }
}

/**
 * The execution exists and was started with another input. The same id with the same input goes on, and
 * so does any input when `stateVersion` has changed since: the two cannot be compared.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import type { ExecutionErrors } from "effect-checkpoint"
 *
 * // A request that was sent twice is fine, another one under the same id is not.
 * export const answerTo = (run: Effect.Effect<string, ExecutionErrors.InputMismatch>) =>
 *   Effect.catchTag(run, "InputMismatch", () => Effect.succeed("409 Conflict"))
 * ```
 *
 * @since 0.2.0
 */
export class InputMismatch extends Schema.TaggedError<InputMismatch>("effect-checkpoint/InputMismatch")(
  "InputMismatch",
  { executionId: Schema.String }
) {
  override get message(): string {
    return `Execution ${quote(this.executionId)} was started with another input: use another id, or resume it`
  }
}

/**
 * There is no such execution: it was never started, was cleared, or has expired.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import type { ExecutionErrors } from "effect-checkpoint"
 *
 * export const answerTo = (run: Effect.Effect<string, ExecutionErrors.ExecutionNotFound>) =>
 *   Effect.catchTag(run, "ExecutionNotFound", () => Effect.succeed("404 Not Found"))
 * ```
 *
 * @since 0.2.0
 */
export class ExecutionNotFound extends Schema.TaggedError<ExecutionNotFound>("effect-checkpoint/ExecutionNotFound")(
  "ExecutionNotFound",
  { executionId: Schema.String }
) {
  override get message(): string {
    return `No execution ${quote(this.executionId)}: never started, cleared or expired`
  }
}

/**
 * A checkpoint, or a `goto`, leads to a node that the graph has not. Deploy the graph that has it, or
 * move on with `updateState` and `asNode`.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import type { ExecutionErrors } from "effect-checkpoint"
 *
 * export const explain = (run: Effect.Effect<string, ExecutionErrors.UnknownNode>) =>
 *   Effect.catchTag(run, "UnknownNode", ({ graph, node }) => Effect.succeed(`${graph} has no ${node} any more`))
 * ```
 *
 * @since 0.2.0
 */
export class UnknownNode extends Schema.TaggedError<UnknownNode>("effect-checkpoint/UnknownNode")(
  "UnknownNode",
  { executionId: Schema.String, graph: Schema.String, node: Schema.String }
) {
  override get message(): string {
    return `Execution ${quote(this.executionId)} is to go on with node ${quote(this.node)}, which graph ` +
      `${quote(this.graph)} has not: it was renamed or removed`
  }
}

/**
 * A stored state cannot be read by today's code: it is newer, a migration failed, or it does not fit
 * the schema. It is left as it is.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import type { ExecutionErrors } from "effect-checkpoint"
 *
 * // A newer release wrote it: leave it to that one.
 * export const unlessNewer = (run: Effect.Effect<string, ExecutionErrors.StateDecodeError>) =>
 *   Effect.catchIf(run, ({ currentVersion, storedVersion }) => storedVersion > currentVersion, () => Effect.succeed("later"))
 * ```
 *
 * @since 0.2.0
 */
export class StateDecodeError extends Schema.TaggedError<StateDecodeError>("effect-checkpoint/StateDecodeError")(
  "StateDecodeError",
  {
    checkpointId: Schema.String,
    storedVersion: Schema.Number,
    currentVersion: Schema.Number,
    issue: Schema.String
  }
) {
  override get message(): string {
    return `The state of checkpoint ${quote(this.checkpointId)} has version ${this.storedVersion}, this code has ` +
      `version ${this.currentVersion}: ${this.issue}`
  }
}

/**
 * The run took `maxSteps` supersteps and is not at its end: a cycle that does not end, or a limit that
 * is too low. All of them are committed; `resume` goes on.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import type { ExecutionErrors } from "effect-checkpoint"
 *
 * declare const resume: (executionId: string) => Effect.Effect<string>
 *
 * // All of its steps are committed: go on.
 * export const onceMore = (run: Effect.Effect<string, ExecutionErrors.MaxStepsExceeded>) =>
 *   Effect.catchTag(run, "MaxStepsExceeded", ({ executionId }) => resume(executionId))
 * ```
 *
 * @since 0.2.0
 */
export class MaxStepsExceeded extends Schema.TaggedError<MaxStepsExceeded>("effect-checkpoint/MaxStepsExceeded")(
  "MaxStepsExceeded",
  { executionId: Schema.String, maxSteps: Schema.Number }
) {
  override get message(): string {
    return `Execution ${quote(this.executionId)} took ${this.maxSteps} steps without coming to its end: look for a ` +
      `cycle, or raise maxSteps`
  }
}

/**
 * The execution was claimed `claims` times in a row by processes that died without getting on: it may
 * be what kills them. It counts as failed; `resume` tries again.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import type { ExecutionErrors } from "effect-checkpoint"
 *
 * export const report = (run: Effect.Effect<string, ExecutionErrors.ExecutionStuck>) =>
 *   Effect.tapErrorTag(run, "ExecutionStuck", ({ claims, executionId }) =>
 *     Effect.logError(`${executionId} has killed ${claims} processes`))
 * ```
 *
 * @since 0.2.0
 */
export class ExecutionStuck extends Schema.TaggedError<ExecutionStuck>("effect-checkpoint/ExecutionStuck")(
  "ExecutionStuck",
  { executionId: Schema.String, claims: Schema.Number }
) {
  override get message(): string {
    return `Execution ${quote(this.executionId)} was taken up ${this.claims} times by processes that died without ` +
      `getting on; look for what kills them, then resume it`
  }
}
