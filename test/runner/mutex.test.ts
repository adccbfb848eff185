import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Either, Exit, Fiber } from "effect"
import { Mutex } from "../../src/internal/runner/mutex.js"
import * as Settled from "../../src/internal/settled.js"

/** As it is used: made where it runs. */
const alone = <A, E>(mutex: Mutex, use: () => Settled.Settled<A, E, never>): Effect.Effect<A, E> =>
  Effect.uninterruptible(Effect.suspend(() => Settled.toEffect(mutex.alone(use))))

describe("who wants to be alone", () => {
  it("is at once where nobody else is, and leaves at once", () => {
    const mutex = new Mutex()
    assert.deepStrictEqual(mutex.alone(() => Either.right(1)), Either.right(1))
    assert.throws(() =>
      mutex.alone(() => {
        throw new Error("no use")
      })
    )
    assert.deepStrictEqual(mutex.alone(() => Either.left("no")), Either.left("no"))
    assert.deepStrictEqual(mutex.alone(() => Either.right(2)), Either.right(2))
  })

  it.effect("waits for all who came before, in their order, however they end", () =>
    Effect.gen(function*() {
      const mutex = new Mutex()
      const gate = yield* Deferred.make<void>()
      const order: Array<string> = []
      const note = (what: string) => Effect.sync(() => order.push(what))
      const first = yield* Effect.fork(
        alone(mutex, () => Effect.zipRight(Deferred.await(gate), Effect.zipRight(note("first"), Effect.fail("failed"))))
      )
      yield* Effect.yieldNow()
      const second = yield* Effect.fork(
        alone(mutex, () => Effect.zipRight(Effect.yieldNow(), Effect.zipRight(note("second"), Effect.die("died"))))
      )
      yield* Effect.yieldNow()
      const third = yield* Effect.fork(alone(mutex, () => {
        order.push("third")
        return Either.right(3)
      }))
      // Who waits keeps its turn.
      const interrupted = yield* Effect.fork(Fiber.interrupt(third))
      yield* Effect.yieldNow()
      assert.deepStrictEqual(order, [])
      yield* Deferred.succeed(gate, undefined)
      const exits = yield* Effect.forEach([first, second], Fiber.await)
      yield* Fiber.join(interrupted)
      assert.deepStrictEqual(exits.map(Exit.isFailure), [true, true])
      assert.deepStrictEqual(order, ["first", "second", "third"])
      assert.deepStrictEqual(mutex.alone(() => Either.right(4)), Either.right(4))
    }))
})
