/** Races of two verbs, round by round. Each gives what it found broken: of a sound store, nothing. */
import { Effect } from "effect"
import type * as CheckpointStore from "../../src/services/CheckpointStore.js"
import type { KeyLayout } from "../../src/services/KeyLayout.js"
import type { RawRedis } from "../support/RawRedis.js"
import type { Violation } from "./invariants.js"
import { inspect } from "./invariants.js"

type Store = CheckpointStore.Service

export interface Arena {
  readonly stores: ReadonlyArray<Store>
  readonly raw: RawRedis
  readonly layout: KeyLayout
}

export const small = { step: 1 }
export const staged = { step: 2, text: "y".repeat(9 * 1024) }

const rounds = <E>(count: number, round: (n: number) => Effect.Effect<ReadonlyArray<Violation>, E>) =>
  Effect.map(Effect.forEach(Array.from({ length: count }, (_, n) => n), round), (found) => found.flat())

const together = <E>(effects: ReadonlyArray<Effect.Effect<unknown, E>>) =>
  Effect.all(effects, { concurrency: "unbounded", discard: true })

const checkpoint = (id: string, executionId: string, version: number, state: unknown) => ({
  id,
  executionId,
  nodeName: "node",
  state,
  version
})

const invariants = (arena: Arena) => Effect.map(inspect(arena.raw, arena.layout), (report) => report.violations)

/** A checkpoint that is saved and deleted at once is there or is gone, with its index entry. */
export const deleteAgainstSave = (arena: Arena, count: number, state: unknown) =>
  rounds(count, (n) => {
    const [one, other] = [arena.stores[n % arena.stores.length]!, arena.stores[(n + 1) % arena.stores.length]!]
    const executionId = `deleted-${n % 3}`
    return Effect.gen(function*() {
      yield* one.save(checkpoint(`d-${n}`, executionId, n, state))
      yield* together([one.delete(`d-${n}`), other.save(checkpoint(`d-${n}`, executionId, n, state))])
      return yield* invariants(arena)
    })
  })

/** What has moved to another execution is there, whoever clears the first one meanwhile. */
export const moveAgainstClear = (arena: Arena, count: number, state: unknown) =>
  rounds(count, (n) => {
    const ids = Array.from({ length: 8 }, (_, i) => `m-${n}-${i}`)
    const [one, other, third] = arena.stores as readonly [Store, Store, Store]
    const [from, to] = [`from-${n}`, `to-${n}`]
    return Effect.gen(function*() {
      yield* one.saveAll(ids.map((id, i) => checkpoint(id, from, i + 1, state)))
      yield* together([
        ...ids.map((id, i) => other.save(checkpoint(id, to, i + 1, state))),
        one.clear(from),
        third.clear(from)
      ])
      const found = new Set((yield* one.list(to)).map(({ id }) => id))
      const lost = ids.filter((id) => !found.has(id))
      return [
        ...lost.map((id): Violation => ({ rule: "I2", detail: `${id} was moved to ${to} and is lost` })),
        ...(yield* invariants(arena))
      ]
    })
  })

const writers = 32

/** Among writers that expect the same head one wins; the others learn where the head is, and change nothing. */
export const oneWinner = (arena: Arena, count: number, state: unknown, sameId: boolean) =>
  rounds(count, (n) => {
    const executionId = `contended-${sameId}`
    const attempt = (_: unknown, i: number) =>
      arena.stores[i % arena.stores.length]!.save(
        checkpoint(sameId ? `w-${n}` : `w-${n}-${i}`, executionId, n + 1, { ...Object(state), writer: i }),
        { expectedVersion: n }
      ).pipe(
        Effect.as({ writer: i, told: "won" }),
        Effect.catchTag(
          "CheckpointConflict",
          ({ actual, expected }) => Effect.succeed({ writer: i, told: `expected ${expected}, actual ${actual}` })
        )
      )
    return Effect.gen(function*() {
      const results = yield* Effect.all(Array.from({ length: writers }, attempt), { concurrency: "unbounded" })
      const won = results.filter(({ told }) => told === "won")
      const misled = results.filter(({ told }) => told !== "won" && told !== `expected ${n}, actual ${n + 1}`)
      const kept = (yield* arena.stores[0]!.list(executionId)).slice(n)
        .map((checkpoint) => (checkpoint.state as { readonly writer: number }).writer)
      const problem = (detail: string): Violation => ({ rule: "I6", detail: `round ${n}: ${detail}` })
      return [
        ...won.length === 1 ? [] : [problem(`${won.length} winners`)],
        ...misled.map(({ told, writer }) => problem(`writer ${writer} was told: ${told}`)),
        ...kept.join() === won.map(({ writer }) => writer).join() ? [] : [problem(`kept ${kept.join()}`)],
        ...(yield* invariants(arena))
      ]
    })
  })
