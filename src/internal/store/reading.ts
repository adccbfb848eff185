import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Checkpoint } from "../../schema/Checkpoint.js"
import type { CheckpointDecodeError, StorageError } from "../../schema/Errors.js"
import { CheckpointNotFound } from "../../schema/Errors.js"
import * as CheckpointProgram from "../../services/CheckpointProgram.js"
import type { ListOptions, ReadOptions, Store } from "../../services/CheckpointStore.js"
import { type Call, verb } from "../observe.js"
import { loadEach } from "../programs/reading.js"
import type { Core } from "./core.js"
import { envelopeOf } from "./decode.js"
import type { Decoding } from "./decoding.js"
import { inPlace } from "./decoding.js"
import { isWellFormed } from "./encode.js"
import { forgetMissing } from "./found.js"
import type { Window } from "./pages.js"
import { readPage, windowOf } from "./pages.js"
import { isForeign, ownersOf } from "./placing.js"

const observe = { load: verb("load"), loadAll: verb("loadAll"), latest: verb("latest"), list: verb("list") }

/** What is stored under an id, and the execution where it was looked for if the id does not tell. */
export const payloadOf = (
  core: Core,
  checkpointId: string
): Effect.Effect<readonly [payload: string | null, owner: string | undefined], StorageError> => {
  const at = (owner: string | undefined) =>
    Effect.map(
      core.redis.pipeline(CheckpointProgram.load(core.layout, checkpointId, core.renew, owner)),
      (payload) => [payload, owner] as const
    )
  return isForeign(core.layout, checkpointId)
    ? Effect.flatMap(ownersOf(core, [checkpointId]), (owners) => at(owners(checkpointId)))
    : at(undefined)
}

export const load = <State, R>(core: Core, decode: Decoding<State, R>): Store<State, R>["load"] => (checkpointId) =>
  observe.load(core, (call) => {
    const payload = isWellFormed(checkpointId)
      ? payloadOf(call, checkpointId)
      : Effect.succeed([null, undefined] as const)
    return Effect.flatMap(payload, ([payload, owner]): ReturnType<Store<State, R>["load"]> => {
      if (payload === null) return Effect.fail(new CheckpointNotFound({ checkpointId }))
      call.tally.read += payload.length
      return decode.one(envelopeOf(call.layout, checkpointId, payload, owner))
    })
  })

/** So many at a time: more would hold up all else that this process does. */
const wave = 10_000

/** What is there of these ids, in their order. */
const loadWave = <State, R>(
  call: Call,
  decode: Decoding<State, R>,
  ids: ReadonlyArray<string>,
  options: ReadOptions
): Effect.Effect<Array<Checkpoint<State>>, CheckpointDecodeError | StorageError, R> => {
  const { layout, redis, renew, tally } = call
  return ownersOf(call, ids).pipe(
    Effect.flatMap((owners) =>
      Effect.map(redis.pipeline(loadEach(layout, ids, owners, renew)), (payloads) => [payloads, owners] as const)
    ),
    Effect.flatMap(([payloads, owners]) => {
      tally.read += payloads.reduce((sum, payload) => sum + (payload?.length ?? 0), 0)
      return decode.all(
        payloads,
        (payload, i) => payload === null ? undefined : envelopeOf(layout, ids[i]!, payload, owners(ids[i]!)),
        options
      )
    })
  )
}

/** What ids name anything, each once, wave by wave: to look through all of them at once would take too long. */
function* wavesOf(checkpointIds: ReadonlyArray<string>): Generator<ReadonlyArray<string>> {
  const seen = new Set<string>()
  let ids: Array<string> = []
  for (const id of checkpointIds) {
    if (seen.has(id) || !isWellFormed(id)) continue
    seen.add(id)
    if (ids.push(id) < wave) continue
    yield ids
    ids = []
  }
  if (ids.length > 0) yield ids
}

