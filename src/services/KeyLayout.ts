/**
 * Where things are in Redis: pure functions from ids to keys.
 *
 * @since 0.1.0
 */

import * as Keys from "../internal/keys.js"
import { suffixes } from "../internal/scripts/suffixes.js"

/**
 * What the index of an execution is: a sorted set by version, or the plain Set
 * of langgraphgo before January 2026. With `set` there is no order on the server:
 * no compare-and-set, no retention, and lists read the whole execution.
 *
 * @since 0.1.0
 */
export type IndexKind = "sortedSet" | "set"

/**
 * Where things are. On one server the key of a checkpoint is `checkpointPrefix + id` and the key of an
 * index `indexPrefix + executionId + indexSuffix`; on a cluster they begin with the hash tag of the
 * execution, and {@link checkpointKey} and its like know them. Scripts build keys the same way, and know
 * the suffixes: take a layout from {@link make}.
 *
 * @since 0.1.0
 */
export interface KeyLayout {
  /** What every key starts with. */
  readonly prefix: string
  /** Whether all keys of an execution are in one slot of a Redis Cluster. */
  readonly cluster: boolean
  /** What the keys of indexes hold. */
  readonly index: IndexKind
  /** Strings: the checkpoint as JSON. */
  readonly checkpointPrefix: string
  /** Sorted sets of checkpoint ids by version, or Sets of them. */
  readonly indexPrefix: string
  /** What ends their keys. */
  readonly indexSuffix: string
  /** A sorted set of execution ids by the server's time of their last save, in microseconds. */
  readonly executions: string
  /** Hashes beside an index: who runs the execution, and what it has recorded since its head. */
  readonly runSuffix: string
  readonly memosSuffix: string
  /**
   * Indexes that were cleared, until their checkpoints are deleted. One that comes while another is there
   * has `:2` behind it, then `:3`.
   */
  readonly doomedSuffix: string
  /** Sorted sets, one a graph: unfinished executions by the server's time, in milliseconds, when to look at them. */
  readonly duePrefix: string
  /** Where payloads from 8 KiB on wait, 30 seconds at most, for the script that commits them. */
  readonly stagedPrefix: string
}

/**
 * The names of langgraphgo on one server. Ids stand in the keys as they are;
 * two prefixes never meet, unless one spells out the other and our key names.
 * Checks nothing: the layers do.
 *
 * With `cluster` the keys of an execution are `{prefix}{<executionId>}:checkpoints` and so on: Redis hashes
 * what is between the braces, so that they share a slot. Braces and percent signs in ids are escaped
 * there. The executions of children are in the slot of their parent.
 *
 * @example
 * ```ts
 * import { KeyLayout } from "effect-checkpoint"
 *
 * const layout = KeyLayout.make({ prefix: "shop:" })
 *
 * export const executions = layout.executions // "shop:executions"
 * ```
 *
 * @since 0.1.0
 */
export const make = (options?: {
  /** Default: `langgraph:`. */
  readonly prefix?: string | undefined
  /** Default: `sortedSet`. */
  readonly index?: IndexKind | undefined
  /** Default: `false`. */
  readonly cluster?: boolean | undefined
}): KeyLayout => {
  const prefix = options?.prefix ?? "langgraph:"
  return {
    prefix,
    cluster: options?.cluster ?? false,
    index: options?.index ?? "sortedSet",
    checkpointPrefix: `${prefix}checkpoint:`,
    indexPrefix: `${prefix}execution:`,
    indexSuffix: suffixes.index,
    runSuffix: suffixes.run,
    memosSuffix: suffixes.memos,
    doomedSuffix: suffixes.doomed,
    duePrefix: `${prefix}due:`,
    executions: `${prefix}executions`,
    stagedPrefix: `${prefix}staged:`
  }
}

/**
 * The key of a checkpoint: a string that holds its JSON. On a cluster it is with its execution, which ids
 * of the form `<executionId>@<16 digits>` tell; others need it, `""` for none, which is the default.
 *
 * @example
 * ```ts
 * import { KeyLayout } from "effect-checkpoint"
 *
 * export const key = KeyLayout.checkpointKey(KeyLayout.make(), "order-7-paid") // "langgraph:checkpoint:order-7-paid"
 * ```
 *
 * @since 0.1.0
 */
export const checkpointKey = (layout: KeyLayout, checkpointId: string, executionId?: string): string =>
  Keys.checkpointKey(layout, checkpointId, executionId)

/**
 * The key of an execution's index: its checkpoint ids by version.
 *
 * @example
 * ```ts
 * import { KeyLayout } from "effect-checkpoint"
 *
 * export const key = KeyLayout.indexKey(KeyLayout.make(), "order-7") // "langgraph:execution:order-7:checkpoints"
 * ```
 *
 * @since 0.1.0
 */
export const indexKey = (layout: KeyLayout, executionId: string): string =>
  Keys.stem(layout, executionId) + layout.indexSuffix

/**
 * The key of the hash that says who runs an execution.
 *
 * @example
 * ```ts
 * import { KeyLayout } from "effect-checkpoint"
 *
 * export const key = KeyLayout.runKey(KeyLayout.make(), "order-7") // "langgraph:execution:order-7:run"
 * ```
 *
 * @since 0.2.0
 */
export const runKey = (layout: KeyLayout, executionId: string): string =>
  Keys.stem(layout, executionId) + layout.runSuffix

/**
 * The key of the hash of what an execution has recorded since its head.
 *
 * @example
 * ```ts
 * import { KeyLayout } from "effect-checkpoint"
 *
 * export const key = KeyLayout.memosKey(KeyLayout.make(), "order-7") // "langgraph:execution:order-7:memos"
 * ```
 *
 * @since 0.2.0
 */
export const memosKey = (layout: KeyLayout, executionId: string): string =>
  Keys.stem(layout, executionId) + layout.memosSuffix

/**
 * The key of a graph's unfinished executions.
 *
 * @example
 * ```ts
 * import { KeyLayout } from "effect-checkpoint"
 *
 * export const key = KeyLayout.dueKey(KeyLayout.make(), "order-flow") // "langgraph:due:order-flow"
 * ```
 *
 * @since 0.2.0
 */
export const dueKey = (layout: KeyLayout, graph: string): string => layout.duePrefix + graph
