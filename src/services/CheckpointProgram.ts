/**
 * The store's verbs as programs: pure functions of a key layout, to be sent
 * together with commands of your own, as one pipeline or one transaction. They
 * speak of payloads; the store's codecs are in `CheckpointStore`, whose
 * `saveProgram` gives a save with everything checked.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Scripts from "../internal/scripts/index.js"
import type { RedisCommandError } from "../schema/Errors.js"
import { CheckpointConflict } from "../schema/Errors.js"
import type { KeyLayout } from "./KeyLayout.js"
import { checkpointKey, indexKey } from "./KeyLayout.js"
import * as RedisProgram from "./RedisProgram.js"
import type { Reply } from "./RedisReply.js"
import * as RedisReply from "./RedisReply.js"

type Program<A, E = never> = RedisProgram.RedisProgram<A, E | RedisCommandError>

/**
 * A checkpoint ready to be sent.
 *
 * @since 0.1.0
 */
export interface Entry {
  readonly id: string
  /** `""` for none. */
  readonly executionId: string
  readonly version: number
  /** The stored JSON. */
  readonly payload: string
  /** Unique to this write; names the staged payload of a large one. */
  readonly writeId: string
}

/**
 * @since 0.1.0
 */
export interface SaveOptions {
  /** In whole milliseconds; 0 or absent: never expires. */
  readonly ttl?: number | undefined
  /** The head the execution must be at; 0: no checkpoint yet. */
  readonly expectedVersion?: number | undefined
  /** Older ones are pruned in the same step; 0 or absent: none. */
  readonly maxCheckpoints?: number | undefined
}

/** Payloads from this size on are staged: above it, copying into Lua costs the server more than a second command. */
const stageFrom = 8 * 1024

const stagedMillis = 30_000

/**
 * Writes a checkpoint and its index entries, all or nothing, and gives the
 * number of expired index entries that it dropped. With `expectedVersion` it
 * fails with `CheckpointConflict`, having changed nothing, unless the head is
 * there; sent again with the same `writeId` after it won, it succeeds, so it is
 * repeatable. An id that another execution holds moves here.
 *
 * One command; two when the payload is 8 KiB or more.
 *
 * @since 0.1.0
 */
export const save = (
  layout: KeyLayout,
  entry: Entry,
  options: SaveOptions = {}
): Program<number, CheckpointConflict> => {
  const expected = options.expectedVersion
  const repeatable = expected !== undefined
  const staged = entry.payload.length >= stageFrom ? layout.stagedPrefix + entry.writeId : undefined
  const keys = [checkpointKey(layout, entry.id), indexKey(layout, entry.executionId), layout.executions]
  const commit = RedisProgram.script(
    Scripts.save,
    staged === undefined ? keys : [...keys, staged],
    [
      entry.id,
      entry.executionId,
      entry.version,
      staged === undefined ? entry.payload : "",
      options.ttl ?? 0,
      expected ?? "",
      options.maxCheckpoints ?? 0,
      layout.index,
      layout.checkpointPrefix,
      layout.indexPrefix,
      layout.indexSuffix
    ],
    RedisReply.array(RedisReply.raw),
    { repeatable }
  ).pipe(RedisProgram.mapEither((reply) => saved(entry, expected ?? 0, reply)))
  if (staged === undefined) return commit
  const stage = RedisProgram.command("SET", [staged, entry.payload, "PX", stagedMillis], RedisReply.ignored, {
    repeatable
  })
  return RedisProgram.zipWith(stage, commit, (_, expired) => expired)
}

const saved = (
  entry: Entry,
  expected: number,
  [status, detail]: ReadonlyArray<Reply>
): Either.Either<number, CheckpointConflict> =>
  status === "conflict"
    ? Either.left(new CheckpointConflict({ executionId: entry.executionId, expected, actual: Number(detail) }))
    : Either.right(Number(detail))

const payload = RedisReply.nullable(RedisReply.string)

/**
 * The payload of a checkpoint, or null. With `renew`, in milliseconds, what has
 * a shorter time to live is renewed with its index. One command.
 *
 * @since 0.1.0
 */
