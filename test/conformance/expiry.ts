import { assert, describe } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { type Bench, failure, input, range, type Rule } from "./Bench.js"

const hour = 3_600_000

/** Between what was asked and a minute less, which no test takes. */
const isAbout = (actual: number, expected: number) => {
  assert.isAtMost(actual, expected)
  assert.isAtLeast(actual, expected - 60_000)
}

const left = ({ checkpointKey, indexKey, pttl }: Bench, id: string, run = "run") =>
  Effect.all([pttl(checkpointKey(id)), pttl(indexKey(run))])

const invalid: ReadonlyArray<readonly [string, Duration.DurationInput]> = [
  ["-1", -1],
  ["-0.5", -0.5],
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
  ["Duration.infinity", Duration.infinity],
  ["a negative string", "-1 second"],
  ["a negative bigint", -1n],
  ["a negative tuple", [0, -1]],
  ["beyond 2^53", 2 ** 53]
]

export const expiring = (rule: Rule) =>
  describe("ttl", () => {
    rule("never expires when it is absent or 0", (bench) =>
      Effect.gen(function*() {
        yield* bench.store.save(input("a", "run", 1))
        yield* bench.store.save(input("b", "run", 2), { ttl: 0 })
        assert.deepStrictEqual(yield* left(bench, "a"), [-1, -1])
        assert.deepStrictEqual(yield* left(bench, "b"), [-1, -1])
      }))

    for (const [size, state] of [["small", "x"], ["staged", "x".repeat(20_000)]] as const) {
      rule(`of a save is that of a ${size} checkpoint and its index`, (bench) =>
        Effect.gen(function*() {
          yield* bench.store.save(input("a", "run", 1, { state }), { ttl: "1 hour" })
          for (const millis of yield* left(bench, "a")) isAbout(millis, hour)
        }))

      rule(`of a save replaces the one that a ${size} checkpoint had`, (bench) =>
        Effect.gen(function*() {
          yield* bench.store.save(input("a", "run", 1, { state }), { ttl: "1 hour" })
          yield* bench.store.save(input("a", "run", 1, { state }))
          assert.deepStrictEqual(yield* left(bench, "a"), [-1, -1])
          yield* bench.store.save(input("a", "run", 1, { state }), { ttl: "1 hour" })
          isAbout((yield* left(bench, "a"))[0], hour)
        }))
    }

    rule("of the layer is the default, and a save overrides it, also with 0", (bench) =>
      Effect.gen(function*() {
        const store = yield* bench.storeWith({ ttl: "2 hours" })
        yield* store.save(input("a", "run", 1))
        yield* store.save(input("b", "run", 2), { ttl: "1 hour" })
        isAbout((yield* left(bench, "a"))[0], 2 * hour)
        const [ofCheckpoint, ofIndex] = yield* left(bench, "b")
        isAbout(ofCheckpoint, hour)
        isAbout(ofIndex, 2 * hour)
        yield* store.save(input("c", "run", 3), { ttl: 0 })
        assert.deepStrictEqual(yield* left(bench, "c"), [-1, -1])
        yield* store.saveAll([input("d", "other", 1)])
        isAbout((yield* left(bench, "d", "other"))[0], 2 * hour)
      }))

    rule("of an index is its longest member's, whatever the order of saves", (bench) =>
      Effect.gen(function*() {
        for (const ttl of ["1 hour", "3 hours", "2 hours"] as const) {
          yield* bench.store.save(input(ttl, "run", 1), { ttl })
        }
        isAbout((yield* left(bench, "1 hour"))[1], 3 * hour)
      }))

    rule("does not end an index that has a persistent member", (bench) =>
      Effect.gen(function*() {
        yield* bench.store.save(input("a", "before", 1))
        yield* bench.store.save(input("b", "before", 2), { ttl: "1 hour" })
        assert.strictEqual((yield* left(bench, "b", "before"))[1], -1)
        yield* bench.store.save(input("c", "after", 1), { ttl: "1 hour" })
        yield* bench.store.save(input("d", "after", 2))
        assert.strictEqual((yield* left(bench, "c", "after"))[1], -1)
      }))

    rule("rounds fractions of a millisecond up", (bench) =>
      Effect.gen(function*() {
        yield* bench.store.save(input("a", "run", 1), { ttl: hour + 0.2 })
        isAbout((yield* left(bench, "a"))[0], hour + 1)
        yield* bench.store.save(input("b", "run", 2), { ttl: Duration.nanos(1n) })
        assert.isAtMost((yield* left(bench, "b"))[0], 1)
      }))

    for (const [what, ttl] of invalid) {
      rule(`refuses ${what}, naming id and remedy`, ({ send, store }) =>
        Effect.gen(function*() {
          const error = yield* failure("CheckpointEncodeError", store.save(input("a", "run", 1), { ttl }))
          assert.include(error.message, "\"a\"")
          assert.include(error.message, "TTL must be a finite duration of 0")
          assert.strictEqual(yield* send("EXISTS", store.layout.executions), 0)
        }))
    }
  })

