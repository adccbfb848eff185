/** One writer of one execution, who goes on whatever happens and notes what it was told. */
import { Effect } from "effect"
import type { CheckpointStore, Errors } from "effect-checkpoint"

type Failure =
  | Errors.CheckpointConflict
  | Errors.CheckpointDecodeError
  | Errors.CheckpointEncodeError
  | Errors.StorageError

export interface Notes {
  readonly executionId: string
  /** Versions that were acknowledged and not reported as lost since. */
  readonly held: Set<number>
  acknowledged: number
  /** Acknowledged versions that a conflict said are gone. */
  lost: number
  /** Conflicts that are neither a loss nor explained by an answer that never came. */
  readonly unexplained: Array<Errors.CheckpointConflict>
  readonly errors: Array<Errors.StorageError>
}

const forget = ({ held }: Notes, above: number): number => {
  const gone = [...held].filter((version) => version > above)
  for (const version of gone) held.delete(version)
  return gone.length
}

/** What the writer goes on from. `doubt`: the answer to its last append never came. */
interface Place {
  readonly version: number
  readonly doubt: boolean
}

const afterConflict = (notes: Notes, { doubt }: Place, conflict: Errors.CheckpointConflict): Place => {
  // A loss may take with it what an answer that never came had written.
  if (conflict.isLoss) notes.lost += forget(notes, conflict.actual)
  else if (!doubt || conflict.actual !== conflict.expected + 1) notes.unexplained.push(conflict)
  return { version: conflict.actual, doubt: false }
}

const afterFailure = (notes: Notes, place: Place, failure: Failure): Effect.Effect<Place> => {
  if (failure._tag === "CheckpointConflict") return Effect.succeed(afterConflict(notes, place, failure))
  if (failure._tag !== "RedisConnectionError" && failure._tag !== "RedisCommandError") return Effect.die(failure)
  notes.errors.push(failure)
  const unknown = failure._tag === "RedisConnectionError"
    ? failure.outcome === "Unknown"
    : failure.code === "NOTDURABLE"
  return Effect.as(Effect.sleep("5 millis"), { version: place.version, doubt: place.doubt || unknown })
}

const step = (store: CheckpointStore.Service, notes: Notes) => (place: Place): Effect.Effect<Place> =>
  store.append(notes.executionId, { nodeName: "n", state: place.version, after: place }).pipe(
    Effect.map(({ version }) => {
      notes.acknowledged++
      notes.held.add(version)
      return { version, doubt: false }
    }),
    Effect.catchAll((failure) => afterFailure(notes, place, failure))
  )

export const notesOf = (executionId: string): Notes => ({
  executionId,
  held: new Set(),
  acknowledged: 0,
  lost: 0,
  unexplained: [],
  errors: []
})

/** Appends, each time after what it knows, until it is interrupted. */
export const write = (store: CheckpointStore.Service, notes: Notes): Effect.Effect<never> =>
  Effect.iterate({ version: 0, doubt: false }, { while: () => true, body: step(store, notes) }) as Effect.Effect<never>
