/** The outside world: a file to which each side effect appends one line, whoever does it and however that one ends. */
import * as fs from "node:fs"

export interface Line {
  readonly i: number
  readonly pid: number
  /** Milliseconds since the epoch, by the machine's clock. */
  readonly at: number
}

const flags = fs.constants.O_APPEND | fs.constants.O_CREAT | fs.constants.O_WRONLY

/** Appends to the file; one write each, so no kill leaves half a line. */
export const appender = (file: string) => {
  const descriptor = fs.openSync(file, flags)
  return (i: number): void => {
    fs.writeSync(descriptor, `${JSON.stringify({ i, pid: process.pid, at: Date.now() } satisfies Line)}\n`)
  }
}

/** All effects so far, in their order. */
export const read = (file: string): ReadonlyArray<Line> =>
  fs.existsSync(file)
    ? fs.readFileSync(file, "utf8").split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Line)
    : []
