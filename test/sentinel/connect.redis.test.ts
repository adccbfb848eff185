import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, Context, Effect, Layer, Logger, Redacted, Schedule } from "effect"
import { CheckpointStore, Redis, RedisLive } from "effect-checkpoint"
import * as Live from "../layers/live/support/Live.js"
import * as Peers from "../layers/live/support/Peers.js"
import { RedisServer } from "../support/RedisServer.js"
import * as Sentinels from "../support/Sentinels.js"

const connect = (options: Omit<RedisLive.SentinelOptions, "name"> & { readonly name?: string }) =>
  Live.build(RedisLive.redisSentinel({ name: Sentinels.name, retry: Schedule.stop, ...options }))

const refusedAs = (
  reason: "Refused" | "Authentication" | "Timeout" | "Dns",
  options: Parameters<typeof connect>[0]
) =>
  Effect.gen(function*() {
    const error = yield* Live.failure("12 seconds", Effect.scoped(connect(options)))
    Live.assertConnectionError(error, { reason, outcome: "NotSent" })
    return String(Reflect.get(error, "cause"))
  })

const invalid = (option: string, options: Parameters<typeof connect>[0]) =>
  Effect.gen(function*() {
    const error = yield* Effect.flip(Effect.scoped(connect(options)))
    assert.propertyVal(error, "_op", "InvalidData")
    assert.notInclude(String(error), "secret-word")
    assert.deepStrictEqual(Reflect.get(error, "path"), [option])
  })

describe("a connection by sentinels", () => {
  it.scopedLive("leads to the master, with passwords of its own and of the sentinels; others are told by name", () =>
    Effect.gen(function*() {
      const group = yield* Sentinels.make({
        sentinelPassword: "sentinels",
        server: { requirepass: "servers", config: ["masterauth servers"] }
      })
      const passwords = { password: Redacted.make("servers"), sentinelPassword: Redacted.make("sentinels") }
      const redis = yield* connect({ sentinels: group.addresses.slice(1), ...passwords })
      yield* redis.pipeline(Live.set("k", "v"))
      assert.strictEqual(yield* group.master.cli("GET", "k"), "v")

      const wrong = Redacted.make("wrong")
      yield* refusedAs("Authentication", { sentinels: group.addresses, ...passwords, sentinelPassword: wrong })
      yield* refusedAs("Authentication", { sentinels: group.addresses, ...passwords, password: wrong })
      const unknown = yield* refusedAs("Refused", { sentinels: group.addresses, ...passwords, name: "unknown" })
      assert.match(unknown, /No such master with that name/)

      const layer = RedisLive.layerSentinelConfig({
        sentinels: Config.array(Config.string(), "SENTINELS"),
        name: Config.succeed(Sentinels.name),
        password: Config.redacted("PASSWORD"),
        sentinelPassword: Config.redacted("SENTINEL_PASSWORD"),
        prefix: Config.succeed("shop:")
      })
      const environment = { SENTINELS: group.addresses.join(","), PASSWORD: "servers", SENTINEL_PASSWORD: "sentinels" }
      const provider = ConfigProvider.fromMap(new Map(Object.entries(environment)))
      const context = yield* Effect.withConfigProvider(Layer.build(layer), provider)
      yield* Context.get(context, CheckpointStore.CheckpointStore).append("e", { nodeName: "n", state: 1 })
      assert.strictEqual(yield* group.master.cli("EXISTS", "shop:executions"), 1)
      assert.deepStrictEqual(yield* Context.get(context, Redis.Redis).pipeline(Live.ping), "PONG")
    }))

  it.scopedLive("one sentinel that is silent and one that is gone do not hide the third", () =>
    Effect.gen(function*() {
      const master = yield* RedisServer.make()
      const sentinel = yield* RedisServer.make({
        args: ["--sentinel"],
        config: [`sentinel monitor ${Sentinels.name} 127.0.0.1 ${master.port} 1`]
      })
      const others = [yield* Peers.silent, 1].map((port) => `127.0.0.1:${port}`)
      const redis = yield* connect({ sentinels: [...others, `127.0.0.1:${sentinel.port}`] })
      assert.strictEqual(yield* redis.pipeline(Live.ping), "PONG")
    }))

  it.scopedLive("no sentinel, or no master behind it: Refused, Timeout or Dns, in time", () =>
    Effect.gen(function*() {
      const master = yield* RedisServer.make()
      const sentinel = yield* RedisServer.make({
        args: ["--sentinel"],
        config: [`sentinel monitor ${Sentinels.name} 127.0.0.1 ${master.port} 1`]
      })
      yield* refusedAs("Refused", { sentinels: ["127.0.0.1:1", "127.0.0.1:2"] })
      yield* refusedAs("Timeout", { sentinels: [`127.0.0.1:${yield* Peers.silent}`], connectTimeout: "300 millis" })
      yield* refusedAs("Dns", { sentinels: ["no-such-host.invalid"] })
      yield* master.kill()
      assert.match(yield* refusedAs("Refused", { sentinels: [`127.0.0.1:${sentinel.port}`] }), /ECONNREFUSED/)
    }))

  it.scopedLive("wrong options name themselves, and show no secret", () =>
    Effect.gen(function*() {
      for (const sentinels of [[], ["secret-word@h:1"], ["h:1", "h:99999"], [""], ["h:1/0"], ["redis://h"]]) {
        yield* invalid("sentinels", { sentinels })
      }
      yield* invalid("name", { sentinels: ["h"], name: "" })
      yield* invalid("sentinelPassword", { sentinels: ["h"], sentinelUsername: "u" })
      yield* invalid("timeout", { sentinels: ["h"], timeout: -1 })
    }))

  it.scopedLive("sentinels that go away later do not matter; those that are back are asked", () =>
    Effect.gen(function*() {
      const master = yield* RedisServer.make()
      const sentinel = yield* RedisServer.make({
        args: ["--sentinel"],
        config: [`sentinel monitor ${Sentinels.name} 127.0.0.1 ${master.port} 1`]
      })
      const redis = yield* connect({ sentinels: [`127.0.0.1:${sentinel.port}`] })
      yield* sentinel.kill()
      assert.strictEqual(yield* redis.pipeline(Live.ping), "PONG")
      yield* master.restart()
      const error = yield* Effect.flip(redis.pipeline(Live.ping)).pipe(
        Effect.repeat({ until: (error) => Reflect.get(error, "outcome") === "NotSent", times: 3 })
      )
      Live.assertConnectionError(error, { reason: "Refused", outcome: "NotSent" })
      yield* sentinel.restart()
      assert.strictEqual(yield* Live.recovered(redis), "PONG")
    }).pipe(Effect.provide(Logger.remove(Logger.defaultLogger))))
})
