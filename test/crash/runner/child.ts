/** One incarnation of one execution: a process that is killed, stopped, or ends and says how. */
import { Cause, DateTime, Effect, Exit, Fiber, Layer, Logger, LogLevel, Schedule } from "effect"
import { CheckpointStore, type Outcome, Recovery, RedisLive, Runner } from "effect-checkpoint"
import { writeSync } from "node:fs"
import * as CrashPoint from "./crashPoint.js"
import { appender } from "./effectLog.js"
import type { Job, Report } from "./job.js"
import { mutate } from "./mutate.js"
import { shiftedClock } from "./shiftedClock.js"
import * as Work from "./work.js"
import * as WrappedRedis from "./wrappedRedis.js"

const job = JSON.parse(process.argv[2] ?? "") as Job

const say = (line: string) => Effect.sync(() => writeSync(1, `${line}\n`))

const crash = CrashPoint.make(job)

const late = (redis: WrappedRedis.Service): WrappedRedis.Service =>
  WrappedRedis.around(
    redis,
    (names) => (trip) => names.includes("commit") ? Effect.delay(trip, job.latency ?? 0) : trip
  )

const redis = WrappedRedis.from(
  RedisLive.redis({ host: "127.0.0.1", port: job.port, clientName: job.client, maxReconnectDelay: "50 millis" }),
  (redis) => mutate(crash.wrap(job.latency === undefined ? redis : late(redis)), job.mutation)
)

const policy = {
  leaseTtl: job.lease,
  maxCheckpoints: Infinity,
  ...(job.inlineSleep === undefined ? undefined : { inlineSleep: job.inlineSleep })
}

const Live = Runner.layer(policy).pipe(Layer.provide(CheckpointStore.layer()), Layer.provide(redis))

const append = appender(job.log)

/** Branches of one round take different times, so that some are recorded while others run. */
const pace = (i: number) => job.work === "fan-out" ? 1 + (i * 7) % 5 : 1

const perform: Work.Perform = (i) =>
  Effect.sleep(job.pause * pace(i)).pipe(
    Effect.zipRight(crash.at("before effect", i)),
    Effect.zipRight(Effect.sync(() => append(i))),
    Effect.zipRight(crash.at("after effect", i)),
    Effect.zipRight(job.behind === 0 ? Effect.void : Effect.sleep(job.behind * pace(i)))
  )

const whileBusy = Schedule.intersect(Schedule.spaced("15 millis"), Schedule.recurs(1_000))

const running = Work.run(perform, job).pipe(
  Effect.retry({ schedule: whileBusy, while: (error) => job.patient && error._tag === "ExecutionBusy" })
)

const recovering = Effect.suspend(() => {
  const options = { interval: "20 millis" } as const
  switch (job.work) {
    case "graph":
      return Layer.launch(Recovery.layer(Work.graph(perform, job.size), options))
    case "fan-out":
      return Layer.launch(Recovery.layer(Work.fanOut(perform, job.size), options))
    case "nested":
      return Layer.launch(Recovery.layer(Work.nested(perform, job.size), options))
    default:
      return Layer.launch(Recovery.layer(Work.programs[job.work](perform, job.size), options))
  }
})

const go = Effect.async<void>((resume) => {
  process.stdin.once("data", () => {
    process.stdin.unref()
    resume(Effect.void)
  })
})

const reported = (exit: Exit.Exit<Outcome.Outcome<unknown>, unknown>): Report => {
  if (Exit.isSuccess(exit)) {
    const outcome = exit.value
    if (outcome._tag === "Completed") return { _tag: "Completed", value: outcome.value, version: outcome.version }
    return { _tag: "Sleeping", until: outcome._tag === "Sleeping" ? DateTime.toEpochMillis(outcome.until) : 0 }
  }
  if (Cause.isInterruptedOnly(exit.cause)) return { _tag: "Stopped" }
  const error = Cause.squash(exit.cause) as Error & {
    readonly _tag?: string
    readonly isLoss?: boolean
    readonly remaining?: number
  }
  return {
    _tag: "Failed",
    error: error._tag ?? "a defect",
    message: error.message,
    ...(error.isLoss === undefined ? undefined : { isLoss: error.isLoss }),
    ...(error.remaining === undefined ? undefined : { remaining: error.remaining })
  }
}

const program = Effect.gen(function*() {
  // The connection is there: what comes now is the runner's.
  yield* Runner.Runner
  yield* say("ready")
  if (job.waits === true) yield* go
  return yield* job.recovers === true ? recovering : running
}).pipe(
  Effect.provide(Live),
  Logger.withMinimumLogLevel(LogLevel.None),
  (effect) => job.ahead === undefined ? effect : Effect.withClock(effect, shiftedClock(job.ahead))
)

const fiber = Effect.runFork(program)
process.once("SIGTERM", () => Effect.runFork(Fiber.interrupt(fiber)))
fiber.addObserver((exit) => {
  writeSync(1, `${JSON.stringify(reported(exit))}\n`)
  process.exit(0)
})
