/**
 * A write-ahead log in a `KeyValueStore` whose `set` need not be atomic. Each
 * batch is one new entry, so it is there entirely or not at all; now and then a
 * snapshot takes the place of the entries so far.
 *
 * `owner` holds the token of the process that opened the store last.
 */
import * as Effect from "effect/Effect"
import type { RedisConnectionError } from "../schema/Errors.js"
import { entryKey, type Head, readHead, snapshotKey, writeHead } from "./journalHead.js"
import { damaged, failure, has, read, readText, remove, type Store, write, writeText } from "./journalStore.js"
import type { Line } from "./keyspace/dump.js"

/** Commands that were executed at one instant. */
export interface Batch {
  readonly now: number
  readonly lines: ReadonlyArray<Line>
}

/** Where the log ends. */
export interface Position {
  readonly head: Head
  /** The number of the next entry. */
  readonly next: number
  readonly journalSize: number
  readonly snapshotSize: number
  /** Whether nothing obsolete is left. */
  readonly swept: boolean
}

const ownerKey = "owner"

export const claim = (store: Store, token: string): Effect.Effect<void, RedisConnectionError> =>
  writeText(store, ownerKey, token)

export const checkOwner = (store: Store, token: string): Effect.Effect<void, RedisConnectionError> =>
  Effect.flatMap(readText(store, ownerKey), (owner) =>
    owner === token
      ? Effect.void
      : Effect.fail(failure("NotSent", new Error("Another process opened the same store, and owns it now"))))

/** An entry costs a file, however small it is. */
const leastSize = 1024

type Play = (batch: Batch) => void

interface Stored extends Batch {
  readonly number: number
}

const readSnapshot = (store: Store, { generation }: Head, play: Play): Effect.Effect<number, RedisConnectionError> =>
  Effect.gen(function*() {
    if (generation === 0) return 0
    const key = snapshotKey(generation)
    const entry = yield* read(store, key)
    if (entry?._tag !== "Whole") return yield* damaged(key, entry === undefined ? "is gone" : "is cut off")
    // The checksum says that `compact` wrote it.
    const snapshot = entry.value as Stored
    if (snapshot.number !== generation) return yield* damaged(key, `is of generation ${snapshot.number}`)
    play(snapshot)
    return entry.size
  })

/** A last entry that is cut off was never acknowledged: it is as if it were not there. */
const readEntry = (
  store: Store,
  number: number
): Effect.Effect<(Stored & { size: number }) | undefined, RedisConnectionError> =>
  Effect.gen(function*() {
    const key = entryKey(number)
    const entry = yield* read(store, key)
    if (entry?._tag === "Whole") {
      // The checksum says that `append` wrote it.
      const stored = entry.value as Stored
      if (stored.number !== number) return yield* damaged(key, `is entry ${stored.number}`)
      return { ...stored, size: entry.size }
    }
    if (!(yield* has(store, entryKey(number + 1)))) return undefined
    return yield* damaged(
      key,
      entry === undefined ? "is gone, and later ones are there" : "is cut off, and is not the last"
    )
  })

/** Plays all that was acknowledged, in order. */
export const load = (store: Store, play: Play): Effect.Effect<Position, RedisConnectionError> =>
  Effect.gen(function*() {
    const head = yield* readHead(store)
    const snapshotSize = yield* readSnapshot(store, head, play)
    let next = head.first
    let journalSize = 0
    for (let entry = yield* readEntry(store, next); entry; entry = yield* readEntry(store, next)) {
      play(entry)
      journalSize += Math.max(entry.size, leastSize)
      next++
    }
    return yield* sweep(store, { head, next, journalSize, snapshotSize, swept: false })
  })

/** Acknowledged once this succeeds. */
export const append = (
  store: Store,
  position: Position,
  batch: Batch
): Effect.Effect<Position, RedisConnectionError> =>
  Effect.map(write(store, entryKey(position.next), { number: position.next, ...batch }), (size) => ({
    ...position,
    next: position.next + 1,
    journalSize: position.journalSize + Math.max(size, leastSize)
  }))

/** When the journal has outgrown the snapshot, so that each byte is copied a bounded number of times. */
export const isDue = ({ journalSize, snapshotSize }: Position, least: number): boolean =>
  journalSize > Math.max(least, snapshotSize)

/** Puts a snapshot in the place of all entries. `check` runs before the switch. */
export const compact = (
  store: Store,
  { head, next, swept }: Position,
  snapshot: Batch,
  check: Effect.Effect<void, RedisConnectionError>
): Effect.Effect<Position, RedisConnectionError> =>
  Effect.gen(function*() {
    const generation = head.generation + 1
    const snapshotSize = yield* write(store, snapshotKey(generation), { number: generation, ...snapshot })
    const switched = { generation, first: next, obsolete: swept ? head.first : head.obsolete }
    yield* check
    yield* writeHead(store, switched)
    return yield* sweep(store, { head: switched, next, journalSize: 0, snapshotSize, swept: false })
  })

/**
 * Removes what the head has replaced, the first obsolete entry last: once it is
 * gone all are. What cannot be removed now is tried again by the next sweep.
 */
const sweep = (store: Store, position: Position): Effect.Effect<Position> =>
  Effect.gen(function*() {
    const { first, generation, obsolete } = position.head
    yield* remove(store, snapshotKey(generation + 1))
    if (yield* has(store, entryKey(obsolete))) {
      for (let number = first - 1; number >= obsolete; number--) yield* remove(store, entryKey(number))
    }
    return { ...position, swept: true }
  }).pipe(
    Effect.catchAll((error) =>
      Effect.as(Effect.logWarning("obsolete entries of the embedded store were not removed", error), position)
    )
  )
