import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type { StorageError } from "../../schema/Errors.js"
import type { StepCodecError } from "../../schema/ExecutionErrors.js"
import type { StepError } from "../../services/Execution.js"
import type { Request } from "../../services/Outcome.js"
import { Execution } from "./execution.js"
import { askAnswerField, askField } from "./fields.js"
import type { Pass } from "./pass.js"
import { named } from "./requestNames.js"
import { encodedText, fromText } from "./stepCodec.js"

/** What is recorded of a question. */
interface Asked {
  readonly payload: unknown
  readonly rejected?: string
}

export const requestOf = (
  { base, executionId, node }: { readonly executionId: string; readonly base: number; readonly node: string },
  name: string,
  recorded: string
): Request => {
  const asked = JSON.parse(recorded) as Asked
  return {
    id: named(base, "ask", node, name).id,
    kind: "ask",
    executionId,
    node,
    payload: asked.payload,
    rejected: Option.fromNullable(asked.rejected)
  }
}

interface Options<A, I, R> {
  readonly question?: unknown
  readonly answer: Schema.Schema<A, I, R>
}

const recordQuestion = (
  pass: Pass,
  name: string,
  round: number,
  question: unknown,
  rejected: string | undefined
): Effect.Effect<string, StepError> => {
  const asked: Asked = { payload: question ?? null, ...(rejected === undefined ? undefined : { rejected }) }
  return Effect.flatMap(
    encodedText(pass, name, asked),
    (text) => Effect.uninterruptible(pass.record(askField(pass.node, name, round), text))
  )
}

/** The answer of a round, or the question of the round after the last answer that did not fit, as recorded. */
const from = <A, I, R>(
  pass: Pass,
  name: string,
  options: Options<A, I, R>,
  round: number,
  rejected: string | undefined
): Effect.Effect<Either.Either<A, string>, StepError, R> =>
  Effect.suspend((): Effect.Effect<Either.Either<A, string>, StepError, R> => {
    const answer = pass.recall(askAnswerField(pass.node, name, round))
    if (answer === undefined) {
      return Effect.map(recordQuestion(pass, name, round, options.question, rejected), Either.left)
    }
    return Effect.flatMap(
      Effect.either(fromText(pass, name, options.answer, answer)),
      Either.match({
        onLeft: (error: StepCodecError) => from(pass, name, options, round + 1, error.issue),
        onRight: (answer: A) => Effect.succeed(Either.right(answer))
      })
    )
  })

const stopAt = (pass: Pass, name: string, question: string): Effect.Effect<never, StorageError> =>
  Effect.flatMap(
    pass.base,
    (base) => pass.suspend({ _tag: "Asked", requests: [requestOf({ ...pass, base }, name, question)] })
  )

export const askIn = <A, I, R>(
  name: string,
  options: Options<A, I, R>
): Effect.Effect<A, StepError, R | Execution> =>
  Effect.flatMap(Execution, ({ pass }) =>
    Effect.flatMap(
      pass.named(name, from(pass, name, options, 0, undefined)),
      Either.match({ onLeft: (question) => stopAt(pass, name, question), onRight: Effect.succeed })
    ))