export const loadAll =
  <State, R>(core: Core, decode: Decoding<State, R>): Store<State, R>["loadAll"] => (checkpointIds, options = {}) =>
    observe.loadAll(core, (call) => {
      const found = new Map<string, Checkpoint<State>>()
      const load = (ids: ReadonlyArray<string>) =>
        Effect.map(loadWave(call, decode, ids, options), (checkpoints) => {
          for (const checkpoint of checkpoints) found.set(checkpoint.id, checkpoint)
        })
      // As they are now: whoever asks may change them while the waves go on.
      const waves = wavesOf([...checkpointIds])
      const rest: Effect.Effect<typeof found, CheckpointDecodeError | StorageError, R> = Effect.suspend(() => {
        const next = waves.next()
        return next.done === true ? Effect.succeed(found) : Effect.zipRight(load(next.value), rest)
      })
      return rest
    })

const pageOf = <State, R>(
  core: Call,
  decode: Decoding<State, R>,
  executionId: string,
  options: ReadOptions,
  size: number | undefined
) =>
(window: Window): Effect.Effect<
  readonly [Array<Checkpoint<State>>, Option.Option<Window>],
  CheckpointDecodeError | StorageError,
  R
> =>
  Effect.flatMap(readPage(core, executionId, window, size), ({ found, rest }) =>
    Effect.suspend(() => {
      const strays: Array<string> = []
      return Effect.flatMap(
        decode.all(found, inPlace(core, executionId, strays), options),
        (checkpoints) =>
          Effect.as(forgetMissing(core, executionId, strays), [checkpoints, rest(checkpoints.length)] as const)
      )
    }))

const listAll = <State, R>(
  core: Call,
  decode: Decoding<State, R>,
  executionId: string,
  options: ListOptions
): ReturnType<Store<State, R>["list"]> => {
  const page = pageOf(core, decode, executionId, options, undefined)
  const from = (window: Window, listed: Array<Checkpoint<State>>): ReturnType<Store<State, R>["list"]> =>
    Effect.flatMap(page(window), ([checkpoints, rest]) => {
      const all = listed.length === 0 ? checkpoints : listed.concat(checkpoints)
      return Option.isNone(rest) ? Effect.succeed(all) : from(rest.value, all)
    })
  return from(windowOf(options), [])
}

export const list =
  <State, R>(core: Core, decode: Decoding<State, R>): Store<State, R>["list"] => (executionId, options = {}) =>
    observe.list(core, (core) => listAll(core, decode, executionId, options))

/** In pages of so many. */
export const streamBy =
  (size: number) =>
  <State, R>(core: Core, decode: Decoding<State, R>): Store<State, R>["stream"] =>
  (executionId, options = {}) => {
    const page = (core: Call) => pageOf(core, decode, executionId, options, size)
    return Stream.paginateChunkEffect(
      windowOf(options),
      (window) =>
        observe.list(
          core,
          (core) =>
            Effect.map(page(core)(window), ([checkpoints, rest]) => [Chunk.unsafeFromArray(checkpoints), rest] as const)
        )
    )
  }

export const stream = streamBy(500)

type Read<State, R> = (core: Call, executionId: string) => ReturnType<Store<State, R>["latest"]>

const latestInSet = <State, R>(decode: Decoding<State, R>): Read<State, R> => (core, executionId) =>
  Effect.map(
    listAll(core, decode, executionId, { order: "desc", limit: 1 }),
    ([head]) => Option.fromNullable(head)
  )

const latestInSortedSet =
  <State, R>(decode: Decoding<State, R>): Read<State, R> => ({ layout, redis, renew, tally }, executionId) =>
    Effect.flatMap(redis.pipeline(CheckpointProgram.latest(layout, executionId, renew)), ({ expired, found }) => {
      tally.expired += expired
      if (found === undefined) return Effect.succeedNone
      tally.read += found.payload.length
      return Effect.asSome(decode.one(envelopeOf(layout, found.checkpointId, found.payload, executionId)))
    })

export const latest = <State, R>(core: Core, decode: Decoding<State, R>): Store<State, R>["latest"] => {
  const read = (core.layout.index === "set" ? latestInSet : latestInSortedSet)(decode)
  return (executionId) =>
    observe.latest(core, (core) => isWellFormed(executionId) ? read(core, executionId) : Effect.succeedNone)
}
