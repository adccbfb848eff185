import type { KeyLayout } from "../../src/services/KeyLayout.js"
import type { Snapshot } from "../races/snapshot.js"

/** Every checkpoint in a snapshot as one line: id, execution, version, state. */
export const stored = (snapshot: Snapshot, layout: KeyLayout): Map<string, string> =>
  new Map([...snapshot].flatMap(([key, { content: [payload = ""] }]) => {
    if (!key.startsWith(layout.checkpointPrefix)) return []
    const { id, metadata, state, version } = JSON.parse(payload)
    return [[id as string, line(metadata.execution_id, version, state)] as const]
  }))

export const line = (executionId: string, version: number, state: unknown): string =>
  `${executionId} ${version} ${JSON.stringify(state)}`
