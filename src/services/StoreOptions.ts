/**
 * What the verbs of the checkpoint store take.
 *
 * @since 0.2.0
 */
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type { Metadata, Position } from "../schema/Checkpoint.js"

/**
 * How to save. All of it is checked before anything is sent.
 *
 * @since 0.1.0
 */
export interface SaveOptions {
  /**
   * Time to live from now, rounded up to whole milliseconds. 0 never expires.
   * Default: the layer's `ttl`. Negative or infinite is a `CheckpointEncodeError`.
   */
  readonly ttl?: Duration.DurationInput | undefined
  /**
   * Compare-and-set: write only if the head of the execution is at this
   * version (0: no checkpoint), else fail with `CheckpointConflict`. Needs an
   * `executionId` and a `version` that is higher. Default: write whatever is there.
   */
  readonly expectedVersion?: number | undefined
  /**
   * Keep this many of the highest versions; older ones are deleted in the same
   * atomic step, at most 1,000 a save, never the head; what is saved below them
   * goes at once. A positive integer, or `Infinity` for all. Default: the layer's.
   */
  readonly maxCheckpoints?: number | undefined
  /** Where the write has to be before it counts. Default: the layer's. */
  readonly durability?: Durability | undefined
}

/**
 * Where a write has to be before it is acknowledged. `memory`: in the master's memory, as Redis does
 * by itself. `replicas`: also in the memory of one replica, or of as many as are given, by `WAIT`.
 * `fsync`: also on the master's disk, by `WAITAOF`, which needs an append-only file and Redis 7.2.
 *
 * What does not get there within the timeout, 1 second by default, 3 to `fsync`, fails with `RedisCommandError`,
 * code `NOTDURABLE`: the write is applied, and may be lost. On a server that cannot do it the code is
 * `UNSUPPORTED`, and the write is applied, too. `WAIT` holds up every program behind it on the
 * connection. In a transaction neither command waits: it says what is there at that moment.
 *
 * @see https://redis.io/docs/latest/commands/wait/
 * @see https://redis.io/docs/latest/commands/waitaof/
 * @since 0.2.0
 */
export type Durability =
  | "memory"
  | "replicas"
  | "fsync"
  | {
    readonly to: "replicas" | "fsync"
    /** With `replicas` at least 1, which is the default; with `fsync` how many replicas' disks, default 0. */
    readonly replicas?: number | undefined
    readonly timeout?: Duration.DurationInput | undefined
  }

/**
 * What `append` takes: the id, the version and the time are its own.
 *
 * @since 0.1.0
 */
export interface AppendInput<out State> {
  /** The step that produced the state. */
  readonly nodeName: string
  /** JSON without loss once the schema has encoded it. */
  readonly state: State
  /** Default: `{}`. */
  readonly metadata?: Metadata | undefined
  /** The checkpoint this one follows. With it, a `CheckpointConflict` says that somebody else was first. */
  readonly after?: { readonly version: number } | undefined
}

/**
 * How to read many.
 *
 * @since 0.1.0
 */
export interface ReadOptions {
  /**
   * `fail` (default): the first checkpoint that cannot be decoded fails the
   * call. `skip`: it is left out, counted and logged with its id. It is never deleted.
   */
  readonly onDecodeError?: "fail" | "skip" | undefined
}

/**
 * Which checkpoints of an execution, and in what order.
 *
 * @since 0.1.0
 */
export interface ListOptions extends ReadOptions {
  /** By version, then by the bytes of the id. Default: `asc`. */
  readonly order?: "asc" | "desc" | undefined
  /** Default: all. 0 or less: none. */
  readonly limit?: number | undefined
  /** Only what comes strictly after this place in ascending order; it needs not exist any more. */
  readonly after?: Position | undefined
  /** Only what comes strictly before this place in ascending order. */
  readonly before?: Position | undefined
}

/**
 * Which executions.
 *
 * @since 0.1.0
 */
export interface ExecutionsOptions {
  /** Default: all. 0 or less: none. */
  readonly limit?: number | undefined
  /** Only executions whose last save was before this time of the server's clock. */
  readonly before?: DateTime.DateTime | undefined
}
