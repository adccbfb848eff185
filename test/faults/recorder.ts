/** Calls of a store with everything that is needed to judge them: when they began and ended, and what they told. */
import { Context, Effect, Option, Schedule } from "effect"
import type { Checkpoint } from "../../src/schema/Checkpoint.js"
import type * as Errors from "../../src/schema/Errors.js"
import type * as CheckpointStore from "../../src/services/CheckpointStore.js"
import type { Call, Event, Happened, Outcome, Seen } from "./history.js"

type Store = CheckpointStore.Service

/** Told of each attempt that failed, by the retry schedule, which runs in the fiber of the call. */
class Attempts extends Context.Reference<Attempts>()("test/faults/Attempts", {
  defaultValue: (): { readonly failed: (error: Errors.StorageError) => void } => ({ failed: () => {} })
}) {}

/** A retry schedule that tells the recorder of attempts that failed. */
export const watched = <Out>(retry: Schedule.Schedule<Out, Errors.StorageError>): typeof retry =>
  Schedule.tapInput(retry, (error: Errors.StorageError) => Effect.map(Attempts, ({ failed }) => failed(error)))

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
    case "latest":
      return Effect.map(store.latest(executionId), (found) => ok(Option.toArray(found)))
    case "list":
      return Effect.map(store.list(executionId), (found) => ok(found))
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
      return run(store, execution, call).pipe(
        Effect.catchAll(outcomeOf),
        Effect.provideService(Attempts, {
          failed: (error) => {
            troubles++
            if (error._tag === "RedisConnectionError" && error.outcome === "Unknown") lost.push(now++)
          }
        }),
        Effect.tap((outcome) =>
          Effect.sync(() => {
            if (failures.has(outcome._tag)) troubles++
            events.push({ _tag: "Called", execution, call, begun, lost, ended: now++, outcome })
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
