import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { Input } from "../../schema/Checkpoint.js"
import { CheckpointEncodeError } from "../../schema/Errors.js"
import type { Entry } from "../../services/CheckpointProgram.js"
import * as CheckpointProgram from "../../services/CheckpointProgram.js"
import type { Save, SaveOptions, Store } from "../../services/CheckpointStore.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import { type Call, verb } from "../observe.js"
import { behindWrites } from "../outcome.js"
import { acknowledged, type Acknowledgement } from "../programs/acknowledged.js"
import * as Settled from "../settled.js"
import type { Codec } from "./codec.js"
import type { Core } from "./core.js"
import { entryOf } from "./encode.js"
import { acknowledgement, keepCount, ttlMillis } from "./options.js"
import { announce, executionsOf, isForeign, naming, placeIssue } from "./placing.js"
import { coding } from "./states.js"

const observe = { save: verb("save"), saveAll: verb("saveAll") }

/** An entry and checked options: nothing can be wrong with it any more. */
export interface Prepared {
  readonly entry: Entry
  readonly options: CheckpointProgram.SaveOptions
  readonly durability: Acknowledgement | undefined
}

const sortedSetOnly = "needs the sorted-set index; the layer was built with index: \"set\""

/** A guarded save must move the head, or two writers could both win. A copy brings the versions that it has. */
type Purpose = "save" | "copy"

const guardIssue = (
  core: Core,
  input: Input<unknown>,
  expected: number | undefined,
  purpose: Purpose
): string | undefined => {
  if (expected === undefined) return undefined
  if (core.layout.index === "set") return `expectedVersion ${sortedSetOnly}`
  if (!Number.isSafeInteger(expected)) return "expectedVersion is not an integer within ±(2^53 - 1)"
  return input.version > expected || purpose === "copy"
    ? undefined
    : `version ${input.version} is not above expectedVersion ${expected}: the head would not move`
}

const optionsOf = (
  core: Core,
  input: Input<unknown>,
  options: SaveOptions,
  purpose: Purpose
): Either.Either<Omit<Prepared, "entry">, CheckpointEncodeError> => {
  const fail = (issue: string) => Either.left(new CheckpointEncodeError({ checkpointId: input.id, issue }))
  const ttl = options.ttl === undefined ? Either.right(core.ttl) : ttlMillis(options.ttl)
  if (Either.isLeft(ttl)) return fail(ttl.left)
  const keep = options.maxCheckpoints === undefined
    ? Either.right(core.maxCheckpoints)
    : keepCount(options.maxCheckpoints)
  if (Either.isLeft(keep)) return fail(keep.left)
  if (keep.right > 0 && core.layout.index === "set") return fail(`maxCheckpoints ${sortedSetOnly}`)
  const guard = guardIssue(core, input, options.expectedVersion, purpose)
  if (guard !== undefined) return fail(guard)
  const durability = options.durability === undefined
    ? Either.right(core.durability)
    : acknowledgement(options.durability)
  if (Either.isLeft(durability)) return fail(durability.left)
  return Either.right({
    options: { ttl: ttl.right, maxCheckpoints: keep.right, expectedVersion: options.expectedVersion },
    durability: durability.right
  })
}

/** Everything that can be wrong with a save is found here, before anything is sent. */
export const preparedAt =
  <State, R>(core: Core, codec: Codec<State, R>, purpose: Purpose = "save") =>
  (input: Input<State>, options: SaveOptions, now: number): Settled.Settled<Prepared, CheckpointEncodeError, R> =>
    Settled.flatMap(
      optionsOf(core, input, options, purpose),
      (checked) =>
        Settled.flatMap(coding(core, input, codec.encode(input.id, input.state)), (state) => {
          const guarded = options.expectedVersion !== undefined
          const entry = entryOf(input, state, { now, maxBytes: core.maxBytes, guarded })
          const issue = Either.isRight(entry) ? entryIssue(core, entry.right, guarded) : undefined
          return issue === undefined
            ? Either.map(entry, (entry) => ({ entry, options: checked.options, durability: checked.durability }))
            : Either.left(new CheckpointEncodeError({ checkpointId: input.id, issue }))
        })
    )

const entryIssue = ({ layout }: Core, { executionId, id }: Entry, guarded: boolean): string | undefined =>
  guarded && executionId === ""
    ? "expectedVersion needs an executionId: it is compared with the head of the execution"
    : placeIssue(layout, id, executionId)

/** The same at this time. */
export const prepare = <State, R>(core: Core, codec: Codec<State, R>, purpose: Purpose = "save") => {
  const prepared = preparedAt(core, codec, purpose)
  return (input: Input<State>, options: SaveOptions): Effect.Effect<Prepared, CheckpointEncodeError, R> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => Settled.toEffect(prepared(input, options, now)))
}

/** The save and the wait for its acknowledgement. */
const programOf = (core: Core, { durability, entry, options }: Prepared) =>
  acknowledged(CheckpointProgram.save(core.layout, entry, options), durability)

/** Sends what saves these, behind what a cluster has to know before. */
const sendBehind = <A, E>(call: Call, all: ReadonlyArray<Prepared>, program: RedisProgram.RedisProgram<A, E>) =>
  call.layout.cluster
    ? Effect.zipRight(announce(call, all), call.redis.pipeline(naming(call, executionsOf(all), program)))
    : call.redis.pipeline(program)

