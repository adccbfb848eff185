/**
 * What can be done with the executions of one graph. It is reached through `Runner`.
 *
 * @since 0.2.0
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import type {
  CheckpointConflict,
  CheckpointDecodeError,
  CheckpointEncodeError,
  CheckpointNotFound,
  StorageError
} from "../schema/Errors.js"
import type {
  ExecutionBusy,
  ExecutionNotFound,
  ExecutionStuck,
  Fenced,
  GraphMismatch,
  InputMismatch,
  InvalidPatch,
  MaxStepsExceeded,
  NotWaiting,
  StateDecodeError,
  StepCodecError,
  UnknownNode
} from "../schema/ExecutionErrors.js"
import type { Patch } from "./Graph.js"
import type { Outcome } from "./Outcome.js"
import type { RunnerEvent } from "./RunnerEvent.js"
import type { Current, Snapshot, Unfinished } from "./Snapshot.js"
import type { Durability, ListOptions } from "./StoreOptions.js"

/**
 * A checkpoint cannot be read.
 *
 * @since 0.2.0
 */
export type ReadError = CheckpointDecodeError | StateDecodeError | GraphMismatch | StorageError

/**
 * An execution cannot be claimed, read or written.
 *
 * @since 0.2.0
 */
export type WriteError =
  | ReadError
  | ExecutionBusy
  | ExecutionStuck
  | Fenced
  | CheckpointConflict
  | CheckpointEncodeError

/**
 * What a run fails with beside the errors of its nodes.
 *
 * @since 0.2.0
 */
export type RunError =
  | WriteError
  | ExecutionNotFound
  | InvalidPatch
  | MaxStepsExceeded
  | UnknownNode

/**
 * How one run goes.
 *
 * @since 0.2.0
 */
export interface RunOptions {
  /** Takes the execution over although its lease has not run out: its process is known to be dead. Default: false. */
  readonly steal?: boolean | undefined
  /**
   * Fails with `ExecutionStuck` when more than this many processes in a row have taken the execution up
   * and died without getting on. Default: never.
   */
  readonly maxClaims?: number | undefined
}

/**
 * An answer to what an execution waits for.
 *
 * @since 0.2.0
 */
export interface Answer {
  /** JSON without loss. */
  readonly answer: unknown
  /**
   * The id of the request. One that is over is `NotWaiting`. Without its version (`before:ship`) it means
   * whichever of that name is open. Default: the only one that is open.
   */
  readonly request?: string | undefined
}

/**
 * What happened in a superstep, for `onStep`.
 *
 * @since 0.2.0
 */
export interface Step<out State, out Names extends string = string> {
  readonly executionId: string
  readonly step: number
  readonly nodes: ReadonlyArray<Names>
  readonly next: ReadonlyArray<Names>
  readonly state: State
  /** Commits now what `autoSave: false` would keep back. */
  readonly save: Effect.Effect<void, CheckpointConflict | Fenced | StorageError>
}

/**
 * How the executions of a graph run.
 *
 * @since 0.2.0
 */
export interface Policy {
  /** Commits after every superstep. `false` commits each `saveInterval`, at the end, at stops, and in a fan-out. Default: true. */
  readonly autoSave?: boolean | undefined
  /**
   * With `autoSave: false`: the least time between two commits. What is done in between is repeated
   * after a crash. Default: never in between.
   */
  readonly saveInterval?: Duration.DurationInput | undefined
  /** Checkpoints to keep an execution, a positive integer or `Infinity`. Default: 10. */
  readonly maxCheckpoints?: number | undefined
  /** How long a dead process blocks an execution; renewed three times in it. Default: 30 seconds. */
  readonly leaseTtl?: Duration.DurationInput | undefined
  /** Supersteps in one run. Default: 1,000. */
  readonly maxSteps?: number | undefined
  /** Durable sleeps up to this long are waited for by the process. Default: 10 seconds. */
  readonly inlineSleep?: Duration.DurationInput | undefined
  /** Where every commit and every recorded result has to be before the execution goes on. Default: the store's. */
  readonly durability?: Durability | undefined
}

/**
 * A policy, and a listener.
 *
 * @since 0.2.0
 */
export interface Options<in out State, in out Names extends string, out R> extends Policy {
  /**
   * Runs after each superstep, before the next one; it may observe, or save. Those of children are
   * theirs, and seen by `events` alone. Default: nothing.
   */
  readonly onStep?: ((step: Step<State, Names>) => Effect.Effect<void, never, R>) | undefined
}

/**
 * The executions of one graph. To run them takes `R`, what the nodes require; to look at them and to
 * change them takes `SR`, what the schema of the state requires. A run claims its execution, holds its lease, and gives it back; while
 * another process holds it every verb that writes fails with `ExecutionBusy`.
 *
 * @since 0.2.0
 */
