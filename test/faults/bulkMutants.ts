/** Stores that are broken on purpose in the verbs that take several checkpoints or several steps. */
import { Chunk, Effect, Option, Stream } from "effect"
import { RedisConnectionError } from "../../src/schema/Errors.js"
import type * as CheckpointStore from "../../src/services/CheckpointStore.js"
import { indexKey } from "../../src/services/KeyLayout.js"
import * as P from "../../src/services/RedisProgram.js"
import * as R from "../../src/services/RedisReply.js"
import type { Mutant } from "../races/mutants/mutants.js"
import { pageSize } from "./history.js"
import { appended } from "./model.js"

type Store = CheckpointStore.Service

const copiesOf = (store: Store, from: string, to: string) =>
  Effect.map(store.list(from), (all) =>
    all.map((checkpoint) => ({
      ...checkpoint,
      id: appended(to, checkpoint.version, "").id,
      executionId: Option.some(to)
    })))

const copyWith = (store: Store, mayCopy: (to: string) => ReturnType<Store["exists"]>): Store["copy"] => (from, to) =>
  Effect.flatMap(mayCopy(to), (may) =>
    may
      ? Effect.flatMap(copiesOf(store, from, to), (copies) => Effect.as(store.saveAll(copies), copies.length))
      : store.copy(from, to))

/** Whatever the target has. */
export const copyOver: Mutant = ({ store }) => ({ ...store, copy: copyWith(store, () => Effect.succeed(true)) })

/** COUNT, then the copies. */
export const askThenCopy: Mutant = ({ store }) => ({
  ...store,
  copy: copyWith(store, (to) => Effect.map(store.count(to), (count) => count === 0))
})

/** Takes no notice of an error reply among many. */
export const unheeded: Mutant = ({ store }) => ({
  ...store,
  saveAll:
    ((inputs, options) =>
      Effect.catchTag(store.saveAll(inputs, options), "RedisCommandError", () => Effect.void)) as Store["saveAll"]
})

/** The outcome of the last round trip for that of all. */
export const halfToldAsNothing: Mutant = ({ store }) => ({
  ...store,
  copy: (from, to) =>
    Effect.catchTag(
      store.copy(from, to),
      "RedisConnectionError",
      ({ address, reason }) => Effect.fail(new RedisConnectionError({ reason, address, outcome: "NotSent" }))
    )
})

/** GET for each id, on a network that takes its time. */
export const oneByOne: Mutant = ({ store }) => ({
  ...store,
  loadAll: (ids) =>
    Effect.map(
      Effect.forEach(ids, (id) => Effect.delay(Effect.option(store.load(id)), "5 millis")),
      (found) => new Map(found.flatMap(Option.toArray).map((checkpoint) => [checkpoint.id, checkpoint]))
    )
})

/** Gives what it gave before, and looks again for the next time. */
export const rememberedExistence: Mutant = ({ store }) => {
  const known = new Map<string, boolean>()
  return {
    ...store,
    exists: (id) =>
      Effect.map(store.exists(id), (found) => {
        const before = known.get(id)
        known.set(id, found)
        return before ?? found
      })
  }
}

/** Counts what it has given, in place of where that was. */
export const byRank: Mutant = ({ redis, store }) => ({
  ...store,
  stream: (executionId) => {
    const index = indexKey(store.layout, executionId)
    return Stream.paginateChunkEffect(0, (rank) =>
      Effect.gen(function*() {
        const page = P.command("ZRANGE", [index, rank, rank + pageSize - 1], R.array(R.string))
        const ids = yield* redis.pipeline(page)
        const found = [...(yield* store.loadAll(ids)).values()]
        const here = found.filter((checkpoint) => Option.contains(checkpoint.executionId, executionId))
        const next = ids.length < pageSize ? Option.none() : Option.some(rank + pageSize)
        return [Chunk.unsafeFromArray(here), next] as const
      }))
  }
})
