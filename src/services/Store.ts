/**
 * The verbs of the checkpoint store, and what they take. They are reached
 * through `CheckpointStore`.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import type { Checkpoint, Input, Metadata, Position } from "../schema/Checkpoint.js"
import type {
  CheckpointConflict,
  CheckpointDecodeError,
  CheckpointEncodeError,
  CheckpointNotFound,
  RedisCommandError,
  StorageError
} from "../schema/Errors.js"
import type { RedisProgram } from "./RedisProgram.js"

/**
 * @since 0.1.0
 */
export interface SaveOptions {
  /**
   * Time to live from now. 0 never expires. Default: the layer's `ttl`, which
   * is never by default. Negative or infinite is a `CheckpointEncodeError`.
   */
  readonly ttl?: Duration.DurationInput | undefined
  /**
   * Compare-and-set: write only if the head of the execution is at this
   * version (0: no checkpoint), else fail with `CheckpointConflict`. The
   * checkpoint's own version must be higher. Default: write whatever is there.
   */
  readonly expectedVersion?: number | undefined
  /**
   * Keep this many of the highest versions; older ones are deleted in the same
   * atomic step, at most 1,000 a save, never the head. Default: the layer's.
   */
  readonly maxCheckpoints?: number | undefined
}

/**
 * @since 0.1.0
 */
export interface AppendInput<out State> {
  readonly nodeName: string
  readonly state: State
  readonly metadata?: Metadata | undefined
  /** The checkpoint this one follows. With it, a `CheckpointConflict` says that somebody else was first. */
  readonly after?: { readonly version: number } | undefined
}

/**
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
 * @since 0.1.0
 */
export interface ExecutionsOptions {
  /** Default: all. */
  readonly limit?: number | undefined
  /** Only executions whose last save was before this time of the server's clock. */
  readonly before?: DateTime.DateTime | undefined
}

/**
 * With `expectedVersion` a save can lose; without it it cannot.
 *
 * @since 0.1.0
 */
export interface Save<in State, out R> {
  (
    checkpoint: Input<State>,
    options?: SaveOptions & { readonly expectedVersion?: undefined }
  ): Effect.Effect<void, CheckpointEncodeError | StorageError, R>
  (
    checkpoint: Input<State>,
    options?: SaveOptions
  ): Effect.Effect<void, CheckpointConflict | CheckpointEncodeError | StorageError, R>
}

/**
 * With `after` an append can lose; without it it goes to the head, wherever it is.
 *
 * @since 0.1.0
 */
export interface Append<in out State, out R> {
  (
    executionId: string,
    input: AppendInput<State> & { readonly after?: undefined },
    options?: Omit<SaveOptions, "expectedVersion">
  ): Effect.Effect<Checkpoint<State>, CheckpointEncodeError | StorageError, R>
  (
    executionId: string,
    input: AppendInput<State>,
    options?: Omit<SaveOptions, "expectedVersion">
  ): Effect.Effect<Checkpoint<State>, CheckpointConflict | CheckpointEncodeError | StorageError, R>
}

/**
 * The verbs, for one type of state. `R` is what the state's schema requires.
 *
 * @since 0.1.0
 */