export interface GraphRunner<in out State, in out Names extends string, out E, out R, out SR = never> {
  /** The name of the graph. */
  readonly name: string
  /**
   * Starts an execution, or goes on with it when it exists: the same id and input are safe to send
   * twice. The input is committed before the first node runs. Another input for an id that exists is an
   * `InputMismatch`, unless `stateVersion` has changed since.
   *
   * 2 round trips, 1 for each superstep and 1 at the end; each branch of a fan-out adds 1, a child what
   * a start costs, and 1 when the checkpoint that began it is pruned.
   */
  readonly start: (
    executionId: string,
    input: State,
    options?: RunOptions
  ) => Effect.Effect<Outcome<State>, E | RunError | InputMismatch, R | SR>
  /**
   * Goes on from the head. A gate or a question stays open without an `answer`: recovery is no
   * approval. 2 round trips more with an answer.
   */
  readonly resume: {
    (
      executionId: string,
      options: RunOptions & Answer
    ): Effect.Effect<Outcome<State>, E | RunError | NotWaiting | StepCodecError, R | SR>
    (
      executionId: string,
      options?: RunOptions & { readonly answer?: never }
    ): Effect.Effect<Outcome<State>, E | RunError, R | SR>
  }
  /**
   * Goes on from an older checkpoint: in place, as the next version of the same execution, or `into` a
   * new one. Nothing is removed. Gates stop again, steps get new idempotency keys.
   */
  readonly resumeFrom: (
    checkpointId: string,
    options?: RunOptions & { readonly into?: string | undefined }
  ) => Effect.Effect<Outcome<State>, E | RunError | CheckpointNotFound, R | SR>
  /**
   * Answers without running: for web handlers. The first answer wins, a second one changes nothing, also
   * when the first does not fit and no run has looked at it yet: check what you are given, or resume. Give
   * the request's id: sent again when the execution has gone on, it is `NotWaiting` and answers nothing
   * else. A recovery daemon goes on with the execution. 2 round trips.
   */
  readonly answer: (
    executionId: string,
    answer: Answer
  ) => Effect.Effect<
    void,
    ReadError | CheckpointConflict | ExecutionNotFound | NotWaiting | StepCodecError,
    SR
  >
  /** The head, and how the execution stands. 1 round trip, more when thousands of steps are recorded. */
  readonly getState: (executionId: string) => Effect.Effect<Option.Option<Current<State, Names>>, ReadError, SR>
  /**
   * Appends a checkpoint with a patch, by the reducers. `asNode` goes on behind that node, anew: what was
   * recorded, asked or slept in front of it is dropped. Without it the nodes that were next stay next, and
   * all that is recorded stays: no step, question or finished branch is done again. `expected`, the version
   * that was looked at, refuses to change another one. 3 round trips.
   */
  readonly updateState: (
    executionId: string,
    patch: Patch<State>,
    options?: RunOptions & { readonly asNode?: Names | undefined; readonly expected?: number | undefined }
  ) => Effect.Effect<Snapshot<State, Names>, WriteError | ExecutionNotFound | InvalidPatch | UnknownNode, SR>
  /** All checkpoints, newest first unless told otherwise, each decoded when it is reached. */
  readonly history: (executionId: string, options?: ListOptions) => Stream.Stream<Snapshot<State, Names>, ReadError, SR>
  /**
   * `start`, or `resume` without an input, as a stream of what happens. Nothing is dropped: a slow
   * consumer slows the run. A consumer that stops interrupts it.
   */
  readonly events: (
    executionId: string,
    input?: State,
    options?: RunOptions
  ) => Stream.Stream<RunnerEvent<State, Names>, E | RunError | InputMismatch, R | SR>
  /** Appends a checkpoint with this state, whatever was there; what was next and what is recorded stay. 3 round trips. */
  readonly saveCheckpoint: (
    executionId: string,
    state: State,
    options?: RunOptions
  ) => Effect.Effect<Snapshot<State, Names>, WriteError | ExecutionNotFound, SR>
  /** One checkpoint. 1 round trip. */
  readonly loadCheckpoint: (
    checkpointId: string
  ) => Effect.Effect<Snapshot<State, Names>, ReadError | CheckpointNotFound, SR>
  /** The checkpoints of an execution, oldest first unless told otherwise. 2 round trips. */
  readonly listCheckpoints: (
    executionId: string,
    options?: ListOptions
  ) => Effect.Effect<Array<Snapshot<State, Names>>, ReadError, SR>
  /**
   * Deletes everything of an execution, and gives the number of its checkpoints. Fails with
   * `ExecutionBusy` while it runs, unless `steal`. 3 round trips, 1 for each 1,000 checkpoints more, and
   * 1 for each 100 children.
   */
  readonly clearCheckpoints: (
    executionId: string,
    options?: RunOptions
  ) => Effect.Effect<number, ExecutionBusy | ExecutionStuck | GraphMismatch | StorageError>
  /**
   * The executions that are not at their end, by the time when they are to be looked at, the longest
   * overdue first. 2 round trips for each 100.
   */
  readonly unfinished: Stream.Stream<Unfinished, StorageError>
  /** @internal */
  readonly due: (limit: number) => Effect.Effect<Array<string>, StorageError>
}
