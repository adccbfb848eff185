/** Sentinels that speak TLS, in front of servers that do or do not. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schedule } from "effect"
import { RedisLive } from "effect-checkpoint"
import * as Live from "../layers/live/support/Live.js"
import * as Tls from "../layers/live/support/Tls.js"
import { RedisServer } from "../support/RedisServer.js"
import * as Sentinels from "../support/Sentinels.js"

const sentinelOf = (port: number, clients: "yes" | "no", ...config: ReadonlyArray<string>) =>
  Tls.make({
    clients,
    args: ["--sentinel"],
    config: [`sentinel monitor ${Sentinels.name} 127.0.0.1 ${port} 1`, ...config]
  })

const connect = (options: Omit<RedisLive.SentinelOptions, "name">) =>
  Live.build(RedisLive.redisSentinel({ name: Sentinels.name, retry: Schedule.stop, ...options }))

const refusedAs = (reason: "Tls" | "Refused" | "Timeout", options: Parameters<typeof connect>[0]) =>
  Effect.gen(function*() {
    const error = yield* Live.failure("12 seconds", Effect.scoped(connect(options)))
    Live.assertConnectionError(error, { reason, outcome: "NotSent" })
  })

describe("sentinels that speak TLS", () => {
  it.scopedLive("lead to a master that does not, by their certificate and ours", () =>
    Effect.gen(function*() {
      const master = yield* RedisServer.make()
      const { pem, tlsPort } = yield* sentinelOf(master.port, "yes")
      const own = { ca: pem("ca.crt"), cert: pem("client.crt"), key: Redacted.make(pem("client.key")) }
      const sentinels = [`localhost:${tlsPort}`]
      const redis = yield* connect({ sentinels, sentinelTls: own })
      yield* redis.pipeline(Live.set("k", "v"))
      assert.strictEqual(yield* master.cli("GET", "k"), "v")
      yield* refusedAs("Tls", { sentinels, sentinelTls: true })
      yield* refusedAs("Tls", { sentinels, sentinelTls: { ...own, servername: "redis.example.com" } })
    }))

  it.scopedLive("are not asked in plain text by who wants TLS, nor the other way round", () =>
    Effect.gen(function*() {
      const master = yield* RedisServer.make()
      const { pem, server, tlsPort } = yield* sentinelOf(master.port, "no")
      yield* refusedAs("Refused", { sentinels: [`localhost:${tlsPort}`], connectTimeout: "2 seconds" })
      const tls = { sentinelTls: { ca: pem("ca.crt") }, connectTimeout: "2 seconds" } as const
      yield* refusedAs("Timeout", { sentinels: [`localhost:${server.port}`], ...tls })
    }))

  it.scopedLive("lead to a master that speaks TLS, too, with settings of its own", () =>
    Effect.gen(function*() {
      const master = yield* Tls.make({ clients: "no" })
      const sentinel = yield* sentinelOf(
        master.tlsPort,
        "no",
        "tls-replication yes"
      )
      const ca = { ca: sentinel.pem("ca.crt") }
      const sentinels = [`localhost:${sentinel.tlsPort}`]
      const redis = yield* connect({ sentinels, sentinelTls: ca, tls: { ca: master.pem("ca.crt") } })
      yield* redis.pipeline(Live.set("k", "v"))
      assert.strictEqual(yield* master.server.cli("GET", "k"), "v")
      // The authority of the sentinels says nothing about the master.
      yield* refusedAs("Tls", { sentinels, sentinelTls: ca, tls: ca })
    }))
})
