import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Schedule } from "effect"
import { CheckpointStore, Redis, RedisLive, RedisProgram, RedisReply, RedisScript } from "effect-checkpoint"
import { slotOf } from "../../src/internal/slot.js"
import { RedisCluster } from "../support/RedisCluster.js"

const retry = Schedule.spaced("50 millis").pipe(Schedule.upTo("1 minute"))

const live = Layer.unwrapEffect(
  Effect.map(RedisCluster, ({ nodes }) => RedisLive.layerCluster({ nodes, prefix: "t:", retry }))
).pipe(Layer.provideMerge(RedisCluster.layer()))

const set = (key: string, value: string) => RedisProgram.command("SET", [key, value], RedisReply.ignored)
const get = (key: string) => RedisProgram.command("GET", [key], RedisReply.nullable(RedisReply.string))
const incr = (key: string) => RedisProgram.command("INCR", [key], RedisReply.integer)

const bump = RedisScript.make({ name: "bump", lua: `return redis.call("INCR", KEYS[1])` })

/** In slots of all three masters. */
const keys = Array.from({ length: 60 }, (_, i) => `key-${i}`)

const hostile = [
  "",
  "a",
  "{",
  "}",
  "{}",
  "{}a",
  "a{b}c",
  "a{}b{c}",
  "{a",
  "a}b{c",
  "{{a}}",
  "é😀",
  "\u0000",
  "x".repeat(999)
]

const commandsOf = Effect.flatMap(
  RedisCluster,
  ({ masters }) =>
    Effect.forEach(masters, (node) =>
      Effect.map(node.cli("INFO", "commandstats"), (text) => {
        const calls = /cmdstat_mget:calls=(\d+)/.exec(String(text))
        return Number(calls?.[1] ?? 0)
      }))
)

const refusal = <A, R>(code: string, effect: Effect.Effect<A, unknown, R>) =>
  Effect.map(Effect.flip(effect), (error) => {
    assert.deepInclude(error, { _tag: "RedisCommandError", code })
  })

const build = (options: RedisLive.ClusterOptions) =>
  Effect.flip(Layer.build(RedisLive.redisCluster({ connectTimeout: "2 seconds", ...options })))

