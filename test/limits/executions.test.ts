import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Fiber, Ref, Stream } from "effect"
import { open, openMany } from "../races/stores.js"
import { RedisServer } from "../support/RedisServer.js"

const count = 10_000

const nameOf = (n: number): string => `execution-${n}`

const numbers = (length: number) => Array.from({ length }, (_, n) => n)

const checkpoint = (executionId: string, version: number) => ({
  id: `${executionId}/${version}`,
  executionId,
  nodeName: "node",
  state: { version },
  version
})

/** The first hundred are saved and cleared while others page. */
const busy = 100

const isBusy = (name: string) => Number(name.slice("execution-".length)) < busy

describe("10,000 executions", () => {
  it.scopedLive("are all paged, each once, while others are saved, begun and cleared", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const [reader, writer, clearer] = yield* openMany(3, { port: server.port, timeout: "30 seconds" })
      yield* reader!.store.saveAll(numbers(count).map((n) => checkpoint(nameOf(n), 1)))

      const over = yield* Ref.make(false)
      const until = (step: (n: number) => Effect.Effect<unknown, unknown>) =>
        Effect.iterate(0, {
          while: (n) => n >= 0,
          body: (n) => Effect.flatMap(step(n), () => Effect.map(over, (over) => over ? -1 : n + 1))
        })
      const saving = yield* Effect.fork(until((n) =>
        Effect.zipRight(
          writer!.store.save(checkpoint(nameOf(n % busy), n + 2)),
          writer!.store.save(checkpoint(`new-${n}`, 1))
        )
      ))
      const clearing = yield* Effect.fork(until((n) => clearer!.store.clear(nameOf(n % busy))))

      for (const _ of numbers(3)) {
        const paged = Chunk.toReadonlyArray(yield* Stream.runCollect(reader!.store.executions()))
        assert.strictEqual(new Set(paged).size, paged.length, "each once")
        const still = paged.filter((name) => name.startsWith("execution-") && !isBusy(name))
        assert.strictEqual(still.length, count - busy)
      }
      yield* Ref.set(over, true)
      yield* Fiber.join(saving)
      yield* Fiber.join(clearing)
    }))

  it.scopedLive("come last saved first, to the last one", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const { store } = yield* open({ port: server.port, timeout: "30 seconds" })
      yield* store.saveAll(numbers(count).map((n) => checkpoint(nameOf(n), 1)))
      const paged = Chunk.toReadonlyArray(yield* Stream.runCollect(store.executions()))
      assert.deepStrictEqual(paged.toSorted(), numbers(count).map(nameOf).toSorted())
      // Those that were saved by one command have one time.
      const trips = paged.map((name) => Math.floor(Number(name.slice("execution-".length)) / 100))
      assert.deepStrictEqual(trips, trips.toSorted((a, b) => b - a))
    }))
})