export interface Store<in out State, out R = never> {
  /**
   * Writes a checkpoint: all its keys or none. An id that exists is
   * overwritten, and moved if another execution held it.
   *
   * 1 round trip. Sent again after a lost reply only with `expectedVersion`.
   */
  readonly save: Save<State, R>
  /**
   * The same save as a program, everything checked and nothing sent, to run
   * with commands of your own in one pipeline or one transaction.
   *
   * 0 round trips.
   */
  readonly saveProgram: (
    checkpoint: Input<State>,
    options?: SaveOptions
  ) => Effect.Effect<RedisProgram<void, CheckpointConflict | RedisCommandError>, CheckpointEncodeError, R>
  /**
   * Writes the next checkpoint of an execution: version head + 1, id
   * `<executionId>@<version>`, now, by compare-and-set. Gives what was stored.
   *
   * 1 round trip with `after`; else 2, and 1 more for each writer that was faster.
   */
  readonly append: Append<State, R>
  /**
   * Writes many. All are checked before the first is sent. Each one is atomic;
   * all together are not: a failure leaves those before it written.
   *
   * 1 round trip for each 100 checkpoints or 1 MiB.
   */
  readonly saveAll: (
    checkpoints: Iterable<Input<State>>,
    options?: Omit<SaveOptions, "expectedVersion">
  ) => Effect.Effect<void, CheckpointEncodeError | StorageError, R>
  /** 1 round trip. */
  readonly load: (
    checkpointId: string
  ) => Effect.Effect<Checkpoint<State>, CheckpointNotFound | CheckpointDecodeError | StorageError, R>
  /**
   * Those that exist, by id.
   *
   * 1 round trip for each 500 ids.
   */
  readonly loadAll: (
    checkpointIds: Iterable<string>,
    options?: ReadOptions
  ) => Effect.Effect<ReadonlyMap<string, Checkpoint<State>>, CheckpointDecodeError | StorageError, R>
  /**
   * The checkpoint with the highest version.
   *
   * 1 round trip, whatever the history's length; 2 with `index: "set"`.
   */
  readonly latest: (
    executionId: string
  ) => Effect.Effect<Option.Option<Checkpoint<State>>, CheckpointDecodeError | StorageError, R>
  /**
   * The checkpoints of an execution in order. Pages by position stay stable
   * while others save. What is deleted meanwhile is left out.
   *
   * 1 round trip if there are none, else 2; 1 more when expired entries are met.
   */
  readonly list: (
    executionId: string,
    options?: ListOptions
  ) => Effect.Effect<Array<Checkpoint<State>>, CheckpointDecodeError | StorageError, R>
  /**
   * The same in pages of 500, in constant memory.
   *
   * 2 round trips a page.
   */
  readonly stream: (
    executionId: string,
    options?: ListOptions
  ) => Stream.Stream<Checkpoint<State>, CheckpointDecodeError | StorageError, R>
  /**
   * The number of living checkpoints. Beyond 5,000, one that expired out of
   * the order of versions counts until a list meets it.
   *
   * 1 round trip.
   */
  readonly count: (executionId: string) => Effect.Effect<number, StorageError>
  /** 1 round trip. */
  readonly exists: (checkpointId: string) => Effect.Effect<boolean, StorageError>
  /**
   * Ids of executions, last saved first. One that is saved while the stream
   * runs may be left out: it has moved to the front. Those whose checkpoints have
   * all expired drop out.
   *
   * 2 round trips for each 100.
   */
  readonly executions: (options?: ExecutionsOptions) => Stream.Stream<string, StorageError>
  /**
   * Deletes a checkpoint and its index entry, all or nothing; true if it
   * existed. Doing it twice is no error.
   *
   * 1 round trip.
   */
  readonly delete: (checkpointId: string) => Effect.Effect<boolean, StorageError>
  /**
   * Deletes all checkpoints of an execution; how many there were. Up to 10,000
   * in one atomic step; more in atomic steps of 10,000, oldest first.
   *
   * 1 round trip for each 10,000.
   */
  readonly clear: (executionId: string) => Effect.Effect<number, StorageError>
  /**
   * Forks: copies all checkpoints to an execution that has none, under ids
   * `<to>@<version>`; how many. Fails with `CheckpointConflict` if it has some.
   * The source is unchanged. States are copied as they are stored. A failure
   * leaves the copies before it.
   *
   * 2 round trips for each 500 read, 1 for each 100 or 1 MiB written.
   */
  readonly copy: (
    from: string,
    to: string
  ) => Effect.Effect<number, CheckpointConflict | CheckpointDecodeError | CheckpointEncodeError | StorageError>
  /** How long one round trip takes. */
  readonly ping: Effect.Effect<Duration.Duration, StorageError>
  /**
   * Ids of checkpoints as they expire, from Redis' keyspace notifications: best
   * effort, nothing is replayed. Fails with a `RedisCommandError` (code
   * `NOTIFY`) on a server that has them off.
   */
  readonly expirations: Stream.Stream<string, StorageError>
}
