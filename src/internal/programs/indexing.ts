import type { RedisCommandError } from "../../schema/Errors.js"
import type { KeyLayout } from "../../services/KeyLayout.js"
import { indexKey } from "../../services/KeyLayout.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import * as RedisReply from "../../services/RedisReply.js"
import * as Scripts from "../scripts/index.js"

type Program<A> = RedisProgram.RedisProgram<A, RedisCommandError>

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
