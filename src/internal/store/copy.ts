import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Checkpoint, Input } from "../../schema/Checkpoint.js"
import type { CheckpointDecodeError, StorageError } from "../../schema/Errors.js"
import { CheckpointEncodeError } from "../../schema/Errors.js"
import type { Store } from "../../services/CheckpointStore.js"
import { type Call, verb } from "../observe.js"
import { behindWrites } from "../outcome.js"
import { idOf } from "./append.js"
import { encoded } from "./codec.js"
import type { Core } from "./core.js"
import { decoding, inPlace } from "./decoding.js"
import type { Window } from "./pages.js"
import { readPage, windowOf } from "./pages.js"
import { prepare, send, sendAll } from "./writing.js"

const observe = verb("copy")

const pageSize = 500

/** Copies with the same version keep their order by a running number behind the id. */
interface Progress {
  readonly copied: number
  readonly version: number
  readonly ties: number
}

const advance = (progress: Progress, version: number): Progress => ({
  copied: progress.copied + 1,
  version,
  ties: progress.copied > 0 && progress.version === version ? progress.ties + 1 : 0
})

const copyOf = (source: Checkpoint<unknown>, to: string, { ties }: Progress): Input<unknown> => ({
  ...source,
  id: ties === 0 ? idOf(to, source.version) : `${idOf(to, source.version)}.${String(ties).padStart(6, "0")}`,
  executionId: Option.some(to)
})

const read = (
  core: Call,
  from: string,
  window: Window
): Effect.Effect<
  readonly [ReadonlyArray<Checkpoint<unknown>>, Option.Option<Window>],
  CheckpointDecodeError | StorageError
> =>
  Effect.flatMap(readPage(core, from, window, pageSize), ({ found, rest }) =>
    Effect.map(
      decoding(core, encoded).all(found, inPlace(core, from, []), {}),
      (checkpoints) => [checkpoints, rest(0)] as const
    ))

const copyAll = (core: Call): Store<unknown>["copy"] => {
  const prepared = prepare(core, encoded, "copy")
  const write = (copies: ReadonlyArray<Input<unknown>>, first: boolean) =>
    Effect.flatMap(
      Effect.forEach(copies, (copy, i) =>
        prepared(copy, { maxCheckpoints: Infinity, expectedVersion: first && i === 0 ? 0 : undefined })),
      (all) => {
        const [head] = all
        // Not 0: the target may have a checkpoint at version 0.
        return first && head !== undefined
          ? Effect.zipRight(
            send(core, { ...head, options: { ...head.options, expectedVersion: "none" } }),
            behindWrites(sendAll(core, all.slice(1)))
          )
          : sendAll(core, all)
      }
    )
  const from = (source: string, to: string, window: Window, progress: Progress): ReturnType<Store<unknown>["copy"]> =>
    Effect.flatMap(read(core, source, window), ([checkpoints, rest]) => {
      let next = progress
      const copies = checkpoints.map((checkpoint) => {
        next = advance(next, checkpoint.version)
        return copyOf(checkpoint, to, next)
      })
      return Effect.zipRight(
        write(copies, progress.copied === 0),
        Option.match(rest, {
          onNone: () => Effect.succeed(next.copied),
          onSome: (window) => behindWrites(from(source, to, window, next))
        })
      )
    })
  return (source, to) => from(source, to, windowOf({}), { copied: 0, version: 0, ties: 0 })
}

const setIndex = "copy needs the sorted-set index; the layer was built with index: \"set\""

export const copy = (core: Core): Store<unknown>["copy"] => (source, to) =>
  observe(core, (core) =>
    core.layout.index === "set"
      ? Effect.fail(new CheckpointEncodeError({ checkpointId: to, issue: setIndex }))
      // The source is left as it is, also in its time to live.
      : copyAll({ ...core, renew: 0 })(source, to))
