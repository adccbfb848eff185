/**
 * The store's verbs as programs: pure functions of a key layout, to be sent
 * together with commands of your own, as one pipeline or one transaction. They
 * speak of payloads; the store's codecs are in `CheckpointStore`, whose
 * `saveProgram` gives a save with everything checked.
 *
 * @since 0.1.0
 */
import * as Scripts from "../internal/scripts/index.js"
import type { RedisCommandError } from "../schema/Errors.js"
import type { KeyLayout } from "./KeyLayout.js"
import { checkpointKey, indexKey } from "./KeyLayout.js"
import * as RedisProgram from "./RedisProgram.js"
import * as RedisReply from "./RedisReply.js"

export * from "../internal/programs/indexing.js"
export * from "../internal/programs/reading.js"
export * from "../internal/programs/saving.js"

type Program<A> = RedisProgram.RedisProgram<A, RedisCommandError>

const countable = 5_000

/**
 * The number of living checkpoints. Beyond 5,000, one that expired out of the
 * order of versions counts until a list meets it. One command.
 *
 * @since 0.1.0
 */
export const count = (layout: KeyLayout, executionId: string): Program<number> =>
  RedisProgram.script(
    Scripts.count,
    [indexKey(layout, executionId)],
    [layout.index, layout.checkpointPrefix, countable],
    RedisReply.integer
  )

/**
 * Whether a checkpoint is there. One command.
 *
 * @since 0.1.0
 */
export const exists = (layout: KeyLayout, checkpointId: string): Program<boolean> =>
  RedisProgram.command("EXISTS", [checkpointKey(layout, checkpointId)], RedisReply.integer).pipe(
    RedisProgram.map((found) => found === 1)
  )

const remove = (layout: KeyLayout, checkpointId: string): Program<boolean> =>
  RedisProgram.script(
    Scripts.remove,
    [checkpointKey(layout, checkpointId), layout.executions],
    [checkpointId, layout.index, layout.indexPrefix, layout.indexSuffix],
    RedisReply.integer
  ).pipe(RedisProgram.map((found) => found === 1))

export {
  /**
   * Deletes a checkpoint and its index entry, all or nothing; whether it
   * existed. One command.
   *
   * @since 0.1.0
   */
  remove as delete
}

/**
 * Deletes the oldest checkpoints of an execution, at most `limit`, all or
 * nothing; what was removed and what is left. One command.
 *
 * @since 0.1.0
 */
export const clear = (
  layout: KeyLayout,
  executionId: string,
  limit = 10_000
): Program<{ readonly removed: number; readonly left: number }> =>
  RedisProgram.script(
    Scripts.clear,
    [indexKey(layout, executionId), layout.executions],
    [executionId, layout.index, layout.checkpointPrefix, limit],
    RedisReply.array(RedisReply.integer)
  ).pipe(RedisProgram.map(([removed = 0, left = 0]) => ({ removed, left })))

/**
 * One command.
 *
 * @since 0.1.0
 */
export const ping: Program<void> = RedisProgram.command("PING", [], RedisReply.ignored)
