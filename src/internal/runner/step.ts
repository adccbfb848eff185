import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type { StorageError } from "../../schema/Errors.js"
import { StepCodecError } from "../../schema/ExecutionErrors.js"
import type { StepError, StepSchemas } from "../../services/Execution.js"
import { Execution } from "./execution.js"
import { stepField } from "./fields.js"
import type { Pass } from "./pass.js"
import { settle } from "./settle.js"
import { fromText, toText } from "./stepCodec.js"

type Schemas<A, I, R, E, EI, ER> = StepSchemas<A, I, R, E, EI, ER>

const schemasOf = <A, I, R, E, EI, ER>(
  given: Schema.Schema<A, I, R> | Schemas<A, I, R, E, EI, ER>
): Schemas<A, I, R, E, EI, ER> => "success" in given ? given : { success: given }

/** What is recorded starts with how it ended. */
const succeeded = "+"
const failed = "-"

const replay = <A, I, R, E, EI, ER>(
  pass: Pass,
  name: string,
  { failure, success }: Schemas<A, I, R, E, EI, ER>,
  recorded: string
): Effect.Effect<A, E | StepError, R | ER> => {
  const text = recorded.slice(1)
  if (recorded.startsWith(succeeded)) return fromText(pass, name, success, text)
  if (failure !== undefined) return Effect.flatMap(fromText(pass, name, failure, text), Effect.fail)
  const issue = "a failure is recorded, and the step has no failure schema any more"
  return Effect.fail(
    new StepCodecError({ executionId: pass.executionId, step: name, direction: "decode", issue })
  )
}

const textOf = <A, I, R, E, EI, ER>(
  pass: Pass,
  name: string,
  { failure, success }: Schemas<A, I, R, E, EI, ER>,
  exit: Exit.Exit<A, E>
): Effect.Effect<Option.Option<string>, StepCodecError, R | ER> => {
  if (Exit.isSuccess(exit)) {
    return Effect.map(toText(pass, name, success, exit.value), (text) => Option.some(succeeded + text))
  }
  const error = Cause.failureOption(exit.cause)
  if (failure === undefined || Option.isNone(error)) return Effect.succeedNone
  return Effect.map(toText(pass, name, failure, error.value), (text) => Option.some(failed + text))
}

const recorded = (pass: Pass, name: string, text: string): Effect.Effect<string, StepCodecError | StorageError> =>
  Effect.uninterruptible(pass.record(stepField(pass.node, name), text))

/** Runs the effect and records how it ended, before anything can come between. */
const runOnce = <A, I, R, E, EI, ER, R0>(
  pass: Pass,
  name: string,
  effect: Effect.Effect<A, E, R0>,
  schemas: Schemas<A, I, R, E, EI, ER>
): Effect.Effect<string, E | StepError, R | ER | R0> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      settle(restore, effect),
      (exit) =>
        Effect.flatMap(
          textOf(pass, name, schemas, exit),
          // Neither a success nor a failure with a schema, so there is no A in it.
          (text): Effect.Effect<string, E | StepCodecError | StorageError> =>
            Option.isSome(text) ? recorded(pass, name, text.value) : exit as Exit.Exit<never, E>
        )
    )
  )

export const stepIn = <A, I, R, E, EI, ER, R0>(
  name: string,
  effect: Effect.Effect<A, E, R0>,
  given: Schema.Schema<A, I, R> | Schemas<A, I, R, E, EI, ER>
): Effect.Effect<A, E | StepError, R | ER | R0 | Execution> =>
  Effect.flatMap(Execution, ({ pass }) => {
    const schemas = schemasOf(given)
    const field = stepField(pass.node, name)
    const result = Effect.suspend((): Effect.Effect<string, E | StepError, R | ER | R0> => {
      const known = pass.recall(field)
      if (known !== undefined) return Effect.succeed(known)
      // It has happened, and only its record is missing.
      const unrecorded = pass.unrecorded(field)
      return unrecorded === undefined
        // What is pending is stored before the effect: a run that was lost learns of it first.
        ? Effect.zipRight(pass.base, runOnce(pass, name, effect, schemas))
        : recorded(pass, name, unrecorded)
    })
    return Effect.flatMap(pass.named(name, result), (recorded) => replay(pass, name, schemas, recorded))
  })