export const refreshing = (rule: Rule) =>
  describe("refreshOnRead", () => {
    const reads: Readonly<Record<string, (store: Bench["store"]) => Effect.Effect<unknown, unknown>>> = {
      load: (store) => store.load("a"),
      loadAll: (store) => store.loadAll(["a"]),
      latest: (store) => store.latest("run"),
      list: (store) => store.list("run")
    }
    for (const [name, read] of Object.entries(reads)) {
      rule(`renews what ${name} reads, and its index`, (bench) =>
        Effect.gen(function*() {
          yield* bench.store.save(input("a", "run", 1), { ttl: "1 hour" })
          yield* read(yield* bench.storeWith({ ttl: "5 hours", refreshOnRead: true }))
          for (const millis of yield* left(bench, "a")) isAbout(millis, 5 * hour)
        }))

      rule(`never shortens what ${name} reads`, (bench) =>
        Effect.gen(function*() {
          yield* bench.store.save(input("a", "run", 1), { ttl: "9 hours" })
          yield* read(yield* bench.storeWith({ ttl: "5 hours", refreshOnRead: true }))
          for (const millis of yield* left(bench, "a")) isAbout(millis, 9 * hour)
        }))

      rule(`leaves what never expires alone when ${name} reads it`, (bench) =>
        Effect.gen(function*() {
          yield* bench.store.save(input("a", "run", 1))
          yield* read(yield* bench.storeWith({ ttl: "5 hours", refreshOnRead: true }))
          assert.deepStrictEqual(yield* left(bench, "a"), [-1, -1])
        }))

      rule(`is off unless asked for: ${name} renews nothing`, (bench) =>
        Effect.gen(function*() {
          yield* bench.store.save(input("a", "run", 1), { ttl: "1 hour" })
          yield* read(yield* bench.storeWith({ ttl: "5 hours" }))
          for (const millis of yield* left(bench, "a")) isAbout(millis, hour)
        }))
    }
  })

