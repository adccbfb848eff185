/** Concurrent clients that draw calls, before, while and after something breaks. */
import { Deferred, Effect, Schedule } from "effect"
import type * as CheckpointStore from "../../src/services/CheckpointStore.js"
import type { Random } from "../races/random.js"
import type { Call, Outcome } from "./history.js"
import type { Recorder } from "./recorder.js"

type Store = CheckpointStore.Service

/** What a client remembers of an execution. */
interface Memory {
  head: number
  readonly ids: Set<string>
}

const choices: ReadonlyArray<Call["verb"]> = [
  ...Array<"save">(3).fill("save"),
  "saveAll",
  "saveAll",
  ...Array<"compareAndSet">(4).fill("compareAndSet"),
  ...Array<"append">(4).fill("append"),
  ...Array<"load">(3).fill("load"),
  "loadAll",
  "loadAll",
  ...Array<"exists">(3).fill("exists"),
  ...Array<"latest">(3).fill("latest"),
  ...Array<"list">(2).fill("list"),
  "stream",
  "stream",
  "count",
  "delete",
  "delete",
  "clear",
  ...Array<"copy">(3).fill("copy")
]

/** Where copies of an execution go, and others write, too. */
export const forksOf = (execution: string): ReadonlyArray<string> => [`${execution}-fork`, `${execution}-other`]

const remember = (memory: Memory, call: Call, outcome: Outcome): void => {
  if (outcome._tag === "Conflict") memory.head = outcome.head
  if (outcome._tag !== "Ok") return
  for (const { id, version } of outcome.seen) {
    memory.ids.add(id)
    memory.head = call.verb === "latest" ? version : Math.max(memory.head, version)
  }
  if (call.verb === "clear") memory.head = 0
}

const places = ["a", "b", "c"] as const

/** One id is of all executions: saving it moves it. */
const draw = (random: Random, recorder: Recorder, execution: string, { head, ids }: Memory): Call => {
  const verb = random.pick(choices)
  const id = random.chance(0.2) ? `${execution.split("-")[0]}/shared` : `${execution}/${random.pick(places)}`
  const known = random.pick([id, ...ids])
  const tag = recorder.tag(random.chance(0.2))
  switch (verb) {
    case "save":
      return { verb, id, version: 1 + random.integer(6), tag }
    case "saveAll":
      return {
        verb,
        entries: places.slice(random.integer(2)).map((place) => ({
          id: `${execution}/${place}`,
          version: 1 + random.integer(6),
          tag: recorder.tag(random.chance(0.2))
        }))
      }
    case "compareAndSet":
      return { verb, id, version: head + 1, tag, expected: head }
    case "append":
      return { verb, tag, after: random.chance(0.5) ? head : undefined }
    case "loadAll":
      return { verb, ids: [...new Set([id, known, `${execution}/${random.pick(places)}`])] }
    case "copy":
      return { verb, to: random.pick(forksOf(execution)) }
    case "load":
    case "exists":
      return { verb, id: known }
    case "delete":
      return { verb, id: known }
    default:
      return { verb }
  }
}

export interface Crowd {
  /** One client each; stores may stand on the same connection. */
  readonly stores: ReadonlyArray<Store>
  readonly recorder: Recorder
  readonly random: Random
  readonly executions: ReadonlyArray<string>
}

/** What a strike can wait for, bounded. */
export interface Watch {
  /** Until as many attempts failed as there are clients, or all clients wait for the end of the strike. */
  readonly noticed: Effect.Effect<void>
  /** Until so many more calls have ended, or all clients wait. */
  readonly progress: (calls: number) => Effect.Effect<void>
}

const calls = { before: 3, during: 4, after: 3 }

const until = (done: () => boolean) =>
  Effect.sync(done).pipe(
    Effect.repeat({ until: (yes) => yes, schedule: Schedule.spaced("2 millis") }),
    Effect.timeout("2 seconds"),
    Effect.ignore
  )

const client = (crowd: Crowd, store: Store, random: Random) => {
  const memories = new Map<string, Memory>()
  return Effect.suspend(() => {
    const original = random.pick(crowd.executions)
    const execution = random.chance(0.2) ? random.pick(forksOf(original)) : original
    const memory = memories.get(execution) ?? { head: 0, ids: new Set() }
    memories.set(execution, memory)
    const call = draw(random, crowd.recorder, execution, memory)
    return Effect.map(crowd.recorder.call(store, execution, call), (outcome) => remember(memory, call, outcome))
  })
}

/** Everybody calls; when half of the first calls are done `strike` runs, and at its end the last calls begin. */
export const run = <E, R>(crowd: Crowd, strike: (watch: Watch) => Effect.Effect<void, E, R>) =>
  Effect.gen(function*() {
    const healed = yield* Deferred.make<void, E>()
    const { events } = crowd.recorder
    let waiting = 0
    let over = false
    const all = () => waiting === crowd.stores.length
    const watch: Watch = {
      noticed: until(() => crowd.recorder.troubles() >= crowd.stores.length || all()),
      progress: (more) => {
        const target = events.length + more
        return until(() => events.length >= target || all())
      }
    }
    const clients = crowd.stores.map((store) => {
      const next = client(crowd, store, crowd.random.fork())
      return Effect.gen(function*() {
        yield* Effect.repeatN(next, calls.before - 1)
        for (let n = 0; n < calls.during && !over; n++) yield* next
        waiting++
        yield* Deferred.await(healed)
        yield* Effect.repeatN(next, calls.after - 1)
      })
    })
    const struck = watch.progress(crowd.stores.length * 2).pipe(
      Effect.zipRight(strike(watch)),
      Effect.ensuring(Effect.sync(() => {
        over = true
      })),
      Effect.intoDeferred(healed)
    )
    yield* Effect.all([struck, ...clients], { concurrency: "unbounded", discard: true })
    yield* Deferred.await(healed)
  })
