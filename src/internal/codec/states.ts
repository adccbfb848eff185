import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import type { StateCodec } from "../../schema/StateCodec.js"
import { escapedText, isMarked, isMarkedText } from "./coded.js"
import { compressionReaders } from "./compression.js"
import { encryptionReader } from "./encryption.js"
import { json } from "./json.js"
import { messagePackReader } from "./messagePack.js"
import { decode, encode, type Pipeline, plainIssue } from "./pipeline.js"
import type { Place, Stage } from "./stage.js"

/** What a layer's codec does to what the user gave. */
export interface States {
  /** Nothing, on the way out: states are stored as JSON has them. */
  readonly plain: boolean
  /** Whether a stored state is to go through {@link decode}. */
  readonly isCoded: (state: unknown) => boolean
  readonly encode: (state: unknown, place: Place) => Effect.Effect<unknown, string>
  readonly decode: (state: unknown, place: Place) => Effect.Effect<unknown, string>
  readonly isCodedText: (text: string) => boolean
  /** The same for text: the base is for states alone. */
  readonly encodeText: (text: string, place: Place) => Effect.Effect<string, string>
  readonly decodeText: (text: string, place: Place) => Effect.Effect<string, string>
}

const unmarked = (pipeline: Pipeline, value: unknown): Effect.Effect<unknown, string> => {
  const issue = plainIssue(pipeline)
  return issue === undefined ? Effect.succeed(value) : Effect.fail(issue)
}

const isText = (value: unknown): Effect.Effect<string, string> =>
  typeof value === "string" ? Effect.succeed(value) : Effect.fail("is no text once it is decoded")

const parsed = (text: string): Effect.Effect<object, string> =>
  Effect.try({ try: () => JSON.parse(text) as object, catch: () => "is marked as coded, and is not JSON" })

const codedText = (coded: unknown): string => typeof coded === "string" ? escapedText(coded) : JSON.stringify(coded)

const statesOf = (pipeline: Pipeline): States => {
  const staged = { ...pipeline, base: json }
  const { required } = pipeline
  const plain = pipeline.base === json && pipeline.stages.length === 0
  return {
    plain,
    isCoded: required ? () => true : isMarked,
    encode: (state, place) => encode(pipeline, state, place),
    decode: (state, place) => isMarked(state) ? decode(pipeline, state, place) : unmarked(pipeline, state),
    isCodedText: required ? () => true : isMarkedText,
    encodeText: (value, place) =>
      plain ? Effect.succeed(escapedText(value)) : Effect.map(encode(staged, value, place), codedText),
    decodeText: (value, place) =>
      Effect.flatMap(
        isMarkedText(value)
          ? Effect.flatMap(parsed(value), (value) => decode(pipeline, value, place))
          : unmarked(pipeline, value),
        isText
      )
  }
}

const orderIssue = (stages: ReadonlyArray<Stage>): string | undefined => {
  const encrypting = stages.findIndex(({ encrypts }) => encrypts)
  if (encrypting !== -1 && encrypting !== stages.length - 1) {
    return "encrypt last, and once: what is encrypted cannot be compressed"
  }
  return new Set(stages.map(({ name }) => name)).size === stages.length ? undefined : "the same codec is applied twice"
}

const pipelineOf = (codec: StateCodec): Effect.Effect<Pipeline, string> =>
  Effect.gen(function*() {
    const base = yield* codec.base
    const stages = yield* Effect.all(codec.stages)
    const issue = orderIssue(stages)
    if (issue !== undefined) return yield* Effect.fail(issue)
    const others = yield* Effect.forEach(codec.readers, pipelineOf)
    const own = [...stages, ...stages.flatMap(({ relatives = [] }) => relatives)]
    return {
      base,
      stages,
      bases: [base, ...others.flatMap(({ bases }) => bases), json, messagePackReader],
      readers: [...own, ...others.flatMap(({ readers }) => readers), ...compressionReaders, encryptionReader],
      required: codec.required
    }
  })

/** Checks a codec and makes it ready; what is wrong with it is the layer's option. */
export const statesFor = (codec: StateCodec): Effect.Effect<States, ConfigError.ConfigError> =>
  Effect.mapBoth(pipelineOf(codec), {
    onFailure: (issue) => ConfigError.InvalidData(["codec"], issue),
    onSuccess: statesOf
  })