export const retaining = (rule: Rule) =>
  describe("maxCheckpoints", () => {
    rule("keeps the highest versions, and deletes the others", ({ ids, store }) =>
      Effect.gen(function*() {
        for (const version of range(50)) yield* store.save(input(`c${version}`, "run", version))
        yield* store.save(input("c51", "run", 51), { maxCheckpoints: 3 })
        assert.deepStrictEqual(yield* ids("run"), ["c49", "c50", "c51"])
        assert.strictEqual((yield* store.loadAll(range(50).map((i) => `c${i}`))).size, 2)
      }))

    rule("of the layer is the default, and a save overrides it", ({ storeWith }) =>
      Effect.gen(function*() {
        const store = yield* storeWith({ maxCheckpoints: 2 })
        for (const version of range(5)) yield* store.save(input(`c${version}`, "run", version))
        assert.strictEqual(yield* store.count("run"), 2)
        yield* store.save(input("c6", "run", 6), { maxCheckpoints: Infinity })
        assert.strictEqual(yield* store.count("run"), 3)
        yield* store.saveAll(range(9).map((version) => input(`d${version}`, "many", version)))
        assert.strictEqual(yield* store.count("many"), 2)
        for (const state of range(9)) yield* store.append("appended", { nodeName: "n", state })
        assert.strictEqual(yield* store.count("appended"), 2)
      }))

    rule("never deletes the head, also when it is the one of 1 that is kept", ({ ids, store }) =>
      Effect.gen(function*() {
        yield* store.save(input("head", "run", 9))
        yield* store.save(input("late", "run", 1), { maxCheckpoints: 1 })
        assert.deepStrictEqual(yield* ids("run"), ["head"])
      }))

    rule("does not count expired entries as kept", ({ expire, ids, store }) =>
      Effect.gen(function*() {
        yield* store.saveAll(range(6).map((version) => input(`c${version}`, "run", version)))
        yield* expire("c4", "c6")
        yield* store.save(input("c7", "run", 7), { maxCheckpoints: 3 })
        assert.deepStrictEqual(yield* ids("run"), ["c3", "c5", "c7"])
      }))

    rule("holds a guarded save's head too", ({ ids, store }) =>
      Effect.gen(function*() {
        yield* store.saveAll(range(3).map((version) => input(`c${version}`, "run", version)))
        yield* store.save(input("c4", "run", 4), { expectedVersion: 3, maxCheckpoints: 2 })
        assert.deepStrictEqual(yield* ids("run"), ["c3", "c4"])
      }))

    for (const maxCheckpoints of [0, -1, 1.5, NaN, -Infinity, 2 ** 53]) {
      rule(`refuses ${maxCheckpoints}`, ({ store }) =>
        Effect.gen(function*() {
          const error = yield* failure("CheckpointEncodeError", store.save(input("a", "run", 1), { maxCheckpoints }))
          assert.include(error.message, "\"a\"")
          assert.include(error.message, "positive integer")
          assert.isFalse(yield* store.exists("a"))
        }))
    }
  })

const expiredUpTo = (bench: Bench, version: number) =>
  Effect.zipRight(
    bench.store.saveAll(range(7).map((version) => input(`c${version}`, "run", version))),
    bench.expire(...range(version).map((version) => `c${version}`))
  )

/** Entries whose checkpoints have expired, which saves take out; none does with a Set. */
export const dropping = (rule: Rule) =>
  describe("what has expired", () => {
    rule("leaves an index with saves that have a TTL, the oldest four at a time", (bench) =>
      Effect.gen(function*() {
        yield* expiredUpTo(bench, 6)
        yield* bench.store.save(input("c8", "run", 8))
        assert.lengthOf(yield* bench.indexed("run"), 8)
        yield* bench.store.save(input("c9", "run", 9), { ttl: "1 hour" })
        assert.deepStrictEqual(yield* bench.indexed("run"), ["c5", "c6", "c7", "c8", "c9"])
        yield* bench.store.save(input("c10", "run", 10), { ttl: "1 hour" })
        assert.deepStrictEqual(yield* bench.indexed("run"), ["c7", "c8", "c9", "c10"])
      }))

    rule("leaves an index with saveAll as with as many saves", (bench) =>
      Effect.gen(function*() {
        yield* expiredUpTo(bench, 6)
        yield* bench.store.saveAll([input("c8", "run", 8), input("c9", "run", 9)], { ttl: "1 hour" })
        assert.deepStrictEqual(yield* bench.indexed("run"), ["c7", "c8", "c9"])
      }))

    rule("stays among the oldest four if the oldest lives, or is the one that is saved", (bench) =>
      Effect.gen(function*() {
        yield* expiredUpTo(bench, 3)
        yield* bench.store.save(input("c1", "run", 1), { ttl: "1 hour" })
        yield* bench.store.save(input("c8", "run", 8), { ttl: "1 hour" })
        assert.lengthOf(yield* bench.indexed("run"), 6)
      }))

    rule("all of it, gives its index the TTL of the save that comes then", (bench) =>
      Effect.gen(function*() {
        yield* bench.store.save(input("a", "run", 1), { ttl: "5 hours" })
        yield* bench.expire("a")
        yield* bench.store.save(input("b", "run", 2), { ttl: "1 hour", expectedVersion: 0 })
        assert.deepStrictEqual(yield* bench.indexed("run"), ["b"])
        for (const millis of yield* left(bench, "b")) {
          isAbout(millis, hour)
        }
      }))
  })
