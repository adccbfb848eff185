/** How keys are put together. On a cluster all keys of an execution begin with its hash tag. */
import type { KeyLayout } from "../services/KeyLayout.js"

const escapes: Readonly<Record<string, string>> = { "%": "%25", "{": "%7B", "}": "%7D", ":": "%3A" }

const escape = (text: string, pattern: RegExp): string => text.replace(pattern, (char) => escapes[char]!)

/** What ids of children have behind the id of the execution that began them. */
const below = /\/[0-9a-f]{8}\/\d+\//

/** The tag is the outermost parent, so that a child is claimed in one step with a look at its parent. */
const taggedStem = (prefix: string, executionId: string): string => {
  const at = executionId.search(below)
  const root = at > 0 ? executionId.slice(0, at) : executionId
  // Empty braces are no tag: Redis would hash the whole key.
  return `${prefix}{${root === "" ? "%" : escape(root, /[%{}]/g)}}${escape(executionId.slice(root.length), /[%{}:]/g)}`
}

/** A colon follows no percent sign in the tag of an execution: what has none meets none of them. */
const loneStem = (prefix: string, checkpointId: string): string => `${prefix}{%:${escape(checkpointId, /[%{}]/g)}}`

/** What the keys of an execution begin with. */
export const stem = (layout: KeyLayout, executionId: string): string =>
  layout.cluster ? taggedStem(layout.prefix, executionId) : layout.indexPrefix + executionId

const ownId = /^([^]+)@\d{16}(?:\.\d{6})?$/

/** The execution that an id tells which the library made; none of others. */
export const executionOf = (checkpointId: string): string | undefined => ownId.exec(checkpointId)?.[1]

/** Where a checkpoint is on a cluster: with its execution, or alone. */
const placeOf = (layout: KeyLayout, checkpointId: string, executionId: string | undefined): string => {
  const owner = executionId ?? executionOf(checkpointId) ?? ""
  return owner === "" ? loneStem(layout.prefix, checkpointId) : taggedStem(layout.prefix, owner)
}

export const checkpointKey = (layout: KeyLayout, checkpointId: string, executionId?: string): string =>
  layout.cluster
    ? `${placeOf(layout, checkpointId, executionId)}:checkpoint:${checkpointId}`
    : layout.checkpointPrefix + checkpointId

/** What the keys of an execution's checkpoints begin with. */
export const checkpointPrefix = (layout: KeyLayout, executionId: string): string =>
  layout.cluster ? `${taggedStem(layout.prefix, executionId)}:checkpoint:` : layout.checkpointPrefix

/** What a script needs of where a checkpoint goes. */
export interface Place {
  readonly checkpoint: string
  readonly index: string
  /** See {@link executionsKey}. */
  readonly executions: string
  readonly staged: (writeId: string) => string
  readonly checkpointPrefix: string
  /** With the name of an execution, and the suffix: the index of that execution. */
  readonly indexPrefix: string
}

/** On a cluster other executions are out of reach: what stands for their indexes never exists. */
export const place = (layout: KeyLayout, checkpointId: string, executionId: string): Place => {
  if (!layout.cluster) {
    return {
      checkpoint: layout.checkpointPrefix + checkpointId,
      index: layout.indexPrefix + executionId + layout.indexSuffix,
      executions: layout.executions,
      staged: (writeId) => layout.stagedPrefix + writeId,
      checkpointPrefix: layout.checkpointPrefix,
      indexPrefix: layout.indexPrefix
    }
  }
  const at = placeOf(layout, checkpointId, executionId)
  return {
    checkpoint: `${at}:checkpoint:${checkpointId}`,
    index: at + layout.indexSuffix,
    executions: `${at}:none`,
    staged: (writeId) => `${at}:staged:${writeId}`,
    checkpointPrefix: `${at}:checkpoint:`,
    indexPrefix: `${at}:none:`
  }
}

/**
 * The executions, for a script. They are in another slot of a cluster: there it is a key that never
 * exists, which also keeps scripts from running in a slot that is being moved. Redis answers TRYAGAIN to
 * who declares a key that is not there beside others; else a script could meet an index
 * without the checkpoints that it leads to, which are still at the other node, and take them for expired.
 */
export const executionsKey = (layout: KeyLayout, executionId: string): string =>
  layout.cluster ? `${taggedStem(layout.prefix, executionId)}:none` : layout.executions

/** A key to declare behind others, for scripts that look at keys which they cannot declare. */
export const guards = (layout: KeyLayout, executionId: string): ReadonlyArray<string> =>
  layout.cluster ? [executionsKey(layout, executionId)] : []

/** When somebody is to look at an execution: among all of its graph, on a cluster beside the execution. */
export const dueKey = (layout: KeyLayout, graph: string, executionId: string): string =>
  layout.cluster ? `${taggedStem(layout.prefix, executionId)}:due:${graph}` : layout.duePrefix + graph

/** On a cluster: which execution has a checkpoint whose id does not tell. */
export const locatorKey = (layout: KeyLayout, checkpointId: string): string =>
  `${loneStem(layout.prefix, checkpointId)}:execution`

/** The id of the checkpoint of a key; none if it is none. */
export const checkpointIdOf = (layout: KeyLayout, key: string): string | undefined => {
  if (!layout.cluster) {
    return key.startsWith(layout.checkpointPrefix) ? key.slice(layout.checkpointPrefix.length) : undefined
  }
  const { prefix } = layout
  const found = key.startsWith(`${prefix}{`)
    ? /^\{[^}]+\}[^:]*:checkpoint:([^]*)$/.exec(key.slice(prefix.length))
    : null
  return found?.[1]
}
