/** Worker processes: started, listened to, and killed without a warning. */
import { Command } from "@effect/platform"
import { Console, Effect, Stream } from "effect"
import { fileURLToPath } from "node:url"

export interface Worker {
  /** What its lines are printed with. */
  readonly name: string
  /** Its program. */
  readonly file: URL
  readonly args: ReadonlyArray<string>
  /** Kills it as soon as it has printed such a line. Default: it runs to its end. */
  readonly killAt?: (line: string) => boolean
}

/** Runs a worker to its end, and fails when it fails; or to where it is killed, with SIGKILL. */
export const runWorker = ({ args, file, killAt, name }: Worker) =>
  Effect.scoped(Effect.gen(function*() {
    const worker = yield* Command.start(
      Command.make(process.execPath, "--import", "tsx", fileURLToPath(file), ...args).pipe(Command.stderr("inherit"))
    )
    yield* Console.log(`\n${name} is process ${worker.pid}`)
    yield* worker.stdout.pipe(
      Stream.decodeText(),
      Stream.splitLines,
      Stream.tap((line) => Console.log(`  ${name} | ${line}`)),
      Stream.takeUntil((line) => killAt?.(line) ?? false),
      Stream.runDrain
    )
    if (killAt === undefined) {
      const code = yield* worker.exitCode
      return code === 0 ? undefined : yield* Effect.dieMessage(`${name} ended with ${code}`)
    }
    // What has ended by itself cannot be killed; the proof will tell.
    yield* Effect.ignore(worker.kill("SIGKILL"))
    yield* Console.log(`  ${name} | killed with SIGKILL`)
  }))
