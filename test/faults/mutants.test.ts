import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { RedisServer } from "../support/RedisServer.js"
import * as Bytes from "./bytes.js"
import { connect } from "./connect.js"
import { faults } from "./faults.js"
import { type Mutant, mutants } from "./mutants.js"
import * as Results from "./results.js"
import * as Trial from "./trial.js"

interface Found {
  readonly told: "history" | "invariants" | "nobody"
  readonly first: string
  readonly calls: number
}

const nobody = { told: "nobody", first: "" } as const

const byCuts = (mutant: Trial.Subject) =>
  Effect.gen(function*() {
    const server = yield* RedisServer.make()
    const direct = (yield* connect({ port: server.port })).store
    const { calls, violations: [first] } = yield* Bytes.cuts(server.port, direct, mutant)
    return { calls, ...(first === undefined ? nobody : { told: "history" as const, first }) }
  })

/** A broken store shows when the right calls meet: it gets more time than a sound one. */
const byRounds = (under: string) => (subject: Trial.Subject) =>
  Effect.map(
    Trial.run(faults.find(({ name }) => name === under)!, { subject, stopAtFirst: true, patience: 10 }),
    ({ broken: [broken], calls: { length: calls }, violations: [first] }): Found => {
      if (first !== undefined) return { calls, told: "history", first }
      return {
        calls,
        ...(broken === undefined ? nobody : { told: "invariants", first: `${broken.rule} ${broken.detail}` })
      }
    }
  )

const trialOf = ({ under }: Mutant): (subject: Trial.Subject) => Effect.Effect<Found, unknown, Scope.Scope> =>
  under === "cuts" ? byCuts : byRounds(under)

const brief = (first: string) => (first.split("\n").at(-1) ?? "").trim().replaceAll("|", "/").slice(0, 120)

describe("a broken store is rejected", () => {
  it.scopedLive.each(mutants)("$name, under: $under", (mutant) =>
    Effect.gen(function*() {
      const { calls, first, told } = yield* trialOf(mutant)(mutant)
      Results.report("mutants", mutant.name, { under: mutant.under, calls, "told by": told, first: brief(first) })
      assert.notStrictEqual(told, "nobody")
    }))
})
