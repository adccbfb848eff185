/** The highest resident memory of this process since a moment. */
import { readFileSync, writeFileSync } from "node:fs"

const kib = 1024

/** Linux forgets the old maximum on request. Elsewhere the highest ever stands, which includes the start. */
const forget = (): void => {
  try {
    writeFileSync("/proc/self/clear_refs", "5")
  } catch {
    // Not Linux, or not allowed.
  }
}

const highest = (): number => {
  try {
    const [, size] = /^VmHWM:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "utf8")) ?? []
    return Number(size) * kib
  } catch {
    return process.resourceUsage().maxRSS * kib
  }
}

/** Bytes above what is resident now, to ask for later. */
export const peakFromHere = (): () => number => {
  globalThis.gc?.()
  forget()
  const base = process.memoryUsage.rss()
  return () => highest() - base
}
