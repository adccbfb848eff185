/** A keyspace in memory that acknowledges a program once its changes are in the journal. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { StorageError } from "../schema/Errors.js"
import type { Command } from "../services/RedisProgram.js"
import type { Reply } from "../services/RedisReply.js"
import * as journal from "./journal.js"
import { Changes } from "./journalChanges.js"
import type { Store } from "./journalStore.js"
import { Keyspace } from "./keyspace/Keyspace.js"
import { aborted, type Keeper, type Kind, run } from "./memoryRedis.js"

class State {
  constructor(readonly keyspace: Keyspace, public position: journal.Position) {}
}

const play = (keyspace: Keyspace) => ({ lines, now }: journal.Batch): void => {
  for (const [name, ...args] of lines) keyspace.execute(now, name, args)
}

const load = (store: Store, changes: Changes): Effect.Effect<State, StorageError> =>
  Effect.suspend(() => {
    const keyspace = new Keyspace()
    return Effect.map(journal.load(store, play(keyspace)), (position) => {
      changes.observe(keyspace)
      return new State(keyspace, position)
    })
  })

/** Opens the store, and owns it until another process opens it. */
export const make = (store: Store, journalBytes: number): Effect.Effect<Keeper, StorageError> =>
  Effect.gen(function*() {
    const token = crypto.randomUUID()
    const checkOwner = journal.checkOwner(store, token)
    const turn = (yield* Effect.makeSemaphore(1)).withPermits(1)
    const changes = new Changes()
    yield* journal.claim(store, token)
    /** Undefined once memory may differ from the store. */
    let state: State | undefined = yield* load(store, changes)

    const current = Effect.suspend(() => {
      if (state !== undefined) return Effect.succeed(state)
      const reloaded = Effect.zipRight(checkOwner, load(store, changes))
      return Effect.tap(reloaded, (loaded) => Effect.sync(() => state = loaded))
    })
    const distrustMemory = Effect.sync(() => state = undefined)

    const compact = (state: State, now: number) =>
      journal.compact(store, state.position, { now, lines: [...state.keyspace.dump(now)] }, checkOwner).pipe(
        Effect.map((position) => void (state.position = position)),
        Effect.catchAllCause((cause) =>
          Effect.zipRight(distrustMemory, Effect.logWarning("the embedded store was not compacted", cause))
        )
      )

    const commit = Effect.fnUntraced(function*(state: State, now: number) {
      const lines = changes.takeLines()
      if (lines.length === 0) return
      yield* checkOwner
      state.position = yield* journal.append(store, state.position, { now, lines })
      if (journal.isDue(state.position, journalBytes)) yield* compact(state, now)
    })

    const apply = (state: State, commands: ReadonlyArray<Command>): Effect.Effect<ReadonlyArray<Reply>, StorageError> =>
      Clock.currentTimeMillis.pipe(
        Effect.flatMap((now) => {
          const replies = run(state.keyspace, now, commands)
          return Effect.as(commit(state, now), replies)
        }),
        Effect.onError(() => distrustMemory),
        Effect.uninterruptible
      )

    return {
      roundTrip: (kind: Kind, commands) =>
        Effect.suspend(() => {
          const refusal = aborted(kind, commands)
          return refusal === undefined
            ? turn(Effect.flatMap(current, (state) => apply(state, commands)))
            : Effect.fail(refusal)
        }),
      expireDue: turn(Effect.map(Clock.currentTimeMillis, (now) => state?.keyspace.expireDue(now))),
      takeExpired: Effect.sync(() => changes.takeExpired())
    }
  })
