import * as Effect from "effect/Effect"
import { bytesIn, codedBytes, codedJson, escaped, type Parts, partsOf } from "./coded.js"
import { json } from "./json.js"
import { type Base, type Place, type Stage, textOf, utf8 } from "./stage.js"

/** What a layer does to values, and what it knows how to undo. */
export interface Pipeline {
  readonly base: Base
  readonly stages: ReadonlyArray<Stage>
  readonly bases: ReadonlyArray<Base>
  readonly readers: ReadonlyArray<Stage>
  /** What is not encrypted is refused. */
  readonly required: boolean
}

/** JSON that needs more than the engine's longest string. */
const tooLarge = "is too large"

const stringified = (data: unknown): Effect.Effect<Uint8Array, string> =>
  Effect.try({ try: () => utf8(JSON.stringify(data)), catch: () => tooLarge })

const based = (base: Base, state: unknown): Effect.Effect<readonly [Base, unknown], string> =>
  Effect.map(base.encode(state), (data) => data === undefined ? [json, state] as const : [base, data] as const)

/** A value coded, or as it is where that is all the same. */
export const encode = Effect.fnUntraced(
  function*({ base: wanted, stages }: Pipeline, state: unknown, place: Place): Effect.fn.Return<unknown, string> {
    const [base, data] = yield* based(wanted, state)
    const unstaged = () => base === json ? escaped(state) : codedJson(base.name, data)
    if (stages.length === 0 && !base.binary) return unstaged()
    let bytes = data instanceof Uint8Array ? data : yield* stringified(data)
    let codec = base.name
    let key: string | undefined
    for (const stage of stages) {
      const header = { place, codec: `${codec}+${stage.name}`, key: stage.key }
      const done = yield* stage.encode(bytes, header)
      if (done === undefined) continue
      bytes = done
      codec = header.codec
      key ??= stage.key
    }
    return codec === base.name && !base.binary ? unstaged() : codedBytes(codec, key, bytes)
  }
)

const quoted = (name: string) => JSON.stringify(name)

const unknown = (name: string): string =>
  `is coded as ${quoted(name)}, which the layer does not know: give its option codec that codec, or add it with ` +
  `StateCodec.alsoReading`

const refused = "is not encrypted, and the layer requires it; StateCodec.encrypted with required: false reads it"

const damaged = "is marked as coded, and is no value of a codec"

const reader = (readers: ReadonlyArray<Stage>, name: string, key: string | undefined): Stage | undefined => {
  const fitting = readers.filter((stage) => stage.name === name)
  return fitting.find(({ knows }) => knows?.(key)) ?? fitting[0]
}

const undo = Effect.fnUntraced(
  function*(stages: ReadonlyArray<Stage>, { key, names }: Parts, coded: Uint8Array, place: Place): Effect.fn.Return<
    Uint8Array,
    string
  > {
    let bytes = coded
    for (let i = stages.length - 1; i >= 0; i--) {
      const header = { place, codec: names.slice(0, i + 2).join("+"), key }
      bytes = yield* stages[i]!.decode(bytes, header)
    }
    return bytes
  }
)

const parsed = (bytes: Uint8Array): Effect.Effect<unknown, string> =>
  Effect.try({ try: () => JSON.parse(textOf(bytes)) as unknown, catch: () => "is not JSON once it is decoded" })

const stagesOf = ({ readers }: Pipeline, { key, names }: Parts): Effect.Effect<ReadonlyArray<Stage>, string> =>
  Effect.forEach(names.slice(1), (name) => {
    const stage = reader(readers, name, key)
    return stage === undefined ? Effect.fail(unknown(name)) : Effect.succeed(stage)
  })

/** A coded value as it was. */
export const decode = Effect.fnUntraced(
  function*(pipeline: Pipeline, value: object, place: Place): Effect.fn.Return<unknown, string> {
    const parts = partsOf(value)
    if (parts === undefined) return yield* Effect.fail(damaged)
    const [name = ""] = parts.names
    const base = pipeline.bases.find((base) => base.name === name)
    const stages = yield* stagesOf(pipeline, parts)
    if (pipeline.required && !stages.some(({ encrypts }) => encrypts)) return yield* Effect.fail(refused)
    if (base === undefined) return yield* Effect.fail(unknown(name))
    if (stages.length === 0 && !base.binary) return yield* base.decode(parts.data)
    const coded = bytesIn(parts)
    if (coded === undefined) return yield* Effect.fail(damaged)
    const bytes = yield* undo(stages, parts, coded, place)
    return yield* base.decode(base.binary ? bytes : yield* parsed(bytes))
  }
)

export const plainIssue = ({ required }: Pipeline): string | undefined => required ? refused : undefined
