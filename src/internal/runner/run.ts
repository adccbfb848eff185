import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { CheckpointEncodeError, StorageError } from "../../schema/Errors.js"
import type { StateDecodeError } from "../../schema/ExecutionErrors.js"
import type { RunError } from "../../services/GraphRunner.js"
import type { RunnerEvent } from "../../services/RunnerEvent.js"
import { unescaped } from "../codec/coded.js"
import type { Child, Definition, Fields } from "../graph/definition.js"
import { idOf } from "../store/append.js"
import { encoded } from "../store/codec.js"
import { prepare, type Prepared } from "../store/writing.js"
import { clearPruned } from "./clearing.js"
import { begunBelow } from "./family.js"
import type { Pass } from "./pass.js"
import type { Rules } from "./policy.js"
import { type Record, toMetadata } from "./record.js"
import type { Lost, Session } from "./session.js"
import { commit } from "./session.js"
import { decodeState } from "./state.js"

/** Where an execution is: a state that is stored, or that will be. */
export interface Position {
  readonly checkpointId: string
  readonly nodeName: string
  readonly version: number
  readonly state: Fields
  readonly record: Record
  readonly timestamp: DateTime.Utc
}

/** What a graph's runs have in common. */
export interface Plan<E, R> {
  readonly definition: Definition<E, R>
  readonly rules: Rules
  readonly onStep: (run: Run<E, R>) => Effect.Effect<void, never, R>
  readonly emit: (event: RunnerEvent<Fields>) => Effect.Effect<void>
  /** Runs a child's execution as a part of one attempt. */
  readonly child: (child: Child<E, R>, state: Fields, pass: Pass) => Effect.Effect<Fields, E | RunError, R>
}

/** One run of an execution by this process. */
export interface Run<E, R> extends Plan<E, R> {
  readonly session: Session
  /** One commit at a time: steps of parallel nodes may ask for one at once. */
  readonly saving: Effect.Semaphore
  position: Position
  /** The position, while it is not stored. */
  pending: Prepared | undefined
  /** By the session's clock. */
  savedAt: number
}

export const makeRun = <E, R>(plan: Plan<E, R>, session: Session, position: Position, now: number): Run<E, R> => ({
  ...plan,
  session,
  saving: Effect.unsafeMakeSemaphore(1),
  position,
  pending: undefined,
  savedAt: now
})

/** What is recorded for the position; nothing while it is not stored. */
export const recalled = <E, R>(run: Run<E, R>): ReadonlyMap<string, string> =>
  run.pending === undefined ? run.session.memos : new Map()

/** A position to come. */
export interface Change {
  readonly nodeName: string
  /** As JSON has it. */
  readonly state: unknown
  readonly record: Omit<Record, "graph" | "state_version" | "epoch" | "parent_id" | "children" | "base"> & {
    readonly parent_id?: string | undefined
    /** Default: its own version. */
    readonly base?: number | undefined
  }
}

const nothing: Change["record"] = { source: "input", step: 0, next: [], nodes: [], input: "", life: "" }

/** Before the first checkpoint. */
export const nowhere: Position = {
  checkpointId: "",
  nodeName: "",
  version: 0,
  state: {},
  record: { ...nothing, graph: "", state_version: 1, epoch: 0, base: 0 },
  timestamp: DateTime.unsafeMake(0)
}

const stored = (payload: string): unknown => unescaped((JSON.parse(payload) as { readonly state: unknown }).state)

/** A state as it will be read again. */
const readAgain = ({ core }: Session, state: unknown, payload: string): unknown =>
  core.states.plain ? stored(payload) : JSON.parse(JSON.stringify(state))

/** Goes on to a position that {@link flush} will store. It has the state as it will be read again. */
export const propose = <E, R>(
  run: Run<E, R>,
  change: Change
): Effect.Effect<void, CheckpointEncodeError | StateDecodeError, R> =>
  // Not while the position before it is being stored.
  run.saving.withPermits(1)(moved(run, change))

const moved = <E, R>(run: Run<E, R>, { nodeName, record, state }: Change) =>
  Effect.gen(function*() {
    const { definition, rules, session } = run
    const { executionId } = session.claim
    const version = session.head + 1
    const checkpointId = idOf(executionId, version)
    const { base = version, parent_id = session.head === 0 ? undefined : idOf(executionId, session.head), ...rest } =
      record
    const children = begunBelow(session.family, definition)
    const full: Record = {
      graph: definition.name,
      ...rest,
      ...(children.length === 0 ? undefined : { children }),
      ...(parent_id === undefined ? undefined : { parent_id }),
      state_version: definition.stateVersion,
      epoch: session.epoch,
      base
    }
    const timestamp = yield* DateTime.now
    const prepared = yield* prepare(session.core, encoded)(
      { id: checkpointId, executionId, nodeName, state, version, metadata: toMetadata(full), timestamp },
      { expectedVersion: session.head, maxCheckpoints: rules.maxCheckpoints === 0 ? Infinity : rules.maxCheckpoints }
    )
    const again = readAgain(session, state, prepared.entry.payload)
    const read = yield* decodeState(definition, checkpointId, definition.stateVersion, again)
    run.position = { checkpointId, nodeName, version, state: read, record: full, timestamp }
    run.pending = prepared
    session.unrecorded.clear()
  })

/**
 * A child lives as long as the checkpoint that began it, and until its node is done. What is not dropped
 * now is with the next commit.
 */
const dropChildren = <E, R>({ definition, position, rules, session }: Run<E, R>): Effect.Effect<void> =>
  rules.maxCheckpoints === 0
    ? Effect.void
    : Effect.ignore(
      clearPruned(session, definition, Math.min(position.version - rules.maxCheckpoints, position.record.base - 1))
    )

/** Stores the position, if it is not. */
export const flush = <E, R>(run: Run<E, R>): Effect.Effect<void, Lost | StorageError> => {
  const store = Effect.suspend(() => {
    const { pending, position, session } = run
    if (pending === undefined) return Effect.void
    return commit(session, pending, position.record.base).pipe(
      Effect.zipRight(session.now),
      Effect.flatMap((now) => {
        run.pending = undefined
        run.savedAt = now
        const { checkpointId, record, version } = position
        session.family = { base: record.base, life: record.life, next: record.next, children: record.children ?? [] }
        const { executionId } = session.claim
        return Effect.zipRight(
          dropChildren(run),
          run.emit({ _tag: "Committed", executionId, checkpointId, version, next: record.next })
        )
      })
    )
  })
  return Effect.uninterruptible(run.saving.withPermits(1)(store))
}

/** Whether the position is to be stored now. */
export const isDue = <E, R>(run: Run<E, R>): Effect.Effect<boolean> =>
  run.rules.autoSave
    ? Effect.succeed(true)
    : Effect.map(run.session.now, (now) => now - run.savedAt >= run.rules.saveInterval)
