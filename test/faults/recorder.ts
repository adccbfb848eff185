/** Calls of a store with everything that is needed to judge them: when they began and ended, and what they told. */
import { type Chunk, Effect, Option, Stream } from "effect"
import type { Checkpoint } from "../../src/schema/Checkpoint.js"
import type * as Errors from "../../src/schema/Errors.js"
import type * as CheckpointStore from "../../src/services/CheckpointStore.js"
import { Attempts, Written } from "./connect.js"
import type { Call, Entry, Event, Happened, Outcome, Seen } from "./history.js"

type Store = CheckpointStore.Service

const large = "z".repeat(9 * 1024)

/** Some payloads are large enough to be staged. */
const stateOf = (tag: string) => ({ tag, text: tag.endsWith("L") ? large : "" })

const seenOf = ({ executionId, id, state, version }: Checkpoint<unknown>): Seen => ({
  execution: Option.getOrElse(executionId, () => ""),
  id,
  version,
  tag: String(Reflect.get(Object(state), "tag"))
})

const ok = (found: ReadonlyArray<Checkpoint<unknown>>, number = found.length): Outcome => ({
  _tag: "Ok",
  seen: found.map(seenOf),
  number
})

const streamed = (pages: Chunk.Chunk<Chunk.Chunk<Checkpoint<unknown>>>): Outcome => {
  const seen = Array.from(pages, (page) => Array.from(page, seenOf))
  return { _tag: "Ok", seen: seen.flat(), number: seen.flat().length, pages: seen }
}

const counted = (number: number | boolean): Outcome => ok([], Number(number))

type Failure =
  | Errors.CheckpointConflict
  | Errors.CheckpointDecodeError
  | Errors.CheckpointEncodeError
  | Errors.CheckpointNotFound
  | Errors.StorageError

const run = (store: Store, executionId: string, call: Call): Effect.Effect<Outcome, Failure> => {
  const entry = (tag: string) => ({ executionId, nodeName: "node", state: stateOf(tag) })
  switch (call.verb) {
    case "save":
      return Effect.as(store.save({ ...entry(call.tag), id: call.id, version: call.version }), ok([]))
    case "saveAll":
      return Effect.as(
        store.saveAll(call.entries.map(({ id, tag, version }) => ({ ...entry(tag), id, version }))),
        ok([])
      )
    case "compareAndSet":
      return Effect.as(
        store.save({ ...entry(call.tag), id: call.id, version: call.version }, { expectedVersion: call.expected }),
        ok([])
      )
    case "append": {
      const after = call.after === undefined ? undefined : { version: call.after }
      const input = { nodeName: "node", state: stateOf(call.tag) }
      return Effect.map(
        after === undefined ? store.append(executionId, input) : store.append(executionId, { ...input, after }),
        (made) => ok([made])
      )
    }
    case "load":
      return Effect.map(store.load(call.id), (found) => ok([found]))
    case "loadAll":
      return Effect.map(store.loadAll(call.ids), (found) => ok([...found.values()]))
    case "exists":
      return Effect.map(store.exists(call.id), counted)
    case "latest":
      return Effect.map(store.latest(executionId), (found) => ok(Option.toArray(found)))
    case "list":
      return Effect.map(store.list(executionId), (found) => ok(found))
    case "stream":
      return Effect.map(Stream.runCollect(Stream.chunks(store.stream(executionId))), streamed)
    case "copy":
      return Effect.map(store.copy(executionId, call.to), counted)
    case "count":
      return Effect.map(store.count(executionId), counted)
    case "delete":
      return Effect.map(store.delete(call.id), counted)
    case "clear":
      return Effect.map(store.clear(executionId), counted)
  }
}

/** What the clients write can be stored, and what they read they have written: the other errors are defects. */
const outcomeOf = (error: Failure): Effect.Effect<Outcome> => {
  switch (error._tag) {
    case "CheckpointNotFound":
      return Effect.succeed(ok([]))
    case "CheckpointConflict":
      return Effect.succeed({ _tag: "Conflict", head: error.actual, isLoss: error.isLoss })
    case "RedisCommandError":
      return Effect.succeed({ _tag: "Refused", code: error.code })
    case "RedisConnectionError":
      return Effect.succeed({ _tag: error.outcome, reason: error.reason })
    default:
      return Effect.die(error)
  }
}

const failures: ReadonlySet<Outcome["_tag"]> = new Set(["Refused", "NotSent", "Unknown"])

export interface Recorder {
  readonly events: ReadonlyArray<Event>
  /** How many calls and attempts of calls have failed so far. */
  readonly troubles: () => number
  /** Runs a call and records it. */
  readonly call: (store: Store, execution: string, call: Call) => Effect.Effect<Outcome>
  /** Records what a server does to its data. */
  readonly happens: <A, E, R>(what: Happened["what"], effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** A tag that no other write has. */
  readonly tag: (isLarge: boolean) => string
}

export const make = (): Recorder => {
  const events: Array<Event> = []
  let now = 0
  let tags = 0
  let troubles = 0
  const call: Recorder["call"] = (store, execution, call) =>
    Effect.suspend(() => {
      const begun = now++
      const lost: Array<number> = []
      const copied: Array<Entry> = []
      return run(store, execution, call).pipe(
        Effect.catchAll(outcomeOf),
        Effect.provideService(Attempts, {
          failed: (error) => {
            troubles++
            if (error._tag === "RedisConnectionError" && error.outcome === "Unknown") lost.push(now++)
          }
        }),
        Effect.provideService(Written, {
          saves: call.verb === "copy" ? (entries) => void copied.push(...entries) : undefined
        }),
        Effect.tap((outcome) =>
          Effect.sync(() => {
            if (failures.has(outcome._tag)) troubles++
            events.push({ _tag: "Called", execution, call, begun, lost, ended: now++, outcome, copied })
          })
        )
      )
    })
  const happens: Recorder["happens"] = (what, effect) =>
    Effect.suspend(() => {
      const begun = now++
      return Effect.tap(effect, () =>
        Effect.sync(() => {
          events.push({ _tag: "Happened", what, begun, ended: now++ })
        }))
    })
  return { events, troubles: () => troubles, call, happens, tag: (isLarge) => `t${tags++}${isLarge ? "L" : ""}` }
}
