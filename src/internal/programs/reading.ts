import type { RedisCommandError } from "../../schema/Errors.js"
import type { KeyLayout } from "../../services/KeyLayout.js"
import { checkpointKey, indexKey } from "../../services/KeyLayout.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import * as RedisReply from "../../services/RedisReply.js"
import * as Scripts from "../scripts/index.js"

type Program<A> = RedisProgram.RedisProgram<A, RedisCommandError>

const payload = RedisReply.nullable(RedisReply.string)

/**
 * The payload of a checkpoint, or null. With `renew`, in whole milliseconds, what
 * has a shorter time to live is renewed with its index; 0, the default, renews
 * nothing. One command.
 *
 * @example
 * ```ts
 * import { CheckpointProgram, KeyLayout } from "effect-checkpoint"
 *
 * export const paid = CheckpointProgram.load(KeyLayout.make(), "order-7-paid")
 * ```
 *
 * @since 0.1.0
 */
export const load = (layout: KeyLayout, checkpointId: string, renew = 0): Program<string | null> =>
  renew === 0
    ? RedisProgram.command("GET", [checkpointKey(layout, checkpointId)], payload)
    : RedisProgram.map(loadAll(layout, [checkpointId], renew), ([found = null]) => found)

/**
 * The payloads of checkpoints in the order of the ids, null where there is
 * none. One command for 500 ids; `renew` as for {@link load}.
 *
 * @example
 * ```ts
 * import { CheckpointProgram, KeyLayout } from "effect-checkpoint"
 *
 * export const both = CheckpointProgram.loadAll(KeyLayout.make(), ["order-7-placed", "order-7-paid"])
 * ```
 *
 * @see https://redis.io/docs/latest/commands/mget/
 * @since 0.1.0
 */
export const loadAll = (
  layout: KeyLayout,
  checkpointIds: ReadonlyArray<string>,
  renew = 0
): Program<Array<string | null>> => {
  const pages: Array<Program<Array<string | null>>> = []
  for (let i = 0; i < checkpointIds.length; i += 500) {
    const keys = checkpointIds.slice(i, i + 500).map((id) => checkpointKey(layout, id))
    pages.push(
      renew === 0
        ? RedisProgram.command("MGET", keys, RedisReply.array(payload))
        : RedisProgram.script(
          Scripts.load,
          keys,
          [renew, layout.indexPrefix, layout.indexSuffix],
          RedisReply.array(payload)
        )
    )
  }
  return RedisProgram.map(RedisProgram.all(pages), (found) => found.flat())
}

/**
 * An index entry that leads to a payload.
 *
 * @since 0.1.0
 */
export interface Latest {
  readonly checkpointId: string
  /** The stored JSON. */
  readonly payload: string
}

/**
 * The payload at the head of an execution, and the number of expired index
 * entries above it that were dropped. One command, whatever the history's length;
 * `renew` as for {@link load}. Needs the sorted set.
 *
 * @example
 * ```ts
 * import { CheckpointProgram, KeyLayout } from "effect-checkpoint"
 *
 * export const latest = CheckpointProgram.latest(KeyLayout.make(), "order-7")
 * ```
 *
 * @since 0.1.0
 */
export const latest = (
  layout: KeyLayout,
  executionId: string,
  renew = 0
): Program<{ readonly expired: number; readonly found: Latest | undefined }> =>
  RedisProgram.script(
    Scripts.latest,
    [indexKey(layout, executionId), layout.executions],
    [executionId, layout.checkpointPrefix, renew],
    RedisReply.array(RedisReply.raw)
  ).pipe(RedisProgram.map(([expired, checkpointId, payload]) => ({
    expired: Number(expired),
    found: typeof checkpointId === "string" && typeof payload === "string" ? { checkpointId, payload } : undefined
  })))

/**
 * The version at the head of an execution, 0 if it has none. An expired
 * checkpoint counts until a read or save meets it. One command. Needs the sorted set.
 *
 * @example
 * ```ts
 * import { CheckpointProgram, KeyLayout } from "effect-checkpoint"
 *
 * export const head = CheckpointProgram.head(KeyLayout.make(), "order-7")
 * ```
 *
 * @since 0.1.0
 */
export const head = (layout: KeyLayout, executionId: string): Program<number> =>
  RedisProgram.command(
    "ZREVRANGE",
    [indexKey(layout, executionId), 0, 0, "WITHSCORES"],
    RedisReply.array(RedisReply.string)
  ).pipe(RedisProgram.map(([, version = "0"]) => Number(version)))
