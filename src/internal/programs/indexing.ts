import type { RedisCommandError } from "../../schema/Errors.js"
import type { KeyLayout } from "../../services/KeyLayout.js"
import { indexKey } from "../../services/KeyLayout.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import * as RedisReply from "../../services/RedisReply.js"
import { checkpointPrefix, executionsKey } from "../keys.js"
import * as Scripts from "../scripts/index.js"
import { between } from "./between.js"

type Program<A> = RedisProgram.RedisProgram<A, RedisCommandError>

/**
 * An entry of a sorted-set index: an id and its version.
 *
 * @since 0.1.0
 */
export interface Indexed {
  readonly id: string
  /** The score. */
  readonly version: number
}

/**
 * Which entries of an index, and in what order.
 *
 * @since 0.1.0
 */
export interface PageOptions {
  /** Default: `asc`, by version, then by the bytes of the id. */
  readonly order?: "asc" | "desc" | undefined
  /** An integer; negative: all. Default: all. */
  readonly limit?: number | undefined
  /** Only what comes strictly after it in ascending order. Default: from the first. */
  readonly after?: Position | undefined
  /** Only what comes strictly before it in ascending order. Default: to the last. */
  readonly before?: Position | undefined
}

/**
 * A version and, if it is to be exact among equals, an id.
 *
 * @since 0.1.0
 */
export interface Position {
  readonly version: number
  /** Without one `after` passes over all of this version, and so does `before`. */
  readonly id?: string | undefined
}

/**
 * Entries of a sorted-set index strictly between two positions, which need not
 * exist any more. One command. Some may lead to expired checkpoints: {@link forget}
 * them. Fails with `WRONGTYPE` on a Set.
 *
 * @example
 * ```ts
 * import { CheckpointProgram, KeyLayout } from "effect-checkpoint"
 *
 * export const newest = CheckpointProgram.page(KeyLayout.make(), "order-7", { order: "desc", limit: 10 })
 * ```
 *
 * @since 0.1.0
 */
export const page = (layout: KeyLayout, executionId: string, options: PageOptions = {}): Program<Array<Indexed>> =>
  between(indexKey(layout, executionId), options)

/**
 * The ids in a Set index, in no order; for layouts with `index: "set"`. One command.
 *
 * @example
 * ```ts
 * import { CheckpointProgram, KeyLayout } from "effect-checkpoint"
 *
 * export const ids = CheckpointProgram.members(KeyLayout.make({ index: "set" }), "order-7")
 * ```
 *
 * @see https://redis.io/docs/latest/commands/smembers/
 * @since 0.1.0
 */
export const members = (layout: KeyLayout, executionId: string): Program<Array<string>> =>
  RedisProgram.command("SMEMBERS", [indexKey(layout, executionId)], RedisReply.array(RedisReply.string))

/**
 * Executions by the time of their last save, last first; `version` is that time
 * in microseconds of the server's clock. One command. Some may have expired: see
 * {@link alive}.
 *
 * @example
 * ```ts
 * import { CheckpointProgram, KeyLayout } from "effect-checkpoint"
 *
 * export const recent = CheckpointProgram.executions(KeyLayout.make(), { limit: 100 })
 * ```
 *
 * @since 0.1.0
 */
export const executions = (
  layout: KeyLayout,
  options: { readonly limit: number; readonly before?: Position | undefined }
): Program<Array<Indexed>> => between(layout.executions, { ...options, order: "desc" })

/**
 * Whether an execution has a living checkpoint; drops expired entries that it
 * meets where the server lets it write. One command.
 *
 * @example
 * ```ts
 * import { CheckpointProgram, KeyLayout } from "effect-checkpoint"
 *
 * export const open = CheckpointProgram.alive(KeyLayout.make(), "order-7")
 * ```
 *
 * @since 0.1.0
 */
export const alive = (layout: KeyLayout, executionId: string): Program<boolean> =>
  RedisProgram.script(
    Scripts.alive,
    [indexKey(layout, executionId), executionsKey(layout, executionId)],
    [executionId, layout.index, checkpointPrefix(layout, executionId)],
    RedisReply.integer
  ).pipe(RedisProgram.map((found) => found === 1))

/**
 * Drops index entries whose checkpoints are gone, and gives their number. Those
 * whose checkpoints exist stay. One command: give it some hundred ids at most.
 *
 * @example
 * ```ts
 * import { CheckpointProgram, KeyLayout } from "effect-checkpoint"
 *
 * export const dropped = CheckpointProgram.forget(KeyLayout.make(), "order-7", ["order-7-paid"])
 * ```
 *
 * @since 0.1.0
 */
export const forget = (
  layout: KeyLayout,
  executionId: string,
  checkpointIds: ReadonlyArray<string>
): Program<number> =>
  RedisProgram.script(
    Scripts.forget,
    [indexKey(layout, executionId), executionsKey(layout, executionId)],
    [executionId, layout.index, checkpointPrefix(layout, executionId), ...checkpointIds],
    RedisReply.integer
  )
