import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Checkpoint } from "../../schema/Checkpoint.js"
import type { CheckpointDecodeError, StorageError } from "../../schema/Errors.js"
import type { StateDecodeError } from "../../schema/ExecutionErrors.js"
import * as ExecutionProgram from "../../services/ExecutionProgram.js"
import type { ReadError } from "../../services/GraphRunner.js"
import { runKey } from "../../services/KeyLayout.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import * as RedisReply from "../../services/RedisReply.js"
import type { Current, Snapshot, Unfinished } from "../../services/Snapshot.js"
import type { ListOptions } from "../../services/Store.js"
import type { Fields } from "../graph/definition.js"
import { serverTime } from "../programs/serverTime.js"
import { asStored } from "../store/codec.js"
import type { Core } from "../store/core.js"
import { decoding } from "../store/decoding.js"
import * as Store from "../store/reading.js"
import { checkpointAt } from "./forking.js"
import { currentOf, inspect, positionOf, snapshotOf, untilOf } from "./inspect.js"
import { lapse } from "./planning.js"
import type { Plan } from "./run.js"

const ownerOf = ({ executionId }: Checkpoint<unknown>): string => Option.getOrElse(executionId, () => "")

const read = <E, R>(core: Core, { definition }: Plan<E, R>, checkpoint: Checkpoint<unknown>) =>
  Effect.map(positionOf(core, definition, checkpoint), (position) => snapshotOf(ownerOf(checkpoint), position))

const skip = (error: CheckpointDecodeError | StateDecodeError) =>
  Effect.as(Effect.logWarning(`Skipped: ${error.message}`), Option.none())

/** What cannot be read is left out where the caller asked for that. */
const readOrSkip = <E, R>(
  core: Core,
  plan: Plan<E, R>,
  checkpoint: Checkpoint<unknown>,
  { onDecodeError }: ListOptions
): Effect.Effect<Option.Option<Snapshot<Fields>>, ReadError, R> => {
  const one = Effect.asSome(read(core, plan, checkpoint))
  if (onDecodeError !== "skip") return one
  return Effect.catchTags(
    one,
    { CheckpointDecodeError: skip, StateDecodeError: skip }
  )
}

export const getState =
  <E, R>(core: Core, { definition }: Plan<E, R>) =>
  (executionId: string): Effect.Effect<Option.Option<Current<Fields>>, ReadError, R> =>
    Effect.map(
      inspect(core, definition, executionId),
      Option.map((inspected) => currentOf(executionId, inspected))
    )

export const history =
  <E, R>(core: Core, plan: Plan<E, R>) =>
  (executionId: string, options: ListOptions = {}): Stream.Stream<Snapshot<Fields>, ReadError, R> =>
    Store.stream(core, decoding(core, asStored))(executionId, { order: "desc", ...options }).pipe(
      Stream.mapEffect((checkpoint) => readOrSkip(core, plan, checkpoint, options)),
      Stream.filterMap((snapshot) => snapshot)
    )

export const listCheckpoints =
  <E, R>(core: Core, plan: Plan<E, R>) =>
  (executionId: string, options: ListOptions = {}): Effect.Effect<Array<Snapshot<Fields>>, ReadError, R> =>
    Store.list(core, decoding(core, asStored))(executionId, options).pipe(
      Effect.flatMap(Effect.forEach((checkpoint) => readOrSkip(core, plan, checkpoint, options))),
      Effect.map((all) => all.flatMap(Option.toArray))
    )

export const loadCheckpoint = <E, R>(core: Core, plan: Plan<E, R>) => (checkpointId: string) =>
  Effect.flatMap(checkpointAt(core, checkpointId), (checkpoint) => read(core, plan, checkpoint))

const pageSize = 100

const statuses = (core: Core, ids: ReadonlyArray<string>) =>
  RedisProgram.all({
    runs: RedisProgram.forEach(ids, (id) =>
      RedisProgram.command(
        "HMGET",
        [runKey(core.layout, id), "status", "until"],
        RedisReply.array(RedisReply.nullable(RedisReply.string))
      )),
    now: serverTime
  })

const unfinishedOf = (
  { due, executionId }: ExecutionProgram.Due,
  [status, until]: ReadonlyArray<string | null>,
  now: number
): Unfinished => ({
  executionId,
  status: statusOf(status ?? null, Number(until ?? 0), due, now),
  until: untilOf(due)
})

const statusOf = (status: string | null, until: number, due: number, now: number): Unfinished["status"] => {
  if (until > now) return "running"
  if (status === "failed" || status === "waiting") return status
  return status === "sleeping" && due > now ? "sleeping" : "ready"
}

const page = (core: Core, graph: string, after: ExecutionProgram.Due | undefined): Effect.Effect<
  readonly [ReadonlyArray<Unfinished>, Option.Option<ExecutionProgram.Due>],
  StorageError
> =>
  Effect.gen(function*() {
    const listed = yield* core.redis.pipeline(
      ExecutionProgram.unfinished(core.layout, graph, { limit: pageSize, after })
    )
    if (listed.length === 0) return [[], Option.none()] as const
    const { now, runs } = yield* core.redis.pipeline(statuses(core, listed.map(({ executionId }) => executionId)))
    const all = listed.map((one, i) => unfinishedOf(one, runs[i] ?? [], now))
    const doubtful = listed.filter((_, i) => runs[i]?.[0] === null)
    const lapsed = yield* lapse(core, graph, doubtful)
    const gone = new Set(doubtful.filter((_, i) => lapsed[i]))
    const rest = listed.length < pageSize ? Option.none() : Option.fromNullable(listed.at(-1))
    return [all.filter((_, i) => !gone.has(listed[i]!)), rest] as const
  })

/** The executions that somebody is to look at now. */
export const due =
  <E, R>(core: Core, { definition }: Plan<E, R>) => (limit: number): Effect.Effect<Array<string>, StorageError> =>
    core.redis.pipeline(ExecutionProgram.due(core.layout, definition.name, limit))

export const unfinished = <E, R>(core: Core, { definition }: Plan<E, R>): Stream.Stream<Unfinished, StorageError> =>
  Stream.flattenIterables(
    Stream.paginateEffect(
      undefined as ExecutionProgram.Due | undefined,
      (after) => page(core, definition.name, after)
    )
  )
