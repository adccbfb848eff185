import * as Either from "effect/Either"
import type { RedisCommandError } from "../../schema/Errors.js"
import type { KeyLayout } from "../../services/KeyLayout.js"
import { checkpointKey, indexKey } from "../../services/KeyLayout.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import * as RedisReply from "../../services/RedisReply.js"
import { checkpointPrefix, executionOf, executionsKey, place } from "../keys.js"
import * as Scripts from "../scripts/index.js"

type Program<A> = RedisProgram.RedisProgram<A, RedisCommandError>

const payload = RedisReply.nullable(RedisReply.string)

const isPayload = (element: RedisReply.Reply): element is string | null =>
  typeof element === "string" || element === null

/** Pages are long: what MGET answers is taken as it is. */
const payloads: RedisReply.Reader<Array<string | null>> = (reply) =>
  Array.isArray(reply) && reply.every(isPayload) ? Either.right(reply) : RedisReply.array(payload)(reply)

/**
 * The payload of a checkpoint, or null. With `renew`, in whole milliseconds, what
 * has a shorter time to live is renewed with its index; 0, the default, renews
 * nothing. One command.
 *
 * On a cluster an id that does not tell its execution (`<executionId>@<16 digits>`) needs `executionId`,
 * `""` for none, which is the default.
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
export const load = (
  layout: KeyLayout,
  checkpointId: string,
  renew = 0,
  executionId?: string
): Program<string | null> =>
  renew === 0
    ? RedisProgram.command("GET", [checkpointKey(layout, checkpointId, executionId)], payload)
    : RedisProgram.map(loadAll(layout, [checkpointId], renew, executionId), ([found = null]) => found)

/**
 * The payloads of checkpoints in the order of the ids, null where there is
 * none. One command for 500 ids, on a cluster for 500 of each execution; `renew` and `executionId`, that
 * of all, as for {@link load}.
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
  renew = 0,
  executionId?: string
): Program<Array<string | null>> => loadEach(layout, checkpointIds, () => executionId, renew)

/** The same, where each id has its execution. */
export const loadEach = (
  layout: KeyLayout,
  checkpointIds: ReadonlyArray<string>,
  ownerOf: (checkpointId: string) => string | undefined,
  renew: number
): Program<Array<string | null>> => {
  if (!layout.cluster) return loadPages(layout, checkpointIds, renew)
  const groups = grouped(checkpointIds, ownerOf)
  const pages = groups.map(({ owner, places }) => pageOf(layout, owner, places.map((i) => checkpointIds[i]!), renew))
  return RedisProgram.map(RedisProgram.all(pages), (found) => {
    const all: Array<string | null> = checkpointIds.map(() => null)
    groups.forEach(({ places }, page) => places.forEach((place, i) => all[place] = found[page]?.[i] ?? null))
    return all
  })
}

const pageSize = 500

const loadPages = (
  layout: KeyLayout,
  ids: ReadonlyArray<string>,
  renew: number
): Program<Array<string | null>> => {
  const pages: Array<Program<Array<string | null>>> = []
  for (let i = 0; i < ids.length; i += pageSize) pages.push(pageOf(layout, "", ids.slice(i, i + pageSize), renew))
  return RedisProgram.map(RedisProgram.all(pages), (found) => new Array<string | null>().concat(...found))
}

interface Group {
  /** Of ids that share a slot; `""` for none. */
  readonly owner: string
  /** Where among all ids they stand. */
  readonly places: Array<number>
}

/** Pages of ids that one command of a cluster can read: those of one execution, or one that has none. */
const grouped = (
  checkpointIds: ReadonlyArray<string>,
  ownerOf: (checkpointId: string) => string | undefined
): ReadonlyArray<Group> => {
  const groups: Array<Group> = []
  const open = new Map<string, Group>()
  checkpointIds.forEach((id, i) => {
    const owner = ownerOf(id) ?? executionOf(id) ?? ""
    const group = owner === "" ? undefined : open.get(owner)
    if (group !== undefined && group.places.length < pageSize) {
      group.places.push(i)
      return
    }
    const started = { owner, places: [i] }
    groups.push(started)
    open.set(owner, started)
  })
  return groups
}

const pageOf = (
  layout: KeyLayout,
  owner: string,
  ids: ReadonlyArray<string>,
  renew: number
): Program<Array<string | null>> => {
  const keys = ids.map((id) => checkpointKey(layout, id, owner))
  if (renew === 0) return RedisProgram.command("MGET", keys, payloads)
  const { executions, index, indexPrefix } = place(layout, ids[0] ?? "", owner)
  return RedisProgram.script(
    Scripts.load,
    layout.cluster ? [...keys, index, executions] : keys,
    [renew, indexPrefix, layout.indexSuffix, ...(layout.cluster ? ["cluster"] : [])],
    payloads
  )
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

const found = RedisReply.array(RedisReply.raw)

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
    [indexKey(layout, executionId), executionsKey(layout, executionId)],
    [executionId, checkpointPrefix(layout, executionId), renew],
    found
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
