import * as Context from "effect/Context"
import type { Pass } from "./pass.js"

/**
 * Where the code runs.
 *
 * @since 0.2.0
 */
export interface Service {
  readonly executionId: string
  /** In a program: its name. */
  readonly node: string
  /** @internal */
  readonly pass: Pass
}

/**
 * The execution that a node or a program is part of; the runner provides it.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Execution } from "effect-checkpoint"
 *
 * export const where = Effect.map(Execution.Execution, ({ executionId, node }) => `${node} of ${executionId}`)
 * ```
 *
 * @since 0.2.0
 */
export class Execution extends Context.Tag("effect-checkpoint/Execution")<Execution, Service>() {}
