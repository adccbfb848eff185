import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { CheckpointEncodeError, StorageError } from "../../schema/Errors.js"
import type { StateDecodeError } from "../../schema/ExecutionErrors.js"
import type { RunError } from "../../services/GraphRunner.js"
import type { RunnerEvent } from "../../services/RunnerEvent.js"
import { unescaped } from "../codec/coded.js"
import type { Child, Definition, Fields } from "../graph/definition.js"
import * as Settled from "../settled.js"
import { idOf } from "../store/append.js"
import { encoded } from "../store/codec.js"
import { type Prepared, preparedAt } from "../store/writing.js"
import { clearPruned } from "./clearing.js"
import { begunBelow } from "./family.js"
import { Mutex } from "./mutex.js"
import type { Pass } from "./pass.js"
import type { Rules } from "./policy.js"
import type { Record } from "./record.js"
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
  /** Undefined where nobody wants to know. */
  readonly onStep: ((run: Run<E, R>) => Effect.Effect<void, never, R>) | undefined
  /** Undefined where nobody listens. */
  readonly emit: ((event: RunnerEvent<Fields>) => Effect.Effect<void>) | undefined
  /** Runs a child's execution as a part of one attempt. */
  readonly child: (child: Child<E, R>, state: Fields, pass: Pass) => Effect.Effect<Fields, E | RunError, R>
}

/** One run of an execution by this process. */
export interface Run<E, R> extends Plan<E, R> {
  readonly session: Session
  /** One commit at a time: steps of parallel nodes may ask for one at once. */
  readonly saving: Mutex
  position: Position
  /** The position, while it is not stored. */
  pending: Prepared | undefined
  /** By the session's clock. */
  savedAt: number
}

export const makeRun = <E, R>(plan: Plan<E, R>, session: Session, position: Position, now: number): Run<E, R> => ({
  ...plan,
  session,
  saving: new Mutex(),
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

const parsed = (payload: string): unknown => unescaped((JSON.parse(payload) as { readonly state: unknown }).state)

/** Whether JSON gives fields back as they are. */
const isFlat = (state: object): boolean => {
  for (const value of Object.values(state)) {
    if (value === undefined || Object.is(value, -0) || (typeof value === "object" && value !== null)) return false
  }
  return true
}

/** A state, which JSON has without loss, as it will be read again. */
const readAgain = ({ core }: Session, state: unknown, payload: string): unknown => {
  if (typeof state === "object" && state !== null && isFlat(state)) return { ...state }
  return core.states.plain ? parsed(payload) : JSON.parse(JSON.stringify(state))
}

/** Goes on to a position that {@link flush} will store. It has the state as it will be read again. */
export const propose = <E, R>(run: Run<E, R>, change: Change): Proposed<R> =>
  // Not while the position before it is being stored.
  run.saving.alone(() => moved(run, change))

type Proposed<R> = Settled.Settled<void, CheckpointEncodeError | StateDecodeError, R>

const recordAt = <E, R>({ definition, session }: Run<E, R>, { record }: Change, version: number): Record => {
  const { base = version, parent_id = session.head === 0 ? undefined : idOf(session.claim.executionId, session.head) } =
    record
  const children = begunBelow(session.family, definition)
  // Field by field: what is put together of spreads is slow to write as JSON.
  return {
    graph: definition.name,
    source: record.source,
    step: record.step,
    next: record.next,
    nodes: record.nodes,
    input: record.input,
    life: record.life,
    children: children.length === 0 ? undefined : children,
    parent_id,
    state_version: definition.stateVersion,
    epoch: session.epoch,
    base
  }
}

const moved = <E, R>(run: Run<E, R>, change: Change): Proposed<R> => {
  const { definition, rules, session } = run
  const { executionId } = session.claim
  const { nodeName, state } = change
  const version = session.head + 1
  const id = idOf(executionId, version)
  const record = recordAt(run, change, version)
  const now = session.clock.unsafeCurrentTimeMillis()
  const prepared = preparedAt(session.core, encoded)(
    { id, executionId, nodeName, state, version, metadata: record },
    { expectedVersion: session.head, maxCheckpoints: rules.maxCheckpoints === 0 ? Infinity : rules.maxCheckpoints },
    now
  )
  return Settled.flatMap(prepared, (prepared) => {
    const again = readAgain(session, state, prepared.entry.payload)
    return Settled.map(decodeState(definition, id, definition.stateVersion, again), (state) => {
      const timestamp = DateTime.unsafeMake(now)
      run.position = { checkpointId: id, nodeName, version, state, record, timestamp }
      run.pending = prepared
      session.unrecorded.clear()
    })
  })
}

/**
 * A child lives as long as the checkpoint that began it, and until its node is done. What is not dropped
 * now is with the next commit.
 */
const dropChildren = <E, R>({ definition, position, rules, session }: Run<E, R>): Effect.Effect<void> =>
  rules.maxCheckpoints === 0 || session.family.children.length === 0
    ? Effect.void
    : Effect.ignore(
      clearPruned(session, definition, Math.min(position.version - rules.maxCheckpoints, position.record.base - 1))
    )

/** Stores the position, if it is not. */
export const flush = <E, R>(run: Run<E, R>): Effect.Effect<void, Lost | StorageError> =>
  Effect.uninterruptible(flushHere(run))

/** The same where nothing can interrupt it. */
export const flushHere = <E, R>(run: Run<E, R>): Effect.Effect<void, Lost | StorageError> =>
  Effect.suspend(() => run.pending === undefined ? Effect.void : Settled.toEffect(run.saving.alone(() => stored(run))))

const stored = <E, R>(run: Run<E, R>): Effect.Effect<void, Lost | StorageError> => {
  const { emit, pending, position, session } = run
  // Who was waited for has stored it.
  if (pending === undefined) return Effect.void
  const { checkpointId, record, version } = position
  return Effect.flatMap(commit(session, pending, record.base), () => {
    run.pending = undefined
    run.savedAt = session.time()
    session.family = { base: record.base, life: record.life, next: record.next, children: record.children ?? [] }
    const { executionId } = session.claim
    return emit === undefined
      ? dropChildren(run)
      : Effect.zipRight(
        dropChildren(run),
        emit({ _tag: "Committed", executionId, checkpointId, version, next: record.next })
      )
  })
}

/** Whether the position is to be stored now. */
export const isDue = <E, R>({ rules, savedAt, session }: Run<E, R>): boolean =>
  rules.autoSave || session.time() - savedAt >= rules.saveInterval
