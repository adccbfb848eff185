import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Proxy from "../../support/Proxy.js"
import { RedisServer } from "../../support/RedisServer.js"
import { deleteAgainstSave, moveAgainstClear, oneWinner, small, staged } from "../checks.js"
import type { Violation } from "../invariants.js"
import * as Random from "../random.js"
import { open, type Opened, openMany } from "../stores.js"
import { stress } from "../stress.js"
import { lostReply } from "./lostReply.js"
import * as Mutants from "./mutants.js"

const sound: Mutants.Mutant = ({ store }) => store

/** Four connections to a server of their own, through stores that a mutant made. */
const arena = (mutant: Mutants.Mutant) =>
  Effect.gen(function*() {
    const server = yield* RedisServer.make()
    const raw = yield* server.connect
    const opened = yield* openMany(4, { port: server.port })
    return { stores: opened.map(mutant), raw, layout: opened[0]!.store.layout }
  })

const checks = {
  "stress": (mutant: Mutants.Mutant) =>
    Effect.flatMap(arena(mutant), (arena) =>
      Effect.map(
        stress({
          ...arena,
          random: Random.make(Random.seedOf("mutants")),
          phases: 12,
          phaseMillis: 250,
          fibersPerStore: 6,
          stopAtFirst: mutant !== sound
        }),
        ({ violations }) => violations
      )),
  "delete against save": (mutant: Mutants.Mutant) =>
    Effect.flatMap(arena(mutant), (arena) => deleteAgainstSave(arena, 100, small)),
  "move against clear": (mutant: Mutants.Mutant) =>
    Effect.flatMap(arena(mutant), (arena) =>
      Effect.iterate({ found: [] as ReadonlyArray<Violation>, runs: 0 }, {
        while: ({ found, runs }) => found.length === 0 && runs < (mutant === sound ? 2 : 20),
        body: ({ runs }) => Effect.map(moveAgainstClear(arena, 10, small), (found) => ({ found, runs: runs + 1 }))
      })).pipe(Effect.map(({ found }) => found)),
  "one winner": (mutant: Mutants.Mutant) =>
    Effect.flatMap(
      arena(mutant),
      (arena) =>
        Effect.zipWith(oneWinner(arena, 4, small, false), oneWinner(arena, 4, staged, true), (a, b) => [...a, ...b])
    )
}

type Check = keyof typeof checks

const { resending, ...drawn } = Mutants

const caughtBy: { readonly [Name in keyof typeof drawn]: ReadonlyArray<Check> } = {
  pipelinedSave: ["stress"],
  transactionalSave: ["stress"],
  readThenClear: ["stress", "move against clear"],
  readThenDelete: ["stress"],
  uncomparedHead: ["one winner"],
  getThenSet: ["one winner"],
  lastTtl: ["stress"],
  eternalStage: ["stress"]
}

interface Line {
  readonly mutant: string
  readonly check: string
  readonly violations: number
  readonly first: string
}

const table: Array<Line> = []

const record = (mutant: string, check: string, found: ReadonlyArray<Violation>) =>
  table.push({
    mutant,
    check,
    violations: found.length,
    first: found[0] === undefined ? "" : `${found[0].rule} ${found[0].detail}`.slice(0, 90)
  })

afterAll(() => console.table(table))

describe.each(Object.keys(checks) as ReadonlyArray<Check>)("%s", (check) => {
  it.scopedLive("passes the store", () =>
    Effect.gen(function*() {
      const found = yield* checks[check](sound)
      record("(the store)", check, found)
      assert.deepStrictEqual(found, [])
    }))

  for (const [name, mutant] of Object.entries(drawn)) {
    if (!caughtBy[name as keyof typeof drawn].includes(check)) continue
    it.scopedLive(`rejects ${name}`, () =>
      Effect.gen(function*() {
        const found = yield* checks[check](mutant)
        record(name, check, found)
        assert.isAbove(found.length, 0)
      }))
  }
})

describe.each(["delete", "save"] as const)("a lost reply, then a %s by another", (newer) => {
  const undone = (storeOf: (opened: Opened) => Effect.Effect<Opened["store"]>) =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const proxy = yield* Proxy.make({ target: server.port })
      const slow = yield* open({ port: proxy.port, reconnectDelay: "5 millis", maxReconnectDelay: "20 millis" })
      const { store } = yield* open({ port: server.port })
      return yield* lostReply(yield* storeOf(slow), proxy, store, newer)
    })

  it.scopedLive("passes the store", () =>
    Effect.gen(function*() {
      const found = yield* undone(({ store }) => Effect.succeed(store))
      record("(the store)", `lost reply, ${newer}`, found)
      assert.deepStrictEqual(found, [])
    }))

  it.scopedLive("rejects resending", () =>
    Effect.gen(function*() {
      const found = yield* undone(resending)
      record("resending", `lost reply, ${newer}`, found)
      assert.strictEqual(found.length, 1)
    }))
})
