/**
 * The single steps of the store's verbs as programs: pure functions of a key layout, to be sent
 * together with commands of your own, as one pipeline or one transaction. They
 * speak of payloads; the store's codecs are in `CheckpointStore`, whose
 * `saveProgram` gives a save with everything checked.
 *
 * They check nothing, and count for no metric of a verb. Each command is atomic,
 * and fails with `RedisCommandError`, such as `WRONGTYPE` where a key holds
 * something else. The layout of a store is its `layout`.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { CheckpointProgram, CheckpointStore, Redis, RedisProgram } from "effect-checkpoint"
 *
 * // Many counts in one round trip.
 * export const counts = (executionIds: ReadonlyArray<string>) =>
 *   Effect.gen(function*() {
 *     const { layout } = yield* CheckpointStore.CheckpointStore
 *     const redis = yield* Redis.Redis
 *     return yield* redis.pipeline(RedisProgram.forEach(executionIds, (id) => CheckpointProgram.count(layout, id)))
 *   })
 * ```
 *
 * @since 0.1.0
 */
import { checkpointPrefix, executionOf, executionsKey, guards, place } from "../internal/keys.js"
import * as Scripts from "../internal/scripts/index.js"
import type { RedisCommandError } from "../schema/Errors.js"
import type { KeyLayout } from "./KeyLayout.js"
import { checkpointKey, indexKey } from "./KeyLayout.js"
import * as RedisProgram from "./RedisProgram.js"
import * as RedisReply from "./RedisReply.js"

export * from "../internal/programs/indexing.js"
export { head, type Latest, latest, load, loadAll } from "../internal/programs/reading.js"
export type { Entry, SaveOptions } from "../internal/programs/saving.js"
export { save } from "../internal/programs/saving.js"

type Program<A> = RedisProgram.RedisProgram<A, RedisCommandError>

const countable = 2_000

/**
 * The number of living checkpoints. Beyond 2,000, one that expired out of the
 * order of versions counts until a list meets it. One command.
 *
 * @example
 * ```ts
 * import { CheckpointProgram, KeyLayout } from "effect-checkpoint"
 *
 * export const steps = CheckpointProgram.count(KeyLayout.make(), "order-7")
 * ```
 *
 * @since 0.1.0
 */
export const count = (layout: KeyLayout, executionId: string): Program<number> =>
  RedisProgram.script(
    Scripts.count,
    [indexKey(layout, executionId), ...guards(layout, executionId)],
    [layout.index, checkpointPrefix(layout, executionId), countable, executionId],
    RedisReply.integer
  )

/**
 * Whether a checkpoint is there. One command. `executionId` as for `load`.
 *
 * @example
 * ```ts
 * import { CheckpointProgram, KeyLayout } from "effect-checkpoint"
 *
 * export const paid = CheckpointProgram.exists(KeyLayout.make(), "order-7-paid")
 * ```
 *
 * @see https://redis.io/docs/latest/commands/exists/
 * @since 0.1.0
 */
export const exists = (layout: KeyLayout, checkpointId: string, executionId?: string): Program<boolean> =>
  RedisProgram.command("EXISTS", [checkpointKey(layout, checkpointId, executionId)], RedisReply.integer).pipe(
    RedisProgram.map((found) => found === 1)
  )

const remove = (layout: KeyLayout, checkpointId: string, executionId?: string): Program<boolean> => {
  const { checkpoint, executions, index, indexPrefix } = place(
    layout,
    checkpointId,
    executionId ?? executionOf(checkpointId) ?? ""
  )
  return RedisProgram.script(
    Scripts.remove,
    layout.cluster ? [checkpoint, executions, index] : [checkpoint, executions],
    [checkpointId, layout.index, indexPrefix, layout.indexSuffix],
    RedisReply.integer
  ).pipe(RedisProgram.map((found) => found === 1))
}

export {
  /**
   * Deletes a checkpoint and its index entry, all or nothing; whether it
   * existed. One command. The index is the one that the stored JSON names; without
   * one the entry stays until a read meets it. `executionId` as for `load`.
   *
   * @example
   * ```ts
   * import { CheckpointProgram, KeyLayout } from "effect-checkpoint"
   *
   * export const undo = CheckpointProgram.delete(KeyLayout.make(), "order-7-paid")
   * ```
   *
   * @since 0.1.0
   */
  remove as delete
}

const sweepable = 1_000

/**
 * Clears an execution, all or nothing: whatever reads it, saves in it or compares with its head finds it
 * empty from here on. Gives the number of checkpoints that it had, those beyond `limit` that expired and
 * that no read has met included, and how many are `left`: those are seen by who asks for their id, and are
 * deleted by {@link sweep}. At most `limit`, by default 1,000, are deleted by this step: the oldest, in a
 * Set any; with less to do it goes on with what was left before.
 *
 * One command, during which the server does nothing else.
 *
 * @example
 * ```ts
 * import { CheckpointProgram, KeyLayout } from "effect-checkpoint"
 *
 * export const cleared = CheckpointProgram.clear(KeyLayout.make(), "order-7", 500)
 * ```
 *
 * @since 0.1.0
 */
export const clear = (
  layout: KeyLayout,
  executionId: string,
  limit = sweepable
): Program<{ readonly removed: number; readonly left: number }> =>
  RedisProgram.script(
    Scripts.clear,
    [indexKey(layout, executionId), executionsKey(layout, executionId)],
    [executionId, layout.index, checkpointPrefix(layout, executionId), limit],
    RedisReply.array(RedisReply.integer)
  ).pipe(RedisProgram.map(([removed = 0, left = 0]) => ({ removed, left })))

/**
 * Deletes what {@link clear} has left of an execution, at most `limit` checkpoints, by default 1,000, all
 * or nothing, and gives the number that is still left. What was saved since stays. A command that saves in
 * the execution does the same for 100. One command, during which the server does nothing else.
 *
 * @example
 * ```ts
 * import { CheckpointProgram, KeyLayout } from "effect-checkpoint"
 *
 * export const left = CheckpointProgram.sweep(KeyLayout.make(), "order-7")
 * ```
 *
 * @since 0.4.0
 */
export const sweep = (layout: KeyLayout, executionId: string, limit = sweepable): Program<number> =>
  RedisProgram.script(
    Scripts.sweep,
    [indexKey(layout, executionId), ...guards(layout, executionId)],
    [executionId, layout.index, checkpointPrefix(layout, executionId), limit],
    RedisReply.integer
  )

/**
 * Asks the server for a sign of life. One command, `PING`.
 *
 * @see https://redis.io/docs/latest/commands/ping/
 * @since 0.1.0
 */
export const ping: Program<void> = RedisProgram.command("PING", [], RedisReply.ignored)