export const load = (layout: KeyLayout, checkpointId: string, renew = 0): Program<string | null> =>
  renew === 0
    ? RedisProgram.command("GET", [checkpointKey(layout, checkpointId)], payload)
    : RedisProgram.map(loadAll(layout, [checkpointId], renew), ([found = null]) => found)

/**
 * The payloads of checkpoints in the order of the ids, null where there is
 * none. One command for 500 ids.
 *
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
  readonly payload: string
}

/**
 * The payload at the head of an execution, and the number of expired index
 * entries above it that were dropped. One command, whatever the history's length.
 * Needs the sorted set.
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
 * The version at the head of an execution, 0 if it has none. One command.
 *
 * @since 0.1.0
 */
export const head = (layout: KeyLayout, executionId: string): Program<number> =>
  RedisProgram.command(
    "ZREVRANGE",
    [indexKey(layout, executionId), 0, 0, "WITHSCORES"],
    RedisReply.array(RedisReply.string)
  ).pipe(RedisProgram.map(([, version = "0"]) => Number(version)))

/**
 * An id and its version.
 *
 * @since 0.1.0
 */
export interface Indexed {
  readonly id: string
  readonly version: number
}

/**
 * @since 0.1.0
 */
export interface PageOptions {
  /** Default: `asc`, by version, then by the bytes of the id. */
  readonly order?: "asc" | "desc" | undefined
  /** Default: all. */
  readonly limit?: number | undefined
  readonly after?: Position | undefined
  readonly before?: Position | undefined
}

/**
 * A version and, if it is to be exact among equals, an id.
 *
 * @since 0.1.0
 */
export interface Position {
  readonly version: number
  readonly id?: string | undefined
}

const pairs = (flat: ReadonlyArray<string>): Array<Indexed> => {
  const out: Array<Indexed> = []
  for (let i = 0; i + 1 < flat.length; i += 2) out.push({ id: flat[i]!, version: Number(flat[i + 1]) })
  return out
}

const between = (key: string, options: PageOptions): Program<Array<Indexed>> =>
  RedisProgram.script(
    Scripts.page,
    [key],
    [
      options.order ?? "asc",
      options.limit ?? -1,
      options.after?.version ?? "",
      options.after?.id ?? "",
      options.before?.version ?? "",
      options.before?.id ?? ""
    ],
    RedisReply.array(RedisReply.string)
  ).pipe(RedisProgram.map(pairs))

/**
 * Entries of a sorted-set index strictly between two positions, which need not
 * exist any more. One command. Some may lead to expired checkpoints.
 *
 * @since 0.1.0
 */
export const page = (layout: KeyLayout, executionId: string, options: PageOptions = {}): Program<Array<Indexed>> =>
  between(indexKey(layout, executionId), options)

/**
 * The ids in a Set index, in no order. One command.
 *
 * @since 0.1.0
 */
export const members = (layout: KeyLayout, executionId: string): Program<Array<string>> =>
  RedisProgram.command("SMEMBERS", [indexKey(layout, executionId)], RedisReply.array(RedisReply.string))

/**
 * Executions by the time of their last save, last first; `version` is that time
 * in microseconds of the server's clock. One command.
 *
 * @since 0.1.0
 */
export const executions = (
  layout: KeyLayout,
  options: { readonly limit: number; readonly before?: Position | undefined }
): Program<Array<Indexed>> => between(layout.executions, { ...options, order: "desc" })

/**
 * Whether an execution has a living checkpoint; drops expired entries that it
 * meets. One command.
 *
 * @since 0.1.0
 */
export const alive = (layout: KeyLayout, executionId: string): Program<boolean> =>
  RedisProgram.script(
    Scripts.alive,
    [indexKey(layout, executionId), layout.executions],
    [executionId, layout.index, layout.checkpointPrefix],
    RedisReply.integer
  ).pipe(RedisProgram.map((found) => found === 1))

/**
 * Drops index entries whose checkpoints are gone, and gives their number. One command.
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
    [indexKey(layout, executionId), layout.executions],
    [executionId, layout.index, layout.checkpointPrefix, ...checkpointIds],
    RedisReply.integer
  )

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
