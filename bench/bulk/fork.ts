/** Runs a part of the bench in a process of its own, and reads the numbers that it prints. */
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const run = promisify(execFile)
const entry = fileURLToPath(new URL("./child.js", import.meta.url))

/** What one piece of work cost the process that did nothing else. */
export interface Cost {
  readonly millis: number
  /** Highest resident memory above what was there before, in bytes. */
  readonly memory: number
  /** Longest time in milliseconds in which the event loop did not turn. */
  readonly block: number
}

export const forked = (work: string, side: string): Effect.Effect<Cost> =>
  Effect.promise(async () => {
    const { stdout } = await run(process.execPath, ["--expose-gc", entry, work, side], { env: process.env })
    return JSON.parse(stdout)
  })
