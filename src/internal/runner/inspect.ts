import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Checkpoint } from "../../schema/Checkpoint.js"
import type { RedisCommandError } from "../../schema/Errors.js"
import * as CheckpointProgram from "../../services/CheckpointProgram.js"
import * as ExecutionProgram from "../../services/ExecutionProgram.js"
import type { ReadError } from "../../services/GraphRunner.js"
import { runKey } from "../../services/KeyLayout.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import * as RedisReply from "../../services/RedisReply.js"
import type { Current, Snapshot, Status } from "../../services/Snapshot.js"
import type { Definition, Fields } from "../graph/definition.js"
import { dueKey } from "../keys.js"
import { serverTime } from "../programs/serverTime.js"
import * as Settled from "../settled.js"
import type { Core } from "../store/core.js"
import { envelopeOf } from "../store/decode.js"
import { uncoded } from "../store/states.js"
import { childId } from "./clearing.js"
import { uncodedMemos } from "./memos.js"
import { recordOf } from "./record.js"
import { type Named, namedBelow, openBelow } from "./requestNames.js"
import { answeredIn, type Open, openGates, openQuestions } from "./requests.js"
import type { Position } from "./run.js"
import { moreMemos, under } from "./session.js"
import { decodeState } from "./state.js"

/** An execution as it lies in Redis. */
export interface Inspected {
  readonly position: Position
  readonly open: ReadonlyArray<Open>
  readonly answered: ReadonlyArray<Named>
  readonly status: Status
  readonly due: number
  /** Of a child. */
  readonly root: Root | undefined
}

/** The execution above all others that a child is a part of: who recovers it runs the child. */
export interface Root {
  readonly executionId: string
  readonly graph: string
}

/** A checkpoint as a place of a graph. */
export const positionOf = <E, R>(
  core: Core,
  definition: Definition<E, R>,
  checkpoint: Checkpoint<unknown>
): Effect.Effect<Position, ReadError, R> =>
  Effect.gen(function*() {
    const record = yield* recordOf(core.layout, definition.name, checkpoint)
    const { state } = yield* Settled.toEffect(uncoded(core, checkpoint))
    return {
      checkpointId: checkpoint.id,
      nodeName: checkpoint.nodeName,
      version: checkpoint.version,
      state: yield* Settled.toEffect(decodeState(definition, checkpoint.id, record.state_version, state)),
      record,
      timestamp: checkpoint.timestamp
    }
  })

export const snapshotOf = (executionId: string, position: Position): Snapshot<Fields> => {
  const { checkpointId, record, state, timestamp, version } = position
  return {
    checkpointId,
    executionId,
    version,
    state,
    source: record.source,
    step: record.step,
    nodes: record.nodes,
    next: record.next,
    parentId: Option.fromNullable(record.parent_id),
    stateVersion: record.state_version,
    epoch: record.epoch,
    timestamp
  }
}

interface Lease {
  readonly status: string | null
  readonly until: number
  readonly due: number
  readonly now: number
  readonly root: Root | undefined
}

const text = RedisReply.nullable(RedisReply.string)

const lease = (
  core: Core,
  executionId: string,
  graph: string
): RedisProgram.RedisProgram<Lease, RedisCommandError> =>
  RedisProgram.all({
    run: RedisProgram.command(
      "HMGET",
      [runKey(core.layout, executionId), "status", "until", "at", "root", "root_graph"],
      RedisReply.array(text)
    ),
    due: RedisProgram.command("ZSCORE", [dueKey(core.layout, graph, executionId), executionId], text),
    now: serverTime
  }).pipe(RedisProgram.map(({ due, now, run: [status = null, until = null, at = null, root, graph] }) => ({
    status,
    until: Number(until ?? 0),
    due: timeOf(at ?? due),
    now,
    root: root === null || root === undefined ? undefined : { executionId: root, graph: graph ?? "" }
  })))

const timeOf = (at: string | null): number => at === null || at.endsWith("inf") ? Infinity : Number(at)

const statusOf = (position: Position, open: ReadonlyArray<Open>, { due, now, status, until }: Lease): Status => {
  if (position.record.next.length === 0) return "completed"
  if (until > now) return "running"
  if (status === "failed") return "failed"
  if (open.length > 0) return "waiting"
  return status === "sleeping" && due > now ? "sleeping" : "ready"
}

interface Asked {
  readonly open: ReadonlyArray<Open>
  readonly answered: ReadonlyArray<Named>
}

const nothingAsked: Asked = { open: [], answered: [] }

const childrenOf = <E, R>(
  core: Core,
  definition: Definition<E, R>,
  executionId: string,
  { record: { base, life, next } }: Position
): Effect.Effect<Asked, ReadError, R> =>
  Effect.map(
    Effect.forEach(next, (name) => {
      const run = definition.nodes.get(name)?.run
      if (run === undefined || typeof run === "function") return Effect.succeed(nothingAsked)
      return Effect.map(
        inspect(core, run.definition, childId(executionId, life, base, name)),
        Option.match({
          onNone: () => nothingAsked,
          onSome: ({ answered, open }) => ({
            answered: answered.map((one) => namedBelow(name, base, one)),
            open: open.map((one) => openBelow(name, base, one))
          })
        })
      )
    }),
    (all) => ({ open: all.flatMap(({ open }) => open), answered: all.flatMap(({ answered }) => answered) })
  )

/** The head of an execution, what it waits for, and how it stands. */
export const inspect = <E, R>(
  core: Core,
  definition: Definition<E, R>,
  executionId: string
): Effect.Effect<Option.Option<Inspected>, ReadError, R> =>
  Effect.gen(function*() {
    const { latest, lease: held, memos: first } = yield* core.redis.pipeline(RedisProgram.all({
      latest: CheckpointProgram.latest(core.layout, executionId, core.renew),
      memos: ExecutionProgram.memos(core.layout, executionId, "0"),
      lease: lease(core, executionId, definition.name)
    }))
    if (latest.found === undefined) return Option.none()
    const checkpoint = yield* Either.match(
      envelopeOf(core.layout, latest.found.checkpointId, latest.found.payload),
      { onLeft: Effect.fail, onRight: Effect.succeed }
    )
    const position = yield* positionOf(core, definition, checkpoint)
    const { checkpointId, record: { base } } = position
    const recorded = under(base, yield* moreMemos(core, executionId, first))
    const memos = yield* uncodedMemos(core, { executionId, base, checkpointId }, recorded)
    const gates = openGates({ definition, executionId, position, memos })
    const children = gates.length > 0 ? nothingAsked : yield* childrenOf(core, definition, executionId, position)
    const open = gates.length > 0
      ? gates
      : [...openQuestions({ definition, executionId, position, memos }), ...children.open]
    const status = statusOf(position, open, held)
    return Option.some({
      position,
      open,
      answered: [...answeredIn(position.record.base, memos), ...children.answered],
      status,
      due: held.due,
      root: held.root
    })
  })

export const currentOf = (executionId: string, { due, open, position, status }: Inspected): Current<Fields> => ({
  ...snapshotOf(executionId, position),
  status,
  requests: open.map(({ request }) => request),
  until: status === "completed" ? Option.none() : untilOf(due)
})

/** When an execution is due; never is none. */
export const untilOf = (due: number): Option.Option<DateTime.Utc> =>
  Number.isFinite(due) ? DateTime.make(due) : Option.none()
