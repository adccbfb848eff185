/**
 * What an execution looked like after one of its steps: a checkpoint, read as the runner wrote it.
 *
 * @since 0.2.0
 */
import type * as DateTime from "effect/DateTime"
import type * as Option from "effect/Option"
import type { Request } from "./Outcome.js"

/**
 * Why there is a checkpoint: `input` is the first one, `loop` came after a superstep, `update` from
 * `updateState` or `saveCheckpoint`, `fork` from `resumeFrom`.
 *
 * @since 0.2.0
 */
export type Source = "input" | "loop" | "update" | "fork"

/**
 * One checkpoint of an execution. Its `next` is never ambiguous: empty means that the execution is at
 * its end.
 *
 * @since 0.2.0
 */
export interface Snapshot<out State, out Names extends string = string> {
  readonly checkpointId: string
  readonly executionId: string
  /** 1 for the input, then 2, 3 …; the order of the history. */
  readonly version: number
  readonly state: State
  readonly source: Source
  /** Supersteps since the input. */
  readonly step: number
  /** The nodes that ran to make it. */
  readonly nodes: ReadonlyArray<Names>
  /** The nodes that run next; none: it is at its end. */
  readonly next: ReadonlyArray<Names>
  /** The checkpoint that this one was made from; it may have been pruned. */
  readonly parentId: Option.Option<string>
  /** Of the state as it was stored; the state has been migrated. */
  readonly stateVersion: number
  /** Which claim of the execution wrote it. For people. */
  readonly epoch: number
  readonly timestamp: DateTime.Utc
}

/**
 * How an execution stands. `running`: a process holds its lease. `waiting`, `sleeping`: see
 * `requests` and `until`. `failed`: its last run failed. `ready`: it can go on now, because its process
 * stopped or died, its sleep is over, or it was answered.
 *
 * @since 0.2.0
 */
export type Status = "running" | "waiting" | "sleeping" | "failed" | "ready" | "completed"

/**
 * The newest checkpoint of an execution, and how it stands.
 *
 * @since 0.2.0
 */
export interface Current<out State, out Names extends string = string> extends Snapshot<State, Names> {
  readonly status: Status
  /** What it waits for: all open gates and questions, those of its children too. */
  readonly requests: ReadonlyArray<Request>
  /** When it is to be looked at again, by the server's clock. */
  readonly until: Option.Option<DateTime.Utc>
}

/**
 * An execution that is not at its end.
 *
 * @since 0.2.0
 */
export interface Unfinished {
  readonly executionId: string
  readonly status: Exclude<Status, "completed">
  /** When it is to be looked at again; none when only somebody else can move it on. */
  readonly until: Option.Option<DateTime.Utc>
}