export const send = (call: Call, prepared: Prepared) =>
  Effect.map(sendBehind(call, [prepared], programOf(call, prepared)), (expired) => {
    call.tally.written += prepared.entry.payload.length
    call.tally.expired += expired
  })

export const save = <State, R>(core: Core, codec: Codec<State, R>): Save<State, R> => {
  const prepared = preparedAt(core, codec)
  const save = (input: Input<State>, options: SaveOptions = {}) =>
    observe.save(core, (call) =>
      Settled.toEffect(
        Settled.flatMap(prepared(input, options, call.now()), (prepared) => send(call, prepared))
      ))
  // Without expectedVersion the script compares nothing, so no conflict can come back.
  return save as Save<State, R>
}

const oneProgram =
  "id does not tell its execution, so that a cluster has to be asked first: use save, or an id of the " +
  "form <executionId>@<16 digits>"

export const saveProgram =
  <State, R>(core: Core, codec: Codec<State, R>): Store<State, R>["saveProgram"] => (input, options = {}) =>
    Effect.map(
      Effect.filterOrFail(
        prepare(core, codec)(input, options),
        ({ entry }) => !isForeign(core.layout, entry.id),
        ({ entry }) => new CheckpointEncodeError({ checkpointId: entry.id, issue: oneProgram })
      ),
      (prepared) => RedisProgram.map(programOf(core, prepared), () => undefined)
    )

const chunkEntries = 100
const chunkCharacters = 1024 * 1024

/** Consecutive chunks, each small enough to be one pipeline. */
const chunked = <A>(all: ReadonlyArray<A>, sizeOf: (one: A) => number): ReadonlyArray<ReadonlyArray<A>> => {
  const chunks: Array<Array<A>> = []
  let size = Infinity
  for (const one of all) {
    size += sizeOf(one)
    const last = chunks.at(-1)
    if (last === undefined || last.length === chunkEntries || size > chunkCharacters) {
      chunks.push([one])
      size = sizeOf(one)
    } else last.push(one)
  }
  return chunks
}

/** All of a chunk have the same options: on one server one wait behind the last covers them. */
const savesOf = (core: Core, chunk: ReadonlyArray<Prepared>) =>
  core.layout.cluster
    ? RedisProgram.forEach(chunk, (prepared) => programOf(core, prepared))
    : acknowledged(
      RedisProgram.forEach(chunk, ({ entry, options }) => CheckpointProgram.save(core.layout, entry, options)),
      chunk[0]?.durability
    )

const sendChunk = (call: Call, chunk: ReadonlyArray<Prepared>) =>
  Effect.map(sendBehind(call, chunk, savesOf(call, chunk)), (expired) => {
    call.tally.written += chunk.reduce((sum, { entry }) => sum + entry.payload.length, 0)
    call.tally.expired += expired.reduce((sum, n) => sum + n, 0)
  })

/** What does it for each in turn: behind the first it cannot be said any more that nothing was sent. */
const inTurn = <A, E, R>(
  chunks: ReadonlyArray<ReadonlyArray<A>>,
  send: (chunk: ReadonlyArray<A>) => Effect.Effect<void, E, R>
): Effect.Effect<void, E, R> =>
  Effect.forEach(chunks, (chunk, i) => i === 0 ? send(chunk) : behindWrites(send(chunk)), { discard: true })

export const sendAll = (call: Call, all: ReadonlyArray<Prepared>) =>
  inTurn(chunked(all, ({ entry }) => entry.payload.length), (chunk) => sendChunk(call, chunk))

/** So much of what was checked is kept, in characters; beyond it is made again when its turn comes. */
const keptCharacters = 16 * 1024 * 1024

/** An input that was checked. */
interface Checked<State> {
  readonly input: Input<State>
  readonly size: number
  readonly prepared: Prepared | undefined
}

/** Checks all before anything is sent, and holds a bounded part of what that has made. */
const checkAll = <State, R>(
  inputs: Iterable<Input<State>>,
  prepare: (input: Input<State>) => Settled.Settled<Prepared, CheckpointEncodeError, R>
): Effect.Effect<Array<Checked<State>>, CheckpointEncodeError, R> => {
  let kept = 0
  return Settled.forEachInTurns([...inputs], (input) =>
    Settled.map(prepare(input), (prepared): Checked<State> => {
      const size = prepared.entry.payload.length
      kept += size
      return { input, size, prepared: kept <= keptCharacters ? prepared : undefined }
    }))
}

export const saveAll = <State, R>(core: Core, codec: Codec<State, R>): Store<State, R>["saveAll"] => {
  const prepared = preparedAt(core, codec)
  return (inputs, options = {}) =>
    observe.saveAll(core, (call) => {
      const unguarded = { ...options, expectedVersion: undefined }
      const now = call.now()
      const prepare = (input: Input<State>) => prepared(input, unguarded, now)
      const send = (chunk: ReadonlyArray<Checked<State>>) =>
        Effect.flatMap(
          Settled.forEachInTurns(
            chunk,
            ({ input, prepared }) => prepared === undefined ? prepare(input) : Either.right(prepared)
          ),
          (chunk) => sendChunk(call, chunk)
        )
      return checkAll(inputs, prepare).pipe(
        Effect.flatMap((all) => inTurn(chunked(all, ({ size }) => size), send)),
        Effect.catchTag("CheckpointConflict", Effect.die)
      )
    })
}
