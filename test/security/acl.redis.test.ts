/** docs/security.md grants what is needed, and nothing that is not. */
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Fiber, Schedule, Stream } from "effect"
import { CheckpointStore, type Errors, type RedisLive } from "effect-checkpoint"
import { afterAll, vi } from "vitest"
import { RedisServer } from "../support/RedisServer.js"
import { addedFor, base, runnerOnly, storeOnly } from "./documented.js"
import { as, grant, needsEach, type Tour } from "./Tenant.js"
import { reading, removing, runnerTour, setTour, storeTour, writing } from "./tours.js"

const marked = { text: "text" }

const short = { id: "short", executionId: "s", nodeName: "n", state: 1, version: 1 }

/** Saves until a checkpoint expires while somebody listens. */
const expiring = Effect.gen(function*() {
  const store = yield* CheckpointStore.CheckpointStore
  const first = yield* Effect.fork(Stream.runHead(store.expirations))
  yield* store.save(short, { ttl: "5 millis" }).pipe(
    Effect.repeat({ schedule: Schedule.spaced("10 millis"), until: () => first.unsafePoll() !== null })
  )
  yield* Fiber.join(first)
})

const acknowledged = (code: string) =>
  Effect.gen(function*() {
    const store = yield* CheckpointStore.CheckpointStore
    const error = yield* Effect.flip(store.save(short))
    assert.strictEqual((error as Errors.RedisCommandError).code, code)
  })

/** A server that publishes what expires. */
const Server = RedisServer.layer({ config: ["notify-keyspace-events Ex"] })

/** What a use adds is needed for it, beside the line. */
const uses: ReadonlyArray<readonly [use: string, tour: Tour, options?: RedisLive.StoreOptions]> = [
  ["`index: \"set\"`", setTour(marked), { index: "set" }],
  ["`durability` to replicas", acknowledged("NOTDURABLE"), {
    durability: { to: "replicas", timeout: "1 millis" }
  }],
  ["`store.expirations`", expiring],
  ["`db` other than 0", storeTour(marked), { db: 1 }],
  ["`clientName`", storeTour(marked), { clientName: "shop" }]
]

describe("the documented ACL", () => {
  // ioredis says on the console that it may not ask whether the server is loading.
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {})
  afterAll(() => warn.mockRestore())

  layer(Server, { timeout: "30 seconds", excludeTestServices: true })((it) => {
    it.effect("the store needs each of its commands, with the default options", () =>
      Effect.flatMap(
        RedisServer,
        (server) => needsEach(server, { rules: [], checked: storeOnly, tour: storeTour(marked) })
      ))

    it.effect("the runner needs each command that it adds, with the default options", () =>
      Effect.flatMap(
        RedisServer,
        (server) => needsEach(server, { rules: storeOnly, checked: runnerOnly, tour: runnerTour(marked) })
      ))

    for (const [use, tour, options] of uses) {
      it.effect(`${use} needs what it adds`, () =>
        Effect.flatMap(
          RedisServer,
          (server) => needsEach(server, { rules: storeOnly, checked: addedFor(use), tour, options })
        ))
    }

    it.effect("nothing outside of the prefix can be read, written or deleted, by a save nor by a script", () =>
      Effect.gen(function*() {
        const server = yield* RedisServer
        yield* server.cli("FLUSHALL")
        yield* grant(server, base)
        const tours: ReadonlyArray<Tour> = [writing(marked), reading, removing]
        const other = as(server, { prefix: "other:" })
        const tries = tours.map((tour) => Effect.flip(Effect.provide(tour, other)))
        for (const error of yield* Effect.all(tries)) assert.propertyVal(error, "code", "NOPERM")
        assert.strictEqual(yield* server.cli("DBSIZE"), 0)
      }))

    for (const denied of ["+eval", "+zadd"]) {
      it.effect(`without ${denied} a save is NOPERM`, () =>
        Effect.gen(function*() {
          const server = yield* RedisServer
          yield* grant(server, base.filter((rule) => rule !== denied))
          const error = yield* Effect.flip(Effect.provide(writing(marked), as(server)))
          assert.propertyVal(error, "code", "NOPERM", String(error))
        }))
    }
  })

  it.scopedLive("`durability: \"fsync\"` needs what it adds, where the server has it", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make({ appendonly: true })
      const checked = addedFor("`durability: \"fsync\"`")
      const [known] = (yield* server.cli("COMMAND", "INFO", "WAITAOF")) as ReadonlyArray<unknown>
      if (known === null) {
        const error = yield* Effect.flip(grant(server, checked))
        assert.match(error.message, /Unknown command/i)
      } else {
        const options = { durability: "fsync" } as const
        yield* needsEach(server, { rules: storeOnly, checked, tour: storeTour(marked), options })
      }
    }))
})
