import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Exit } from "effect"
import * as Settled from "../../src/internal/settled.js"

const numbers = Array.from({ length: 60 }, (_, i) => i)

const busyFor = (millis: number): void => {
  const until = performance.now() + millis
  while (performance.now() < until) { /* Nothing else can run. */ }
}

describe("each in turns", () => {
  it.live("lets timers fire long before the last", () =>
    Effect.gen(function*() {
      let fired = false
      setTimeout(() => fired = true, 0)
      const seen = yield* Settled.forEachInTurns(numbers, () => {
        busyFor(1)
        return Either.right(fired)
      })
      assert.isFalse(seen[0])
      assert.isTrue(seen.at(-1))
    }))

  it.effect("gives all in order, whether they are there or effects", () =>
    Effect.gen(function*() {
      const mixed = Settled.forEachInTurns(numbers, (n) => n % 7 === 0 ? Effect.succeed(n) : Either.right(n))
      assert.deepStrictEqual(yield* mixed, numbers)
      assert.deepStrictEqual(yield* mixed, numbers)
    }))

  it.effect("ends with the first that fails", () =>
    Effect.gen(function*() {
      for (const fail of [Either.left, Effect.fail] as const) {
        const seen: Array<number> = []
        const failing = Settled.forEachInTurns(numbers, (n): Settled.Settled<number, string, never> => {
          seen.push(n)
          return n === 3 ? fail("three") : Either.right(n)
        })
        assert.deepStrictEqual(yield* Effect.exit(failing), Exit.fail("three"))
        assert.deepStrictEqual(seen, [0, 1, 2, 3])
      }
    }))
})
