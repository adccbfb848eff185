/** A child process that runs a {@link Job}, as its parent sees it. */
import { Data, Effect, type Scope } from "effect"
import { spawn } from "node:child_process"
import { killOnExit } from "../../support/ChildProcesses.js"
import type { Job, Report } from "./job.js"

/** The process did not do what it was told in time, or ended by itself without a report. */
export class ChildFailed extends Data.TaggedError("ChildFailed")<{ readonly message: string }> {}

export interface Ended {
  readonly signal: NodeJS.Signals | null
  /** Undefined when it was killed. */
  readonly report: Report | undefined
}

export interface Incarnation {
  readonly pid: number
  /** Its connection stands and it begins, or waits to be told to. */
  readonly ready: Effect.Effect<void, ChildFailed>
  /** It is about to stop itself. */
  readonly stopping: Effect.Effect<void, ChildFailed>
  readonly go: Effect.Effect<void>
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  readonly ended: Effect.Effect<Ended, ChildFailed>
}

const within = <A>(what: string, promise: Promise<A>) =>
  Effect.tryPromise({ try: () => promise, catch: (error) => new ChildFailed({ message: `${what}: ${String(error)}` }) })
    .pipe(Effect.timeoutFail({
      duration: "40 seconds",
      onTimeout: () => new ChildFailed({ message: `${what}: not in 40 seconds` })
    }))

const open = (bundle: string, job: Job): Incarnation => {
  const child = killOnExit(spawn(process.execPath, [bundle, JSON.stringify(job)], { stdio: ["pipe", "pipe", "pipe"] }))
  let out = ""
  let complaint = ""
  child.stdin.on("error", () => {})
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text
  })
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text
  })
  const said = (line: string) => {
    const heard = new Promise<void>((resolve, reject) => {
      child.stdout.on("data", () => {
        if (out.includes(`${line}\n`)) resolve()
      })
      child.once("close", () => reject(new Error(`ended before; ${complaint}${out}`)))
    })
    heard.catch(() => {})
    return within(`${name}, ${line}`, heard)
  }
  const name = `${job.work} ${job.executionId} in process ${child.pid}`
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("close", (_, signal) => {
      const line = out.split("\n").find((line) => line.startsWith("{"))
      if (signal === null && line === undefined) reject(new Error(complaint))
      else resolve({ signal, report: line === undefined ? undefined : JSON.parse(line) as Report })
    })
  })
  ended.catch(() => {})
  return {
    pid: child.pid ?? -1,
    ready: said("ready"),
    stopping: said("stopping"),
    go: Effect.sync(() => child.stdin.write("go\n")),
    signal: (signal) => Effect.sync(() => child.kill(signal)),
    ended: within(`${name}, end`, ended)
  }
}

/** Starts a process; it is gone with the scope. */
export const begin = (bundle: string, job: Job): Effect.Effect<Incarnation, never, Scope.Scope> =>
  Effect.acquireRelease(Effect.sync(() => open(bundle, job)), ({ signal }) => signal("SIGKILL"))
