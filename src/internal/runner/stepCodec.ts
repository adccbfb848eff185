import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import { StepCodecError } from "../../schema/ExecutionErrors.js"
import { describe } from "../issue.js"
import { jsonLoss } from "../json.js"
import type { Pass } from "./pass.js"

const fail = (pass: Pass, step: string, direction: "encode" | "decode", issue: string) =>
  Effect.fail(new StepCodecError({ executionId: pass.executionId, step, direction, issue }))

/** A value as JSON text: what its schema has of it, since an error, say, has a stack, too. `undefined` is written as nothing. */
export const toText = <A, I, R>(
  pass: Pass,
  step: string,
  schema: Schema.Schema<A, I, R>,
  value: A
): Effect.Effect<string, StepCodecError, R> =>
  ParseResult.encode(schema)(value, { errors: "all" }).pipe(
    Effect.matchEffect({
      onFailure: (issue) => fail(pass, step, "encode", describe(issue, "result")),
      onSuccess: (encoded) => encodedText(pass, step, encoded)
    })
  )

export const encodedText = (pass: Pass, step: string, encoded: unknown): Effect.Effect<string, StepCodecError> => {
  if (encoded === undefined) return Effect.succeed("")
  const loss = jsonLoss(encoded, "result")
  return loss === undefined ? Effect.succeed(JSON.stringify(encoded)) : fail(pass, step, "encode", loss)
}

export const fromText = <A, I, R>(
  pass: Pass,
  step: string,
  schema: Schema.Schema<A, I, R>,
  text: string
): Effect.Effect<A, StepCodecError, R> =>
  Effect.suspend(() => {
    let json: unknown
    try {
      json = text === "" ? undefined : JSON.parse(text)
    } catch {
      return fail(pass, step, "decode", "value: is not JSON")
    }
    return Effect.catchAll(
      ParseResult.decodeUnknown(schema)(json, { errors: "all" }),
      (issue) => fail(pass, step, "decode", describe(issue, "result"))
    )
  })
