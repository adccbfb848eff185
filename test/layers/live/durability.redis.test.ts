import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Schema } from "effect"
import { CheckpointStore, type Errors, Graph, KeyLayout, RedisLive, Runner } from "effect-checkpoint"
import { RedisServer } from "../../support/RedisServer.js"

const pair = Effect.gen(function*() {
  const master = yield* RedisServer.make({ config: ["repl-diskless-sync-delay 0"] })
  const replica = yield* RedisServer.make()
  yield* replica.cli("REPLICAOF", "127.0.0.1", String(master.port))
  yield* Effect.repeat(master.cli("WAIT", "1", "100"), { until: (got) => got === 1, times: 200 })
  return { master, replica }
})

const storeOn = (port: number, durability: CheckpointStore.Durability) =>
  RedisLive.layer({ host: "127.0.0.1", port, durability, prefix: "d:" })

/** A store that lives as long as the test. */
const open = (port: number, durability: CheckpointStore.Durability) =>
  Effect.map(Layer.build(storeOn(port, durability)), Context.get(CheckpointStore.CheckpointStore))

const input = { id: "a@1", executionId: "a", nodeName: "n", state: 1, version: 1 }

const notDurable = (error: unknown) => {
  assert.propertyVal(error, "_tag", "RedisCommandError")
  assert.strictEqual((error as Errors.RedisCommandError).code, "NOTDURABLE", String(error))
}

const stored = (server: { readonly cli: (...args: Array<string>) => Effect.Effect<unknown, unknown> }, id: string) =>
  server.cli("EXISTS", KeyLayout.checkpointKey(KeyLayout.make({ prefix: "d:" }), id))

describe("durability", () => {
  it.scopedLive("replicas: what was acknowledged is on the replica", () =>
    Effect.gen(function*() {
      const { master, replica } = yield* pair
      const store = yield* open(master.port, "replicas")
      yield* store.save(input)
      assert.strictEqual(yield* stored(replica, "a@1"), 1)
      yield* store.saveAll(Array.from({ length: 150 }, (_, i) => ({ ...input, id: `b${i}`, version: i + 2 })))
      assert.strictEqual(yield* stored(replica, "b149"), 1)
      const appended = yield* store.append("a", { nodeName: "n", state: 2 })
      assert.strictEqual(yield* stored(replica, appended.id), 1)
    }))

  it.scopedLive("replicas: too few in time is a typed failure, and the write is applied", () =>
    Effect.gen(function*() {
      const { master } = yield* pair
      const two = { to: "replicas", replicas: 2, timeout: "50 millis" } as const
      const store = yield* open(master.port, two)
      notDurable(yield* Effect.flip(store.save(input)))
      assert.strictEqual(yield* stored(master, "a@1"), 1)
      yield* store.save({ ...input, version: 2 }, { durability: "memory" })
      yield* store.save({ ...input, version: 3 }, { durability: "replicas" })
    }))

  it.scopedLive("fsync: a server without WAITAOF refuses it by name", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const store = yield* open(server.port, "memory")
      const exit = yield* Effect.either(store.save(input, { durability: "fsync" }))
      // From 7.2 on the command is there, and this server has no append-only file.
      assert.strictEqual(exit._tag, "Left")
      if (exit._tag === "Left") assert.match(exit.left.message, /WAITAOF|appendonly/i)
    }))

  it.scopedLive("of a runner holds for what it commits and what it records", () =>
    Effect.gen(function*() {
      const { master, replica } = yield* pair
      const RunnerOn = (durability: CheckpointStore.Durability) =>
        Runner.layer({ durability }).pipe(Layer.provideMerge(storeOn(master.port, "memory")))
      const graph = Graph.make("two", { state: Schema.Struct({ n: Schema.Int }) })
        .node("a", () => Effect.succeed({ n: 1 }))
        .node("b", () => Effect.succeed({}))
        .edge(Graph.START, ["a", "b"])
        .build()
      const start = (id: string) => Effect.flatMap(Runner.forGraph(graph), (runner) => runner.start(id, { n: 0 }))
      const outcome = yield* Effect.provide(start("x"), RunnerOn("replicas"))
      assert.strictEqual(outcome._tag, "Completed")
      assert.strictEqual(yield* stored(replica, "x@0000000000000002"), 1)
      const two = { to: "replicas", replicas: 2, timeout: "20 millis" } as const
      notDurable(yield* Effect.flip(Effect.provide(start("y"), RunnerOn(two))))
    }))

  it.scopedLive("costs a command and no round trip", () =>
    Effect.gen(function*() {
      const { master } = yield* pair
      const store = yield* open(master.port, "replicas")
      yield* store.save(input)
      yield* master.cli("CONFIG", "RESETSTAT")
      yield* store.save({ ...input, version: 2 })
      const stats = String(yield* master.cli("INFO", "commandstats"))
      assert.match(stats, /cmdstat_wait:calls=1/)
      assert.match(stats, /cmdstat_evalsha:calls=1/)
    }))
})
