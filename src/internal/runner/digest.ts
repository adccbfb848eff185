import { createHash } from "node:crypto"

const ordered = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1))
    : value

/** Tells one input from another: SHA-256 of its JSON with sorted keys, in hex. */
export const digestOf = (encoded: unknown): string =>
  createHash("sha256").update(JSON.stringify(encoded, ordered) ?? "").digest("hex")
