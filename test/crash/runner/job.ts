/** What a child process is told to do, and what it says at its end: one line of JSON each. */

/** What is run; see `work.ts`. */
export type WorkName = "graph" | "program" | "fan-out" | "nap" | "nested"

/** Where a process kills itself, at the effect of one step or at the write that follows it. */
export type Instant = "claimed" | "before effect" | "after effect" | "write sent" | "write acknowledged"

/** Ways to break the runner from outside. */
export type Mutation = "commit not awaited" | "claim always steals" | "writes not fenced"

export interface Job {
  readonly port: number
  /** Of the client, to see on the server when it is gone. */
  readonly client: string
  readonly executionId: string
  readonly work: WorkName
  /** Steps, or rounds of a fan-out. */
  readonly size: number
  /** The file of effects. */
  readonly log: string
  /** Milliseconds before an effect. */
  readonly pause: number
  /** Milliseconds behind it, before its step has succeeded. */
  readonly behind: number
  /** Milliseconds. */
  readonly lease: number
  /** Tries again while another process holds the execution. */
  readonly patient: boolean
  /** Begins at a line of input instead of at once. */
  readonly waits?: boolean
  readonly dies?: { readonly at: Instant; readonly step: number }
  /** Says so and sends itself SIGSTOP at the effect of a step, or before it claims a child. */
  readonly stops?: { readonly at: "before effect" | "after effect" | "child claim"; readonly step: number }
  readonly mutation?: Mutation
  /** Milliseconds that a commit takes longer. */
  readonly latency?: number
  /** Milliseconds that this process's clock is ahead. */
  readonly ahead?: number
  /** Milliseconds of sleep that the process waits for. */
  readonly inlineSleep?: number
  /** Recovers what there is instead of running its execution. */
  readonly recovers?: boolean
}

export type Report =
  | { readonly _tag: "Completed"; readonly value: unknown; readonly version: number }
  | { readonly _tag: "Sleeping"; readonly until: number }
  | { readonly _tag: "Stopped" }
  | {
    readonly _tag: "Failed"
    readonly error: string
    readonly message: string
    readonly isLoss?: boolean
    readonly remaining?: number
  }
