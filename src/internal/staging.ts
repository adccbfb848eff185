/** Payloads from this size on are staged: above it, copying into Lua costs the server more than a second command. */
const stageFrom = 8 * 1024

export const isStaged = (payload: string): boolean => payload.length >= stageFrom

/** How long a staged payload waits for its commit; what a crash leaves is gone after it. */
export const stagedMillis = 30_000
