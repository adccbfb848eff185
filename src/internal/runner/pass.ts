import type * as Effect from "effect/Effect"
import type { StorageError } from "../../schema/Errors.js"
import type { DuplicateStep, StepCodecError } from "../../schema/ExecutionErrors.js"
import type { Request } from "../../services/Outcome.js"

/** Why a node stops in its middle, to go on in a later run. */
export type Suspension =
  | {
    readonly _tag: "Asked"
    readonly requests: ReadonlyArray<Request>
    /** Of a child that also sleeps: when to go on with it, asked or not. */
    readonly until?: number | undefined
  }
  | { readonly _tag: "Sleeping"; readonly until: number }

/** One attempt at a node or a program: what it may record, and how it stops. */
export interface Pass {
  readonly executionId: string
  /** In a program: its name. */
  readonly node: string
  /** Sleeps up to this many milliseconds are waited for in this process. */
  readonly inlineSleep: number
  /** Takes a name for this attempt, and gets what is recorded under it. Where that fails nothing is, and it is free again. */
  readonly named: <A, E, R>(step: string, result: Effect.Effect<A, E, R>) => Effect.Effect<A, E | DuplicateStep, R>
  readonly recall: (field: string) => string | undefined
  /**
   * Commits what is pending, records a value under the head and gives what is recorded. An execution
   * that was lost interrupts its node: this does not come back.
   */
  readonly record: (field: string, value: string) => Effect.Effect<string, StepCodecError | StorageError>
  /** A result whose record was not acknowledged: its effect has happened. */
  readonly unrecorded: (field: string) => string | undefined
  /** What the node is about to fail with is not its fault: a child cannot be read by this code. */
  readonly spare: (error: unknown) => void
  /** The fencing token of this execution. */
  readonly token: string
  /** Tells this execution from one that had its id before. */
  readonly life: string
  /** The version of the head when this node was reached, which names what is recorded; commits what is pending. */
  readonly base: Effect.Effect<number, StorageError>
  /** Interrupts the node. */
  readonly suspend: (suspension: Suspension) => Effect.Effect<never>
  /** The server's time, in milliseconds. */
  readonly now: Effect.Effect<number>
}
