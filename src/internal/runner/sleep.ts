import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { StorageError } from "../../schema/Errors.js"
import { StepCodecError } from "../../schema/ExecutionErrors.js"
import type { StepError } from "../../services/Execution.js"
import { Execution } from "./execution.js"
import { sleepField } from "./fields.js"
import type { Pass } from "./pass.js"

const wait = (pass: Pass, until: number) =>
  Effect.flatMap(pass.now, (now) => {
    if (until <= now) return Effect.void
    return until - now <= pass.inlineSleep
      ? Effect.sleep(Duration.millis(until - now))
      : pass.suspend({ _tag: "Sleeping", until })
  })

const wakeUp = (
  pass: Pass,
  name: string,
  time: Effect.Effect<number>
): Effect.Effect<string, StepCodecError | StorageError> =>
  Effect.flatMap(time, (time): Effect.Effect<string, StepCodecError | StorageError> => {
    if (Number.isSafeInteger(time)) {
      return Effect.uninterruptible(pass.record(sleepField(pass.node, name), String(time)))
    }
    const issue = "the time to wake must be finite"
    return Effect.fail(new StepCodecError({ executionId: pass.executionId, step: name, direction: "encode", issue }))
  })

const until = (
  name: string,
  time: (pass: Pass) => Effect.Effect<number>
): Effect.Effect<void, StepError, Execution> =>
  Effect.flatMap(Execution, ({ pass }) =>
    Effect.flatMap(
      pass.named(
        name,
        Effect.suspend(() => {
          const recorded = pass.recall(sleepField(pass.node, name))
          return recorded === undefined ? wakeUp(pass, name, time(pass)) : Effect.succeed(recorded)
        })
      ),
      (recorded) => wait(pass, Number(recorded))
    ))

export const sleepIn = (name: string, duration: Duration.DurationInput) =>
  until(name, (pass) => Effect.map(pass.now, (now) => now + Math.ceil(Duration.toMillis(duration))))

export const sleepUntilIn = (name: string, time: DateTime.DateTime) =>
  until(name, () => Effect.succeed(DateTime.toEpochMillis(time)))
