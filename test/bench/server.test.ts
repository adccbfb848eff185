import { assert, describe, it } from "@effect/vitest"
import { type Counters, workBetween } from "../../bench/server.js"

const counters = (micros: Readonly<Record<string, number>>): Counters => ({
  micros: new Map(Object.entries(micros)),
  cpu: 0,
  bytesIn: 0,
  bytesOut: 0,
  reads: 0
})

const execution = (before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>) =>
  workBetween(counters(before), counters(after)).execution

describe("what the server executed", () => {
  it("is what the commands took since, without the look at them", () => {
    assert.strictEqual(execution({ set: 10, info: 5 }, { set: 17, sadd: 3, info: 50 }), 10)
  })

  it("counts a script once: its commands are in it", () => {
    assert.strictEqual(execution({}, { evalsha: 20, set: 8, zadd: 4 }), 20)
  })

  it("counts what goes ahead of a script or behind it", () => {
    assert.strictEqual(execution({}, { evalsha: 20, set: 8, rename: 1 }), 28)
    assert.strictEqual(execution({}, { evalsha: 20, mget: 5 }), 25)
  })
})
