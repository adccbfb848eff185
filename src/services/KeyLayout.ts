/**
 * Where things are in Redis: pure functions from ids to keys.
 *
 * @since 0.1.0
 */

/**
 * What the index of an execution is: a sorted set by version, or the plain Set
 * of langgraphgo before January 2026.
 *
 * @since 0.1.0
 */
export type IndexKind = "sortedSet" | "set"

/**
 * The key of a checkpoint is `checkpointPrefix + id`; the key of an index is
 * `indexPrefix + executionId + indexSuffix`. Scripts build keys the same way.
 *
 * @since 0.1.0
 */
export interface KeyLayout {
  readonly index: IndexKind
  readonly checkpointPrefix: string
  readonly indexPrefix: string
  readonly indexSuffix: string
  /** A sorted set of execution ids by the server's time of their last save, in microseconds. */
  readonly executions: string
  /** Where large payloads wait, seconds at most, for the script that commits them. */
  readonly stagedPrefix: string
}

/**
 * The names of langgraphgo on one server. Ids stand in the keys as they are;
 * two prefixes never meet, unless one spells out the other and our key names.
 *
 * @since 0.1.0
 */
export const make = (options?: {
  /** Default: `langgraph:`. */
  readonly prefix?: string | undefined
  /** Default: `sortedSet`. */
  readonly index?: IndexKind | undefined
}): KeyLayout => {
  const prefix = options?.prefix ?? "langgraph:"
  return {
    index: options?.index ?? "sortedSet",
    checkpointPrefix: `${prefix}checkpoint:`,
    indexPrefix: `${prefix}execution:`,
    indexSuffix: ":checkpoints",
    executions: `${prefix}executions`,
    stagedPrefix: `${prefix}staged:`
  }
}

/**
 * @since 0.1.0
 */
export const checkpointKey = (layout: KeyLayout, checkpointId: string): string => layout.checkpointPrefix + checkpointId

/**
 * @since 0.1.0
 */
export const indexKey = (layout: KeyLayout, executionId: string): string =>
  layout.indexPrefix + executionId + layout.indexSuffix
