import * as Either from "effect/Either"
import type { RedisCommandError } from "../../schema/Errors.js"
import { CheckpointConflict } from "../../schema/Errors.js"
import type { KeyLayout } from "../../services/KeyLayout.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import type { Reply } from "../../services/RedisReply.js"
import * as RedisReply from "../../services/RedisReply.js"
import { place } from "../keys.js"
import * as Scripts from "../scripts/index.js"
import { isStaged, stagedMillis } from "../staging.js"

/**
 * A checkpoint ready to be sent. It has to agree with its payload, which names
 * the same id, execution and version.
 *
 * @since 0.1.0
 */
export interface Entry {
  /** Not empty. */
  readonly id: string
  /** `""` for none. */
  readonly executionId: string
  /** A safe integer. */
  readonly version: number
  /** The stored JSON. */
  readonly payload: string
  /**
   * Unique to this write if its payload is 8 KiB or more: it is staged under this
   * name. With `expectedVersion` the payload holds it as `metadata.write_id`.
   */
  readonly writeId: string
}

/**
 * How to save. Checked options of the store: nothing is checked here.
 *
 * @since 0.1.0
 */
export interface SaveOptions {
  /** In whole milliseconds; 0 or absent: never expires. */
  readonly ttl?: number | undefined
  /** The version the head must have; 0 also for an execution without checkpoints. `none`: it must have none at all. */
  readonly expectedVersion?: number | "none" | undefined
  /** Older ones are pruned in the same step; 0 or absent: none. */
  readonly maxCheckpoints?: number | undefined
}

const reader = RedisReply.array(RedisReply.raw)

/**
 * Writes a checkpoint and its index entries, all or nothing, and gives the
 * number of expired index entries that it dropped. With `expectedVersion` it
 * fails with `CheckpointConflict`, having changed nothing, unless the head is
 * there; sent again with the same payload after it won, it succeeds, so it is
 * repeatable. An id that another execution holds moves here.
 *
 * One command; two when the payload is 8 KiB or more. The first of the two writes
 * a key of its own, which expires after 30 seconds; a second that comes later fails
 * with code `STAGED`, having changed nothing.
 *
 * @example
 * ```ts
 * import { CheckpointProgram, KeyLayout } from "effect-checkpoint"
 *
 * const payload = JSON.stringify({
 *   id: "7-1", node_name: "place", state: 1, metadata: { execution_id: "7" }, timestamp: new Date(), version: 1
 * })
 *
 * export const save = CheckpointProgram.save(
 *   KeyLayout.make(),
 *   { id: "7-1", executionId: "7", version: 1, payload, writeId: "" },
 *   { expectedVersion: 0 }
 * )
 * ```
 *
 * @since 0.1.0
 */
export const save = (
  layout: KeyLayout,
  entry: Entry,
  options: SaveOptions = {}
): RedisProgram.RedisProgram<number, CheckpointConflict | RedisCommandError> => {
  const repeatable = options.expectedVersion !== undefined
  const commit = RedisProgram.script(
    Scripts.save,
    saveKeys(layout, entry),
    saveArguments(layout, entry, options),
    reader,
    { repeatable }
  ).pipe(RedisProgram.mapEither((reply) => saved(entry, options, reply)))
  return staged(layout, entry, commit)
}

const stagedKey = (layout: KeyLayout, entry: Entry): string | undefined =>
  isStaged(entry.payload) ? place(layout, entry.id, entry.executionId).staged(entry.writeId) : undefined

export const saveKeys = (layout: KeyLayout, entry: Entry): ReadonlyArray<string> => {
  const staged = stagedKey(layout, entry)
  const { checkpoint, executions, index } = place(layout, entry.id, entry.executionId)
  const keys = [checkpoint, index, executions]
  return staged === undefined ? keys : [...keys, staged]
}

export const saveArguments = (
  layout: KeyLayout,
  entry: Entry,
  options: SaveOptions
): ReadonlyArray<string | number> => {
  const { checkpointPrefix, indexPrefix } = place(layout, entry.id, entry.executionId)
  return [
    entry.id,
    entry.executionId,
    entry.version,
    isStaged(entry.payload) ? "" : entry.payload,
    options.ttl ?? 0,
    options.expectedVersion ?? "",
    options.maxCheckpoints ?? 0,
    layout.index,
    checkpointPrefix,
    indexPrefix,
    layout.indexSuffix,
    entry.writeId,
    ...(layout.cluster ? ["cluster"] : [])
  ]
}

/** A large payload goes ahead of the script that commits it. */
export const staged = <A, E>(
  layout: KeyLayout,
  entry: Entry,
  commit: RedisProgram.RedisProgram<A, E>
): RedisProgram.RedisProgram<A, E | RedisCommandError> => {
  const key = stagedKey(layout, entry)
  if (key === undefined) return commit
  const stage = RedisProgram.command("SET", [key, entry.payload, "PX", stagedMillis], RedisReply.ignored, {
    repeatable: true
  })
  return RedisProgram.zipWith(stage, commit, (_, committed) => committed)
}

export const saved = (
  entry: Entry,
  { expectedVersion }: SaveOptions,
  [status, detail]: ReadonlyArray<Reply>
): Either.Either<number, CheckpointConflict> =>
  status === "conflict"
    ? Either.left(
      new CheckpointConflict({
        executionId: entry.executionId,
        expected: typeof expectedVersion === "number" ? expectedVersion : 0,
        actual: Number(detail)
      })
    )
    : Either.right(Number(detail))
