/**
 * What can fail in what a node or a program does inside an execution. They are reached through
 * `ExecutionErrors`.
 *
 * @since 0.2.0
 */
import * as Schema from "effect/Schema"

const quote = (text: string): string => JSON.stringify(text)

/**
 * A node gave a patch that does not fit the state: a field that it has not, a value of another type, in a
 * fan-out what JSON cannot hold without loss. Nothing of the node was stored.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import type { ExecutionErrors } from "effect-checkpoint"
 *
 * export const explain = (run: Effect.Effect<string, ExecutionErrors.InvalidPatch>) =>
 *   Effect.catchTag(run, "InvalidPatch", ({ issue, node }) => Effect.dieMessage(`${node} is wrong: ${issue}`))
 * ```
 *
 * @since 0.2.0
 */
export class InvalidPatch extends Schema.TaggedError<InvalidPatch>("effect-checkpoint/InvalidPatch")(
  "InvalidPatch",
  { executionId: Schema.String, node: Schema.String, issue: Schema.String }
) {
  override get message(): string {
    return `Node ${quote(this.node)} of execution ${quote(this.executionId)} gave a wrong patch: ${this.issue}`
  }
}

/**
 * A step, an `ask` or a `sleep` of this name has run before in the same pass: which result belongs to
 * which would be unclear. Put what tells them apart into the name.
 *
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Execution } from "effect-checkpoint"
 *
 * declare const send: (to: string) => Effect.Effect<void>
 *
 * // One name for both would be a DuplicateStep.
 * export const sendAll = Effect.forEach(["ada", "bob"], (to) => Execution.step(`send to ${to}`, send(to), Schema.Void))
 * ```
 *
 * @since 0.2.0
 */
export class DuplicateStep extends Schema.TaggedError<DuplicateStep>("effect-checkpoint/DuplicateStep")(
  "DuplicateStep",
  { executionId: Schema.String, node: Schema.String, step: Schema.String }
) {
  override get message(): string {
    return `Step ${quote(this.step)} of node ${quote(this.node)} in execution ${quote(this.executionId)} ran twice ` +
      `in one pass: give each its own name, such as ${quote(`${this.step}-2`)}`
  }
}

/**
 * The result of a step, or a request or an answer, is not what its schema says: it cannot be stored,
 * or what is stored cannot be read.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import type { ExecutionErrors } from "effect-checkpoint"
 *
 * export const explain = (run: Effect.Effect<string, ExecutionErrors.StepCodecError>) =>
 *   Effect.catchTag(run, "StepCodecError", ({ direction, step }) => Effect.dieMessage(`cannot ${direction} ${step}`))
 * ```
 *
 * @since 0.2.0
 */
export class StepCodecError extends Schema.TaggedError<StepCodecError>("effect-checkpoint/StepCodecError")(
  "StepCodecError",
  {
    executionId: Schema.String,
    step: Schema.String,
    direction: Schema.Literal("encode", "decode"),
    issue: Schema.String
  }
) {
  override get message(): string {
    const what = this.direction === "encode" ? "cannot be stored" : "was stored and cannot be read"
    return `Step ${quote(this.step)} of execution ${quote(this.executionId)} ${what}: ${this.issue}`
  }
}

/**
 * There is nothing to answer under this name, or no more: the execution waits for `waiting`, the ids of
 * what is open. With several, name one.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import type { ExecutionErrors } from "effect-checkpoint"
 *
 * export const answerTo = (given: Effect.Effect<void, ExecutionErrors.NotWaiting>) =>
 *   Effect.catchTag(given, "NotWaiting", ({ waiting }) => Effect.logInfo(`it waits for ${waiting.join(", ")}`))
 * ```
 *
 * @since 0.2.0
 */
export class NotWaiting extends Schema.TaggedError<NotWaiting>("effect-checkpoint/NotWaiting")(
  "NotWaiting",
  {
    executionId: Schema.String,
    request: Schema.optional(Schema.String),
    waiting: Schema.Array(Schema.String)
  }
) {
  override get message(): string {
    const open = this.waiting.length === 0 ? "nothing" : this.waiting.map(quote).join(", ")
    const asked = this.request === undefined ? "an answer that names no request" : `an answer to ${quote(this.request)}`
    return `Execution ${quote(this.executionId)} waits for ${open}, and was given ${asked}`
  }
}
