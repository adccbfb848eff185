/**
 * Where the current snapshot and the first journal entry after it are. Two
 * slots take turns, so that one is whole while the other is written.
 */
import * as Effect from "effect/Effect"
import type { RedisConnectionError } from "../schema/Errors.js"
import { damaged, has, read, type Store, write } from "./journalStore.js"

export interface Head {
  /** How many snapshots there were; 0 before the first. */
  readonly generation: number
  /** The first journal entry that the snapshot does not cover. */
  readonly first: number
  /** Entries from here to `first` are covered, and perhaps not removed yet. */
  readonly obsolete: number
}

export const entryKey = (number: number): string => `journal-${number}`
export const snapshotKey = (generation: number): string => `snapshot-${generation % 2}`
const headKey = (generation: number): string => `head-${generation % 2}`

const start: Head = { generation: 0, first: 1, obsolete: 1 }

type Slot = Head | "Torn" | undefined

const isHead = (slot: Slot): slot is Head => typeof slot === "object"

const readSlot = (store: Store, slot: number): Effect.Effect<Slot, RedisConnectionError> =>
  // The checksum says that `writeHead` wrote it.
  Effect.map(read(store, headKey(slot)), (entry) => entry?._tag === "Whole" ? entry.value as Head : entry?._tag)

/**
 * Without a whole head there was no snapshot yet. Then the journal has its
 * beginning, unless the store is empty; else entries were lost.
 */
const beforeFirstSnapshot = (store: Store, slots: ReadonlyArray<Slot>): Effect.Effect<Head, RedisConnectionError> =>
  Effect.gen(function*() {
    const begun = yield* has(store, entryKey(1))
    for (const generation of [0, 1]) {
      const torn = slots[generation] === "Torn"
      const orphaned = yield* has(store, snapshotKey(generation))
      const explained = generation === 1 && begun
      if ((torn || orphaned) && !explained) return yield* damaged(headKey(generation), torn ? "is cut off" : "is gone")
    }
    return start
  })

export const readHead = (store: Store): Effect.Effect<Head, RedisConnectionError> =>
  Effect.gen(function*() {
    const slots = yield* Effect.all([readSlot(store, 0), readSlot(store, 1)])
    const heads = slots.filter(isHead).toSorted((a, b) => b.generation - a.generation)
    return heads[0] ?? (yield* beforeFirstSnapshot(store, slots))
  })

export const writeHead = (store: Store, head: Head): Effect.Effect<unknown, RedisConnectionError> =>
  write(store, headKey(head.generation), head)
