import * as Effect from "effect/Effect"
import { CheckpointDecodeError } from "../../schema/Errors.js"
import { StepCodecError } from "../../schema/ExecutionErrors.js"
import type { Memo } from "../../services/ExecutionProgram.js"
import { memosKey } from "../../services/KeyLayout.js"
import type { Place } from "../codec/stage.js"
import type { Core } from "../store/core.js"
import { wordsOf } from "./fields.js"

type Field = Omit<Memo, "value">

const placeOf = (core: Core, { base, executionId, field }: Field): Place => [
  "memo",
  memosKey(core.layout, executionId),
  `${base}:${field}`
]

/** The name that the user gave: of a step, a question, a node. */
const stepOf = (field: string): string => {
  const [, node, name] = wordsOf(field) ?? []
  return typeof name === "string" ? name : String(node ?? field)
}

const codecError = ({ executionId, field }: Field, direction: "encode" | "decode") => (issue: string) =>
  new StepCodecError({ executionId, step: stepOf(field), direction, issue: `value: ${issue}` })

/** A memo as it is stored. */
export const codedMemo = (core: Core, memo: Memo): Effect.Effect<Memo, StepCodecError> =>
  Effect.mapBoth(core.states.encodeText(memo.value, placeOf(core, memo)), {
    onFailure: codecError(memo, "encode"),
    onSuccess: (value) => ({ ...memo, value })
  })

/** What another writer has recorded first. */
export const uncodedMemo = (core: Core, memo: Memo): Effect.Effect<string, StepCodecError> =>
  Effect.mapError(core.states.decodeText(memo.value, placeOf(core, memo)), codecError(memo, "decode"))

/** What has no words is a sign between runners: nobody's value. */
const isValue = (field: string): boolean => wordsOf(field) !== undefined

/** What is recorded under a head, as it was given. */
export const uncodedMemos = (
  core: Core,
  head: { readonly executionId: string; readonly base: number; readonly checkpointId: string },
  memos: Map<string, string>
): Effect.Effect<Map<string, string>, CheckpointDecodeError> => {
  const coded = Array.from(memos).filter(([field, value]) => core.states.isCodedText(value) && isValue(field))
  const { checkpointId, ...at } = head
  return Effect.as(
    Effect.forEach(
      coded,
      ([field, value]) =>
        Effect.mapBoth(core.states.decodeText(value, placeOf(core, { ...at, field })), {
          onFailure: (issue) =>
            new CheckpointDecodeError({
              checkpointId,
              key: memosKey(core.layout, head.executionId),
              issue: `${head.base}:${field}: ${issue}`
            }),
          onSuccess: (text) => memos.set(field, text)
        }),
      { discard: true }
    ),
    memos
  )
}
