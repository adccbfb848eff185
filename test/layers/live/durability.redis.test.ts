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

const hasWaitAof = (server: typeof RedisServer.Service) =>
  Effect.map(server.cli("COMMAND", "INFO", "WAITAOF"), (reply) => (reply as ReadonlyArray<unknown>)[0] !== null)

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

  it.scopedLive("fsync: a server that cannot do it says so by name, and the write is applied", () =>
    Effect.gen(function*() {
      // Before 7.2 there is no WAITAOF, and later it needs an append-only file.
      const server = yield* RedisServer.make()
      const store = yield* open(server.port, "memory")
      const error = yield* Effect.flip(store.save(input, { durability: "fsync" }))
      assert.deepInclude(error, { _tag: "RedisCommandError", code: "UNSUPPORTED", retryable: false })
      assert.match(error.message, /WAITAOF \(Redis 7.2, Valkey\) and appendonly yes/)
      assert.strictEqual(yield* stored(server, "a@1"), 1)
    }))

  it.scopedLive("fsync: WAITAOF acknowledges where there is one; disks of replicas that are not there do not", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make({ appendonly: true, config: ["appendfsync everysec"] })
      const store = yield* open(server.port, "fsync")
      const exit = yield* Effect.either(store.save(input))
      if (yield* hasWaitAof(server)) {
        assert.strictEqual(exit._tag, "Right", String(exit))
        yield* store.saveAll(Array.from({ length: 50 }, (_, i) => ({ ...input, id: `b${i}`, version: i + 2 })))
        assert.strictEqual(yield* stored(server, "b49"), 1)
        const wanted = { to: "fsync", replicas: 1, timeout: "50 millis" } as const
        notDurable(yield* Effect.flip(store.save({ ...input, version: 99 }, { durability: wanted })))
      } else assert.propertyVal(Reflect.get(exit, "left"), "code", "UNSUPPORTED")
    }))

  it.scopedLive("replicas: one that has stopped does not acknowledge; a delete and a clear say so, too", () =>
    Effect.gen(function*() {
      const { master, replica } = yield* pair
      const store = yield* open(master.port, { to: "replicas", timeout: "100 millis" })
      // A replica that has just come gets the first writes within a second.
      yield* store.saveAll([input, { ...input, id: "b", version: 2 }], {
        durability: { to: "replicas", timeout: "20 seconds" }
      })
      yield* replica.kill("SIGSTOP")
      notDurable(yield* Effect.flip(store.save({ ...input, id: "c", version: 3 })))
      notDurable(yield* Effect.flip(store.delete("b")))
      notDurable(yield* Effect.flip(store.clear("a")))
      assert.strictEqual(yield* stored(master, "a@1"), 0)
      yield* replica.kill("SIGCONT")
      yield* store.save(input, { durability: { to: "replicas", timeout: "20 seconds" } })
      assert.strictEqual(yield* stored(replica, "a@1"), 1)
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
      const store = yield* open(master.port, { to: "replicas", timeout: "20 seconds" })
      yield* store.save(input)
      yield* master.cli("CONFIG", "RESETSTAT")
      yield* store.save({ ...input, version: 2 })
      const stats = String(yield* master.cli("INFO", "commandstats"))
      assert.match(stats, /cmdstat_wait:calls=1/)
      assert.match(stats, /cmdstat_evalsha:calls=1/)
    }))
})
