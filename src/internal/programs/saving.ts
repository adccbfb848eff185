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
  const { args, keys, staged } = saveCall(layout, entry, options)
  const commit = RedisProgram.mapEither(
    RedisProgram.script(Scripts.save, keys, args, reader, { repeatable }),
    (reply) => saved(entry, options, reply)
  )
  return behindStaged(staged, entry, commit)
}

/** How the script of a save is called, and where its payload goes ahead if that is large. */
interface SaveCall {
  readonly keys: ReadonlyArray<string>
  readonly args: ReadonlyArray<string | number>
  readonly staged: string | undefined
}

export const saveCall = (layout: KeyLayout, entry: Entry, options: SaveOptions): SaveCall => {
  const at = place(layout, entry.id, entry.executionId)
  const staged = isStaged(entry.payload) ? at.staged(entry.writeId) : undefined
  const keys = [at.checkpoint, at.index, at.executions]
  const args = [
    entry.id,
    entry.executionId,
    entry.version,
    staged === undefined ? entry.payload : "",
    options.ttl ?? 0,
    options.expectedVersion ?? "",
    options.maxCheckpoints ?? 0,
    layout.index,
    at.checkpointPrefix,
    at.indexPrefix,
    layout.indexSuffix,
    entry.writeId
  ]
  return {
    keys: staged === undefined ? keys : [...keys, staged],
    args: layout.cluster ? [...args, "cluster"] : args,
    staged
  }
}

/** A large payload goes ahead of the script that commits it. */
export const behindStaged = <A, E>(
  key: string | undefined,
  entry: Entry,
  commit: RedisProgram.RedisProgram<A, E>
): RedisProgram.RedisProgram<A, E | RedisCommandError> => {
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
