import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { Keyspace } from "../../../src/internal/keyspace/Keyspace.js"
import { RedisCommandError } from "../../../src/schema/Errors.js"
import { arbitraryLine } from "./arbitraryLines.js"
import type { Line } from "./ByteRedis.js"

type Timed = readonly [now: number, line: Line]

/** Relative deadlines that a clock in steps of seconds meets, and a clock that also goes back. */
const key = fc.constantFrom("a", "b", "c", "d")
const volatile: fc.Arbitrary<Line> = fc.oneof(
  fc.tuple(fc.constant("SETEX"), key, fc.constantFrom("1", "2", "5"), fc.constantFrom("1", "x")),
  fc.tuple(fc.constant("EXPIRE"), key, fc.constantFrom("1", "3", "0"), fc.constantFrom("NX", "XX", "GT", "LT"))
)
const history = fc.array(
  fc.tuple(fc.integer({ min: -1500, max: 2500 }), fc.oneof(arbitraryLine, volatile)),
  { maxLength: 60, size: "max" }
).map((steps) => {
  let now = 1_000_000
  return steps.map(([step, line]): Timed => [now += step, line])
})

const record = (keyspace: Keyspace): Array<Timed> => {
  const journal: Array<Timed> = []
  keyspace.observer = {
    onWrite: (now, name, args) => journal.push([now, [name, ...args]]),
    onExpire: (now, key) => journal.push([now, ["DEL", key]])
  }
  return journal
}

const play = (keyspace: Keyspace, timed: ReadonlyArray<Timed>) =>
  timed.map(([now, [name, ...args]]) => keyspace.execute(now, name, args))

const contents = (keyspace: Keyspace, now: number) => Array.from(keyspace.dump(now))

const build = (lines: Iterable<Line>, now: number) => {
  const keyspace = new Keyspace()
  for (const [name, ...args] of lines) {
    assert.notInstanceOf(keyspace.execute(now, name, args), RedisCommandError)
  }
  return keyspace
}

describe("Keyspace", () => {
  it("is rebuilt by its journal, also when the clock went back", () => {
    fc.assert(
      fc.property(history, (timed) => {
        const original = new Keyspace()
        const journal = record(original)
        play(original, timed)
        const copy = new Keyspace()
        play(copy, journal)
        const now = Math.max(0, ...timed.map(([now]) => now)) - 10_000
        assert.deepStrictEqual(contents(copy, now), contents(original, now))
      }),
      { numRuns: 800 }
    )
  })

  it("replies alike after a dump into an empty keyspace", () => {
    fc.assert(
      fc.property(history, fc.array(arbitraryLine, { maxLength: 10 }), (timed, more) => {
        const original = new Keyspace()
        play(original, timed)
        const now = timed.at(-1)?.[0] ?? 0
        const copy = build(original.dump(now), now)
        assert.deepStrictEqual(contents(copy, now), contents(original, now))
        const later = more.map((line): Timed => [now + 1, line])
        assert.deepStrictEqual(play(copy, later), play(original, later))
      }),
      { numRuns: 400 }
    )
  })

  it("dumps values of many elements in bounded commands", () => {
    const keyspace = new Keyspace()
    const members = Array.from({ length: 2500 }, (_, i) => `m${i}`)
    keyspace.execute(0, "ZADD", ["z", ...members.flatMap((member, i) => [String(i), member])])
    keyspace.execute(0, "RPUSH", ["l", ...members])
    const lines = contents(keyspace, 0)
    assert.isBelow(Math.max(...lines.map((line) => line.length)), 1100)
    assert.deepStrictEqual(contents(build(lines, 0), 0), lines)
  })

  it("reports each write once, and neither reads nor writes that change nothing", () => {
    const keyspace = new Keyspace()
    const journal = record(keyspace)
    const timed: ReadonlyArray<Line> = [
      ["SET", "a", "1"],
      ["GET", "a"],
      ["SET", "a", "2", "NX"],
      ["DEL", "none"],
      ["ZADD", "z", "1", "m"],
      ["ZADD", "z", "1", "m"],
      ["LPUSH", "a", "x"],
      ["SREM", "s", "m"]
    ]
    play(keyspace, timed.map((line) => [1, line]))
    assert.deepStrictEqual(journal, [[1, ["SET", "a", "1"]], [1, ["ZADD", "z", "1", "m"]]])
  })

  it("expires a key at its deadline, whichever command meets it, and knows the next one", () => {
    const keyspace = new Keyspace()
    const journal = record(keyspace)
    keyspace.execute(0, "SET", ["a", "1", "PX", "100"])
    keyspace.execute(0, "SET", ["b", "1", "PX", "50"])
    assert.strictEqual(keyspace.nextExpiry, 50)
    assert.strictEqual(keyspace.execute(99, "GET", ["a"]), "1")
    assert.strictEqual(keyspace.execute(100, "GET", ["a"]), null)
    assert.strictEqual(keyspace.nextExpiry, 50)
    assert.strictEqual(keyspace.execute(100, "DBSIZE", []), 0)
    assert.strictEqual(keyspace.nextExpiry, undefined)
    assert.deepStrictEqual(journal.slice(2), [[100, ["DEL", "a"]], [100, ["DEL", "b"]]])
  })

  it("finds the earliest of many deadlines that change", () => {
    const deadline = fc.tuple(fc.integer({ min: 0, max: 9 }).map(String), fc.option(fc.integer({ min: 1, max: 1000 })))
    fc.assert(fc.property(fc.array(deadline, { maxLength: 400, size: "max" }), (changes) => {
      const keyspace = new Keyspace()
      const expected = new Map<string, number>()
      for (const [key, at] of changes) {
        keyspace.execute(0, "SET", at === null ? [key, ""] : [key, "", "PX", String(at)])
        if (at === null) expected.delete(key)
        else expected.set(key, at)
        assert.strictEqual(keyspace.nextExpiry, expected.size === 0 ? undefined : Math.min(...expected.values()))
      }
    }))
  })

  it("names a command that it does not have", () => {
    const error = new Keyspace().execute(0, "XADD", ["s", "*", "secret", "payload"])
    assert.instanceOf(error, RedisCommandError)
    assert.match(String(error), /unknown command 'XADD': the in-memory interpreter has no such command/)
    assert.notMatch(String(error), /secret|payload/)
  })
})