describe("programs on a cluster", () => {
  it.layer(live, { timeout: "90 seconds" })((it) => {
    it.effect("know the slot of any key", () =>
      Effect.gen(function*() {
        const { masters } = yield* RedisCluster
        for (const key of hostile) {
          assert.strictEqual(yield* masters[0]!.cli("CLUSTER", "KEYSLOT", key), slotOf(key), JSON.stringify(key))
        }
      }))

    it.effect("give the replies of a pipeline in its order, from whatever node", () =>
      Effect.gen(function*() {
        const redis = yield* Redis.Redis
        yield* redis.pipeline(RedisProgram.forEach(keys, (key) => set(key, `value of ${key}`)))
        const values = yield* redis.pipeline(RedisProgram.forEach(keys, get))
        assert.deepStrictEqual(values, keys.map((key) => `value of ${key}`))
      }))

    it.effect("keep the failure of one command to itself", () =>
      Effect.gen(function*() {
        const redis = yield* Redis.Redis
        yield* redis.pipeline(set("text", "x"))
        const [failed, one] = yield* redis.pipeline(RedisProgram.all([RedisProgram.either(incr("text")), incr("one")]))
        assert.strictEqual(failed._tag, "Left")
        assert.strictEqual(one, 1)
      }))

    it.effect("refuse a transaction, or one command, of two slots before anything is sent", () =>
      Effect.gen(function*() {
        const redis = yield* Redis.Redis
        yield* refusal("CROSSSLOT", redis.transaction(RedisProgram.all([set("refused-a", "1"), set("refused-b", "1")])))
        yield* refusal(
          "CROSSSLOT",
          redis.pipeline(RedisProgram.all([
            set("refused-a", "1"),
            RedisProgram.command("MGET", ["a", "b"], RedisReply.ignored)
          ]))
        )
        yield* refusal("CROSSSLOT", redis.pipeline(RedisProgram.script(bump, ["a", "b"], [], RedisReply.integer)))
        assert.strictEqual(yield* redis.pipeline(get("refused-a")), null)
      }))

    it.effect("refuse what has no key that they know, before anything is sent", () =>
      Effect.gen(function*() {
        const redis = yield* Redis.Redis
        for (const name of ["KEYS", "FLUSHALL", "EVAL", "NOSUCHCOMMAND"]) {
          const program = RedisProgram.all([
            set("refused-a", "1"),
            RedisProgram.command(name, ["a"], RedisReply.ignored)
          ])
          yield* refusal("NOKEY", redis.pipeline(program))
        }
        yield* refusal("NOKEY", redis.pipeline(RedisProgram.script(bump, [], [], RedisReply.integer)))
        assert.strictEqual(yield* redis.pipeline(get("refused-a")), null)
      }))

    it.effect("run a transaction of one slot, with what any node answers", () =>
      Effect.gen(function*() {
        const redis = yield* Redis.Redis
        const program = RedisProgram.all([
          RedisProgram.command("PING", [], RedisReply.string),
          incr("{t}a"),
          incr("{t}b")
        ])
        assert.deepStrictEqual(yield* redis.transaction(program), ["PONG", 1, 1])
      }))

    it.effect("send a script again to each node that has forgotten it, and run it once", () =>
      Effect.gen(function*() {
        const { masters } = yield* RedisCluster
        const redis = yield* Redis.Redis
        const counters = keys.map((key) => `counter-${key}`)
        const program = RedisProgram.forEach(
          counters,
          (key) => RedisProgram.script(bump, [key], [], RedisReply.integer)
        )
        yield* redis.pipeline(program)
        for (const node of masters) yield* node.cli("SCRIPT", "FLUSH")
        assert.deepStrictEqual(yield* redis.pipeline(program), counters.map(() => 2))
      }))

    it.effect("wait for the replica of each node that was written to", () =>
      Effect.gen(function*() {
        const redis = yield* Redis.Redis
        const layer = CheckpointStore.layer({ prefix: "t:", cluster: true, durability: "replicas" })
        const store = Context.get(
          yield* Effect.scoped(Layer.build(layer.pipe(Layer.provide(Layer.succeed(Redis.Redis, redis))))),
          CheckpointStore.CheckpointStore
        )
        const all = keys.map((key) => ({
          id: `${key}@0000000000000001`,
          executionId: key,
          nodeName: "n",
          state: 1,
          version: 1
        }))
        yield* store.saveAll(all)
        assert.strictEqual((yield* store.loadAll(all.map(({ id }) => id))).size, keys.length)
      }))

    it.effect("read many executions with one command each, and nodes at once", () =>
      Effect.gen(function*() {
        const store = yield* CheckpointStore.CheckpointStore
        const ids = yield* Effect.forEach(keys, (key) =>
          Effect.map(store.append(`many-${key}`, { nodeName: "n", state: key }), ({ id }) => id))
        const before = yield* commandsOf
        assert.strictEqual((yield* store.loadAll(ids)).size, ids.length)
        const calls = (yield* commandsOf).map((after, i) =>
          after - before[i]!
        )
        assert.strictEqual(calls.reduce((sum, n) => sum + n, 0), keys.length)
        assert.isTrue(calls.every((n) => n > 0), "all masters are asked")
      }))
  })

  it.scopedLive(
    "go on with the replica when a master dies, and a won write is not written twice",
    () =>
      Effect.gen(function*() {
        const cluster = yield* RedisCluster.make()
        yield* Effect.gen(function*() {
          const store = yield* CheckpointStore.CheckpointStore
          const first = yield* store.append("run", { nodeName: "n", state: 1 }, { durability: "replicas" })
          const owner = yield* cluster.ownerOf(slotOf("{run}"))
          yield* owner.kill()
          const second = yield* store.append("run", { nodeName: "n", state: 2, after: first })
          assert.deepStrictEqual((yield* store.list("run")).map(({ id }) => id), [first.id, second.id])
        }).pipe(Effect.provide(RedisLive.layerCluster({ nodes: cluster.nodes, retry, timeout: "1 second" })))
      }),
    120_000
  )

  it.scopedLive("fail to be built with what is wrong: no node, no address", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* build({ nodes: ["127.0.0.1:1"] }), {
        _tag: "RedisConnectionError",
        reason: "Refused",
        outcome: "NotSent"
      })
      assert.include(String(yield* build({ nodes: ["127.0.0.1"] })), "host:port")
    }))
})
