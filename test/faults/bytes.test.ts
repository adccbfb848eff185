import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { inspect } from "../races/invariants.js"
import * as Random from "../races/random.js"
import { RedisServer } from "../support/RedisServer.js"
import * as Bytes from "./bytes.js"
import { connect } from "./connect.js"
import { sum } from "./judge.js"
import * as Results from "./results.js"
import { seconds } from "./trial.js"

const lanes = 8

/** The middle of a large payload is all the same: there a byte in 400 will do. */
const boundaries = (side: Bytes.Boundary["side"], length: number): ReadonlyArray<Bytes.Boundary> =>
  Array.from({ length }, (_, bytes) => ({ side, bytes })).filter(({ bytes }) =>
    length < 2_000 || bytes < 150 || bytes > length - 600 || bytes % 400 === 0
  )

/** How many of the four kinds strike at each byte: one that is drawn, or more when there is time. */
const kindsEach = Math.min(Bytes.kinds.length, Math.ceil(seconds / 4))

const planned = (name: string, places: ReadonlyArray<Bytes.Boundary>) => {
  const random = Random.make(Random.seedOf(`bytes of ${name}`))
  return places.flatMap((place) => {
    const first = random.integer(Bytes.kinds.length)
    return Array.from(
      { length: kindsEach },
      (_, i) => ({ place, kind: Bytes.kinds[(first + i) % Bytes.kinds.length]! })
    )
  }).map((strike, n) => ({ ...strike, execution: `x${String(n).padStart(4, "0")}` }))
}

const arena = Effect.gen(function*() {
  const server = yield* RedisServer.make()
  const direct = (yield* connect({ port: server.port })).store
  const all = yield* Effect.replicateEffect(Bytes.lane(server.port, direct), lanes)
  return { server, direct, all }
})

describe("a call that is cut, split, delayed and dropped at each byte of its requests and replies", () => {
  it.scopedLive.each(Object.entries(Bytes.verbs))("%s", ([name, call]) =>
    Effect.gen(function*() {
      const { all, direct, server } = yield* arena
      const { reply, request } = yield* Bytes.lengths(all[0]!, call)
      const strikes = planned(name, [...boundaries("Request", request), ...boundaries("Reply", reply)])
      const struck = yield* Effect.forEach(all, (lane, l) =>
        Effect.forEach(
          strikes.filter((_, n) => n % lanes === l),
          ({ execution, kind, place }) => Bytes.strike(lane, call, kind, place, execution)
        ), { concurrency: lanes })
      const results = struck.flat()
      const judgement = sum(results.map(({ judgement }) => judgement))
      const raw = yield* server.connect
      const { violations } = yield* inspect(raw, direct.layout)
      Results.reportBytes(name, {
        request,
        reply,
        judgement,
        calls: results.map(({ called }) => called),
        broken: violations.length
      })
      assert.deepStrictEqual(judgement.violations, [])
      assert.strictEqual(judgement.undecided, 0)
      assert.deepStrictEqual(violations, [])
    }))
})
