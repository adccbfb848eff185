import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Position } from "../../schema/Checkpoint.js"
import type { StorageError } from "../../schema/Errors.js"
import type { Indexed } from "../../services/CheckpointProgram.js"
import * as CheckpointProgram from "../../services/CheckpointProgram.js"
import type { ListOptions } from "../../services/CheckpointStore.js"
import type { Call } from "../observe.js"
import { isWellFormed } from "./encode.js"
import type { Found } from "./found.js"
import { loadFound } from "./found.js"
import { limitOf } from "./options.js"
import { arrange } from "./setIndex.js"

/** Where a list stands, and how much it still wants; no limit is all. */
export interface Window {
  readonly order: "asc" | "desc"
  readonly limit: number | undefined
  readonly after: CheckpointProgram.Position | undefined
  readonly before: CheckpointProgram.Position | undefined
}

/** What one page found, and the window behind it once `taken` of it count. */
export interface Page {
  readonly found: Array<Found>
  readonly rest: (taken: number) => Option.Option<Window>
}

const positionOf = (position: Position | undefined): CheckpointProgram.Position | undefined =>
  typeof position === "number" ? { version: position } : position

export const windowOf = (options: ListOptions): Window => ({
  order: options.order ?? "asc",
  limit: limitOf(options.limit),
  after: positionOf(options.after),
  before: positionOf(options.before)
})

const beyond = (window: Window, last: Indexed, taken: number): Option.Option<Window> => {
  const limit = window.limit === undefined ? undefined : window.limit - taken
  return limit === 0
    ? Option.none()
    : Option.some({ ...window, limit, ...(window.order === "asc" ? { after: last } : { before: last }) })
}

const nothing: Page = { found: [], rest: Option.none }

const sortedSetPage = (
  core: Call,
  executionId: string,
  window: Window,
  size: number | undefined
): Effect.Effect<Page, StorageError> => {
  const limit = Math.min(size ?? Infinity, window.limit ?? Infinity)
  const asked = limit === Infinity ? undefined : limit
  const entries = core.redis.pipeline(CheckpointProgram.page(core.layout, executionId, { ...window, limit: asked }))
  return Effect.flatMap(entries, (entries) => {
    const last = entries.at(-1)
    const rest = (taken: number) =>
      last === undefined || entries.length !== asked ? Option.none() : beyond(window, last, taken)
    return Effect.map(loadFound(core, executionId, entries), (found) => ({ found, rest }))
  })
}

/** A Set has no order and no pages: everything is read, then arranged. */
const setPage = (core: Call, executionId: string, window: Window): Effect.Effect<Page, StorageError> =>
  core.redis.pipeline(CheckpointProgram.members(core.layout, executionId)).pipe(
    Effect.flatMap((ids) => loadFound(core, executionId, ids.map((id) => ({ id })))),
    Effect.map((found) => {
      const { chosen, unreadable } = arrange(core.layout, found, window)
      const shown = chosen.slice(0, window.limit)
      const last = shown.at(-1)
      const rest = (taken: number) =>
        last === undefined || shown.length === chosen.length ? Option.none() : beyond(window, last, taken)
      return { found: [...unreadable, ...shown], rest }
    })
  )

export const readPage = (
  core: Call,
  executionId: string,
  window: Window,
  size: number | undefined
): Effect.Effect<Page, StorageError> => {
  if (!isWellFormed(executionId) || window.limit === 0) return Effect.succeed(nothing)
  return core.layout.index === "set"
    ? setPage(core, executionId, window)
    : sortedSetPage(core, executionId, window, size)
}
