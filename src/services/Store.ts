/**
 * The verbs of the checkpoint store, and what they take. They are reached
 * through `CheckpointStore`.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import type { Checkpoint, Input } from "../schema/Checkpoint.js"
import type {
  CheckpointConflict,
  CheckpointDecodeError,
  CheckpointEncodeError,
  CheckpointNotFound,
  RedisCommandError,
  StorageError
} from "../schema/Errors.js"
import type { RedisProgram } from "./RedisProgram.js"
import type { AppendInput, ExecutionsOptions, ListOptions, ReadOptions, SaveOptions } from "./StoreOptions.js"

export type * from "./StoreOptions.js"

/**
 * With `expectedVersion` a save can lose; without it it cannot.
 *
 * @example
 * ```ts
 * import type { CheckpointStore } from "effect-checkpoint"
 *
 * export const pay = (orders: CheckpointStore.Store<string>) =>
 *   orders.save({ id: "7-2", executionId: "7", nodeName: "pay", state: "paid", version: 2 }, { expectedVersion: 1 })
 * ```
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
 * @example
 * ```ts
 * import type { CheckpointStore } from "effect-checkpoint"
 *
 * export const pay = (orders: CheckpointStore.Store<string>, placed: { readonly version: number }) =>
 *   orders.append("order-7", { nodeName: "pay", state: "paid", after: placed })
 * ```
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
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { type CheckpointStore, Redis } from "effect-checkpoint"
 *
 * export const tour = Effect.fnUntraced(function*(jobs: CheckpointStore.Store<number>) {
 *   const newest = yield* jobs.list("job", { order: "desc", limit: 20 })
 *   const older = yield* jobs.list("job", { order: "desc", limit: 20, before: newest.at(-1) })
 *   const total = yield* Stream.runFold(jobs.stream("job"), 0, (sum, { state }) => sum + state)
 *   yield* jobs.copy("job", "job-what-if")
 *   const save = yield* jobs.saveProgram({ id: "sum", executionId: "job", nodeName: "sum", state: total, version: 99 })
 *   yield* (yield* Redis.Redis).transaction(save)
 *   return older
 * })
 * ```
 *
 * @since 0.1.0
 */
export interface Store<in out State, out R = never> {
  /**
   * Writes a checkpoint: all its keys or none. An id that exists is
   * overwritten, and moved if another execution held it; on a cluster that is a
   * `RedisCommandError`, code `ELSEWHERE`, unless it is one's own.
   *
   * 1 round trip; on a cluster 2 for an id that the library did not make, and for the
   * first save of an execution in this process. Sent again after a lost reply only with `expectedVersion`.
   */
  readonly save: Save<State, R>
  /**
   * The same save as a program, everything checked and nothing sent, to run
   * with commands of your own in one pipeline or one transaction. 0 round trips.
   *
   * On a cluster the id has to tell its execution (`<executionId>@<16 digits>`), and
   * `executions` does not hear of it.
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
   * Writes many. All are checked before the first is sent. Each one is atomic, all
   * together are not: a failure can leave any other of its round trip written.
   *
   * 1 round trip for each 100 checkpoints or 2^20 characters of JSON.
   */
  readonly saveAll: (
    checkpoints: Iterable<Input<State>>,
    options?: Omit<SaveOptions, "expectedVersion">
  ) => Effect.Effect<void, CheckpointEncodeError | StorageError, R>
  /**
   * The checkpoint with this id, or `CheckpointNotFound`. 1 round trip; as for all that takes an id, on a
   * cluster 2 if the library did not make it.
   */
  readonly load: (
    checkpointId: string
  ) => Effect.Effect<Checkpoint<State>, CheckpointNotFound | CheckpointDecodeError | StorageError, R>
  /**
   * Those that exist, by id; a key of another type counts as none. 500 are read in
   * one atomic step.
   *
   * 1 round trip for 10,000; none without ids.
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
   * 1 round trip if there are none, else 2; more when expired or skipped ones are met.
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
   * The number of living checkpoints. Beyond 2,000, one that expired out of
   * the order of versions counts until a list meets it. 1 round trip.
   */
  readonly count: (executionId: string) => Effect.Effect<number, StorageError>
  /** Whether a living checkpoint has this id; it is not decoded. 1 round trip. */
  readonly exists: (checkpointId: string) => Effect.Effect<boolean, StorageError>
  /**
   * Ids of executions, last saved first. One that is saved while the stream
   * runs may be left out: it has moved to the front. Those whose checkpoints have
   * all expired drop out.
   *
   * 2 round trips for each 100; on a cluster 1 more when some drop out.
   */
  readonly executions: (options?: ExecutionsOptions) => Stream.Stream<string, StorageError>
  /**
   * Deletes a checkpoint and its index entry, all or nothing; true if it
   * existed. Doing it twice is no error. 1 round trip.
   */
  readonly delete: (checkpointId: string) => Effect.Effect<boolean, StorageError>
  /**
   * Deletes all checkpoints of an execution; how many living ones there were, as
   * {@link count} counts beyond 1,000. They vanish in one atomic step: from then on every verb finds the
   * execution empty, but for `load`, `loadAll`, `exists` and `delete`, which are told an id and find it
   * until its turn has come. When this succeeds all are gone, but for what was saved since. When it
   * fails in between, the next clear or saves of the execution delete what is left.
   *
   * 1 round trip for each 1,000.
   */
  readonly clear: (executionId: string) => Effect.Effect<number, StorageError>
  /**
   * Forks: copies all checkpoints to an execution that has none, under ids
   * `<to>@<version>`; how many. Fails with `CheckpointConflict` if it has some. States
   * are decoded and encoded again by the layer's codec, with the layer's `ttl`; nothing is pruned. An
   * empty source copies nothing and checks nothing. A failure leaves copies behind.
   *
   * 2 round trips for each 500 read; 1 for the first copy and 1 for each 100 more.
   */
  readonly copy: (
    from: string,
    to: string
  ) => Effect.Effect<number, CheckpointConflict | CheckpointDecodeError | CheckpointEncodeError | StorageError>
  /** How long one round trip takes, with the wait for a connection and retries. */
  readonly ping: Effect.Effect<Duration.Duration, StorageError>
  /**
   * Ids of checkpoints as they expire, from Redis' keyspace notifications: best
   * effort, nothing is replayed. Fails with a `RedisCommandError` (code
   * `NOTIFY`) on a server that has them off. See `Redis.expirations`.
   */
  readonly expirations: Stream.Stream<string, StorageError>
}
