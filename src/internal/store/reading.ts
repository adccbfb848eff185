import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Checkpoint } from "../../schema/Checkpoint.js"
import type { CheckpointDecodeError, StorageError } from "../../schema/Errors.js"
import { CheckpointNotFound } from "../../schema/Errors.js"
import * as CheckpointProgram from "../../services/CheckpointProgram.js"
import type { ListOptions, ReadOptions, Store } from "../../services/CheckpointStore.js"
import { countExpired, countRead, verb } from "../observe.js"
import type { Core } from "./core.js"
import { envelopeOf } from "./decode.js"
import type { Decoding } from "./decoding.js"
import { inPlace } from "./decoding.js"
import { isWellFormed } from "./encode.js"
import { forgetMissing } from "./found.js"
import type { Window } from "./pages.js"
import { readPage, windowOf } from "./pages.js"

const streamPage = 500

const observe = { load: verb("load"), loadAll: verb("loadAll"), latest: verb("latest"), list: verb("list") }

export const load = <State, R>(core: Core, decode: Decoding<State, R>): Store<State, R>["load"] => (checkpointId) => {
  const payload = isWellFormed(checkpointId)
    ? core.redis.pipeline(CheckpointProgram.load(core.layout, checkpointId, core.renew))
    : Effect.succeed(null)
  return observe.load(
    Effect.flatMap(payload, (payload): ReturnType<Store<State, R>["load"]> =>
      payload === null
        ? Effect.fail(new CheckpointNotFound({ checkpointId }))
        : Effect.zipRight(countRead(payload.length), decode.one(envelopeOf(core.layout, checkpointId, payload))))
  )
}

export const loadAll =
  <State, R>(core: Core, decode: Decoding<State, R>): Store<State, R>["loadAll"] => (checkpointIds, options = {}) =>
    observe.loadAll(Effect.suspend(() => {
      const ids = [...new Set(checkpointIds)].filter(isWellFormed)
      return core.redis.pipeline(CheckpointProgram.loadAll(core.layout, ids, core.renew)).pipe(
        Effect.tap((payloads) => countRead(payloads.reduce((sum, payload) => sum + (payload?.length ?? 0), 0))),
        Effect.map((payloads) =>
          payloads.flatMap((payload, i) => payload === null ? [] : [envelopeOf(core.layout, ids[i]!, payload)])
        ),
        Effect.flatMap((envelopes) => decode.all(envelopes, options)),
        Effect.map((checkpoints) => new Map(checkpoints.map((checkpoint) => [checkpoint.id, checkpoint])))
      )
    }))

const pageOf = <State, R>(
  core: Core,
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
      const { envelopes, strays } = inPlace(core, executionId, found)
      return Effect.zipWith(
        forgetMissing(core, executionId, strays),
        decode.all(envelopes, options),
        (_, checkpoints) => [checkpoints, rest(checkpoints.length)] as const
      )
    }))

const listAll = <State, R>(
  core: Core,
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
    observe.list(listAll(core, decode, executionId, options))

export const stream =
  <State, R>(core: Core, decode: Decoding<State, R>): Store<State, R>["stream"] => (executionId, options = {}) => {
    const page = pageOf(core, decode, executionId, options, streamPage)
    return Stream.paginateChunkEffect(
      windowOf(options),
      (window) =>
        observe.list(
          Effect.map(page(window), ([checkpoints, rest]) => [Chunk.unsafeFromArray(checkpoints), rest] as const)
        )
    )
  }

const latestInSet = <State, R>(core: Core, decode: Decoding<State, R>): Store<State, R>["latest"] => (executionId) =>
  Effect.map(
    listAll(core, decode, executionId, { order: "desc", limit: 1 }),
    ([head]) => Option.fromNullable(head)
  )

const latestInSortedSet =
  <State, R>(core: Core, decode: Decoding<State, R>): Store<State, R>["latest"] => (executionId) =>
    Effect.flatMap(
      core.redis.pipeline(CheckpointProgram.latest(core.layout, executionId, core.renew)),
      ({ expired, found }) =>
        Effect.zipRight(
          countExpired(expired),
          found === undefined
            ? Effect.succeedNone
            : Effect.zipRight(
              countRead(found.payload.length),
              Effect.asSome(decode.one(envelopeOf(core.layout, found.checkpointId, found.payload)))
            )
        )
    )

export const latest = <State, R>(core: Core, decode: Decoding<State, R>): Store<State, R>["latest"] => {
  const read = (core.layout.index === "set" ? latestInSet : latestInSortedSet)(core, decode)
  return (executionId) => observe.latest(isWellFormed(executionId) ? read(executionId) : Effect.succeedNone)
}
