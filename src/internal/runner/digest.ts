import { createHash } from "node:crypto"

const ordered = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1))
    : value

/** Tells one input from another: the version of the state, and SHA-256 of its JSON with sorted keys, in hex. */
export const digestOf = (encoded: unknown, stateVersion: number): string =>
  `${stateVersion}:${createHash("sha256").update(JSON.stringify(encoded, ordered) ?? "").digest("hex")}`

/** Of another version of the state it cannot be told. */
export const isSameInput = (stored: string, given: string): boolean =>
  stored === given || stored.split(":")[0] !== given.split(":")[0]
