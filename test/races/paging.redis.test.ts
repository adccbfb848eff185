import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Fiber, Stream } from "effect"
import type * as CheckpointStore from "../../src/services/CheckpointStore.js"
import { RedisServer } from "../support/RedisServer.js"
import * as Random from "./random.js"
import { openMany } from "./stores.js"

type Store = CheckpointStore.Service

const executionId = "paged"

/** Three checkpoints share a version, so that pages end among equals. */
const entry = (name: string, i: number) => ({
  id: `${name}-${i}`,
  executionId,
  nodeName: "node",
  state: i,
  version: 1 + Math.floor(i / 3)
})

const steady = Array.from({ length: 60 }, (_, i) => entry("steady", i))

/** Saves and deletes others at every place between the steady ones. */
const churn = (store: Store, random: Random.Random, moving: boolean) =>
  Effect.forever(Effect.suspend(() => {
    const other = entry(random.pick(["a", "steadier", "z"]), random.integer(66))
    if (random.chance(0.4)) return store.delete(other.id)
    return store.save(moving ? { ...other, version: random.integer(22) } : other)
  }))

const walk = (store: Store, order: "asc" | "desc", limit: number) =>
  Effect.gen(function*() {
    const seen: Array<string> = []
    let options: CheckpointStore.ListOptions = { order, limit }
    for (let pages = 0; pages < 500; pages++) {
      const page = yield* store.list(executionId, options)
      seen.push(...page.map(({ id }) => id))
      const last = page.at(-1)
      if (last === undefined || page.length < limit) return seen
      options = { order, limit, ...(order === "asc" ? { after: last } : { before: last }) }
    }
    return seen
  })

const steadyOf = (ids: ReadonlyArray<string>) => ids.filter((id) => id.startsWith("steady-")).toSorted()

describe.each([["under versions of their own", false], ["under other versions again and again", true]] as const)(
  "pages while others save %s",
  (_, moving) => {
    it.scopedLive("whatever existed throughout is seen exactly once", () =>
      Effect.gen(function*() {
        const server = yield* RedisServer.make()
        const opened = yield* openMany(3, { port: server.port })
        const [reader, ...writers] = opened.map(({ store }) => store)
        const random = Random.make(Random.seedOf("paging"))
        yield* reader!.saveAll(steady)
        const expected = steadyOf(steady.map(({ id }) => id))
        const churning = yield* Effect.fork(
          Effect.all(writers.map((store) => churn(store, random.fork(), moving)), {
            concurrency: "unbounded"
          })
        )
        for (let round = 0; round < 4; round++) {
          const limit = 4 + random.integer(9)
          assert.deepStrictEqual(steadyOf(yield* walk(reader!, "asc", limit)), expected)
          assert.deepStrictEqual(steadyOf(yield* walk(reader!, "desc", limit)), expected)
          const streamed = yield* Stream.runCollect(reader!.stream(executionId))
          assert.deepStrictEqual(steadyOf(Chunk.toReadonlyArray(streamed).map(({ id }) => id)), expected)
        }
        assert.isTrue((yield* Fiber.poll(churning))._tag === "None", "the writers wrote all the time")
        yield* Fiber.interrupt(churning)
      }))
  }
)
