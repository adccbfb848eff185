/**
 * What happens while an execution runs, in the order in which it happens.
 *
 * @since 0.2.0
 */
import type { Outcome } from "./Outcome.js"

/**
 * A node begins, for the first time or again.
 *
 * @since 0.2.0
 */
export interface NodeStarted<out Names extends string = string> {
  readonly _tag: "NodeStarted"
  readonly executionId: string
  readonly node: Names
  /** From 1; above it after failures. */
  readonly attempt: number
}

/**
 * A node has given its patch.
 *
 * @since 0.2.0
 */
export interface NodeCompleted<out Names extends string = string> {
  readonly _tag: "NodeCompleted"
  readonly executionId: string
  readonly node: Names
  /** It ran before the process stopped; this run took what was recorded. */
  readonly recorded: boolean
}

/**
 * A checkpoint is stored and acknowledged.
 *
 * @since 0.2.0
 */
export interface Committed<out Names extends string = string> {
  readonly _tag: "Committed"
  readonly executionId: string
  readonly checkpointId: string
  readonly version: number
  readonly next: ReadonlyArray<Names>
}

/**
 * The run has ended without failing.
 *
 * @since 0.2.0
 */
export interface Finished<out State> {
  readonly _tag: "Finished"
  readonly executionId: string
  readonly outcome: Outcome<State>
}

/**
 * See the members.
 *
 * @since 0.2.0
 */
export type RunnerEvent<State, Names extends string = string> =
  | NodeStarted<Names>
  | NodeCompleted<Names>
  | Committed<Names>
  | Finished<State>
