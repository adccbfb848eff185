import { assert, describe, it, layer } from "@effect/vitest"
import { Chunk, Effect, Either, Exit, Fiber, Scope } from "effect"
import { RedisLive, RedisProgram, RedisReply } from "effect-checkpoint"
import { execFileSync } from "node:child_process"
import * as Proxy from "../../support/Proxy.js"
import { RedisServer } from "../../support/RedisServer.js"
import * as Live from "./support/Live.js"

const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length

const block = (millis: number) => Effect.sync(() => execFileSync("sleep", [String(millis / 1_000)]))

const behindProxy = (options: Parameters<typeof Live.connect>[0]) =>
  Effect.gen(function*() {
    const server = yield* RedisServer
    yield* server.cli("FLUSHALL")
    const proxy = yield* Proxy.make({ target: server.port })
    const redis = yield* Live.connect({ port: proxy.port, ...options })
    return { server, proxy, redis }
  })

const push = (i: number) => RedisProgram.command("RPUSH", ["list", i], RedisReply.integer)

describe("deadlines", () => {
  layer(RedisServer.layer(), { excludeTestServices: true })((it) => {
    it.scoped("B20, B22: a server that is stopped: Timeout and Unknown at the deadline, and it recovers", () =>
      Effect.gen(function*() {
        const { redis, server } = yield* behindProxy({ timeout: "300 millis", connectTimeout: "300 millis" })
        yield* server.kill("SIGSTOP")
        const first = yield* Live.failure("3 seconds", redis.pipeline(Live.incr("n")))
        Live.assertConnectionError(first, { reason: "Timeout", outcome: "Unknown" })
        const later = yield* Live.failure("3 seconds", redis.pipeline(Live.incr("n")))
        Live.assertConnectionError(later, { reason: "Timeout", outcome: "NotSent" })
        yield* server.kill("SIGCONT")
        yield* Live.recovered(redis)
        assert.strictEqual(yield* server.cli("GET", "n"), "1")
      }))

    it.scoped("B22: what is in flight beside the program at its deadline fails with it, at once", () =>
      Effect.gen(function*() {
        const { proxy, redis } = yield* behindProxy({ timeout: "400 millis" })
        yield* proxy.pause()
        const first = yield* Effect.fork(Effect.flip(redis.pipeline(Live.ping)))
        yield* Effect.sleep("300 millis")
        const second = yield* Effect.fork(Effect.flip(redis.pipeline(Live.ping)))
        const timeout = { reason: "Timeout", outcome: "Unknown" } as const
        Live.assertConnectionError(yield* Fiber.join(first), timeout)
        Live.assertConnectionError(yield* Live.within("200 millis", Fiber.join(second)), timeout)
        yield* proxy.resume()
      }))

    it.scoped("B5: what failed at its deadline before it left is not sent later", () =>
      Effect.gen(function*() {
        const { proxy, redis, server } = yield* behindProxy({ timeout: "200 millis", connectTimeout: "10 seconds" })
        yield* proxy.pause()
        yield* proxy.cutAll()
        yield* Effect.sleep("100 millis")
        const error = yield* Live.failure("3 seconds", redis.pipeline(Live.incr("n")))
        Live.assertConnectionError(error, { reason: "Timeout", outcome: "NotSent" })
        yield* proxy.resume()
        yield* Live.recovered(redis)
        assert.isNull(yield* server.cli("GET", "n"))
      }))

    it.scoped("B7: a reconnect whose handshake is not answered is given up at connectTimeout, and made again", () =>
      Effect.gen(function*() {
        const { proxy, redis } = yield* behindProxy({ connectTimeout: "300 millis", retry: RedisLive.defaultRetry })
        yield* proxy.arm({ _tag: "StallReply" })
        yield* proxy.cutAll()
        assert.strictEqual(yield* Live.within("5 seconds", redis.pipeline(Live.ping)), "PONG")
        yield* proxy.struck()
      }))

    it.scoped("B20: a retry after a deadline stays within its schedule", () =>
      Effect.gen(function*() {
        const { proxy, redis } = yield* behindProxy({ timeout: "200 millis", retry: RedisLive.defaultRetry })
        yield* proxy.pause()
        const fiber = yield* Effect.fork(redis.pipeline(Live.ping))
        yield* Effect.sleep("500 millis")
        assert.isNull(fiber.unsafePoll())
        yield* proxy.resume()
        yield* proxy.cutAll()
        assert.strictEqual(yield* Live.within("5 seconds", Fiber.join(fiber)), "PONG")
      }))

    it.scoped("a reply that came while the event loop was blocked past the deadline counts", () =>
      Effect.gen(function*() {
        const { port } = yield* RedisServer
        const redis = yield* Live.connect({ port, timeout: "100 millis" })
        yield* redis.pipeline(RedisProgram.command("DEL", ["n"], RedisReply.ignored))
        const fiber = yield* Effect.fork(redis.pipeline(Live.incr("n")))
        yield* Effect.promise(() => new Promise<void>((resolve) => process.nextTick(resolve)))
        yield* block(400)
        assert.strictEqual(yield* Fiber.join(fiber), 1)
      }))

    it.scoped("an interrupted program leaves no timer, in flight or waiting, and is not sent later", () =>
      Effect.gen(function*() {
        const { proxy, redis, server } = yield* behindProxy({ connectTimeout: "5 seconds" })
        yield* proxy.pause()
        const before = timers()
        const inFlight = yield* Effect.fork(redis.pipeline(Live.ping))
        yield* Effect.sleep("20 millis")
        assert.isAbove(timers(), before)
        yield* Fiber.interrupt(inFlight)
        assert.strictEqual(timers(), before)
        yield* proxy.cutAll()
        yield* Effect.sleep("200 millis")
        const connecting = timers()
        const waiting = yield* Effect.fork(Effect.all(
          Array.from({ length: 100 }, () => redis.pipeline(Live.incr("n"))),
          { concurrency: "unbounded" }
        ))
        yield* Effect.sleep("20 millis")
        yield* Fiber.interrupt(waiting)
        assert.strictEqual(timers(), connecting)
        yield* proxy.resume()
        yield* Live.recovered(redis)
        assert.isNull(yield* server.cli("GET", "n"))
      }))

    it.scoped("hundreds of programs that wait add no listeners", () =>
      Effect.gen(function*() {
        const warnings: Array<string> = []
        const note = (warning: Error) => warnings.push(warning.name)
        process.on("warning", note)
        const { proxy, redis } = yield* behindProxy({})
        yield* proxy.pause()
        yield* proxy.cutAll()
        yield* Effect.sleep("100 millis")
        const fiber = yield* Effect.fork(Effect.all(
          Array.from({ length: 200 }, () => redis.pipeline(Live.ping)),
          { concurrency: "unbounded" }
        ))
        yield* Effect.sleep("200 millis")
        yield* proxy.resume()
        assert.lengthOf(yield* Fiber.join(fiber), 200)
        process.off("warning", note)
        assert.notInclude(warnings, "MaxListenersExceededWarning")
      }))

    it.scoped("B24, B25: releasing the layer while the server is silent or gone ends in time, and so do programs", () =>
      Effect.gen(function*() {
        const server = yield* RedisServer
        for (const fault of ["silent", "gone"] as const) {
          const proxy = yield* Proxy.make({ target: server.port })
          const scope = yield* Scope.make()
          const redis = yield* Scope.extend(Live.connect({ port: proxy.port, closeTimeout: "200 millis" }), scope)
          yield* proxy.pause()
          if (fault === "gone") {
            yield* proxy.refuse()
            yield* proxy.cutAll()
            yield* Effect.sleep("100 millis")
          }
          const pending = yield* Effect.fork(Effect.flip(redis.pipeline(Live.ping)))
          yield* Effect.sleep("20 millis")
          yield* Live.within("2 seconds", Scope.close(scope, Exit.void))
          const error = yield* Live.within("1 second", Fiber.join(pending))
          assert.propertyVal(error, "_tag", "RedisConnectionError")
          const after = yield* Live.failure("1 second", redis.pipeline(Live.ping))
          Live.assertConnectionError(after, { reason: "Closed", outcome: "NotSent" })
        }
      }))

    it.scoped("a released layer fails at once, whatever the retry", () =>
      Effect.gen(function*() {
        const server = yield* RedisServer
        const redis = yield* Effect.scoped(Live.connect({ port: server.port, retry: RedisLive.defaultRetry }))
        for (const send of [redis.pipeline(Live.ping), redis.transaction(Live.ping)]) {
          const error = yield* Live.failure("1 second", send)
          Live.assertConnectionError(error, { reason: "Closed", outcome: "NotSent" })
        }
      }))

    it.scoped("a released layer leaves neither sockets nor timers", () =>
      Effect.gen(function*() {
        const server = yield* RedisServer
        yield* Effect.sleep("50 millis")
        const before = process.getActiveResourcesInfo().filter((resource) => /TCP|Timeout/.test(resource)).length
        yield* Effect.scoped(Effect.flatMap(Live.connect({ port: server.port }), (redis) => redis.pipeline(Live.ping)))
        yield* Effect.sleep("50 millis")
        const after = process.getActiveResourcesInfo().filter((resource) => /TCP|Timeout/.test(resource)).length
        assert.isAtMost(after, before)
      }))
  })

  it.scopedLive("10,000 programs on a server that is down all fail in time, and work when it is back", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const redis = yield* Live.connect({ port: server.port, timeout: "5 seconds" })
      yield* server.kill()
      yield* Effect.sleep("50 millis")
      const errors = yield* Live.within(
        "40 seconds",
        Effect.forEach(Chunk.range(1, 10_000), () => Effect.flip(redis.pipeline(Live.incr("n"))), {
          concurrency: "unbounded"
        })
      )
      for (const error of errors) Live.assertConnectionError(error, { reason: "Refused", outcome: "NotSent" })
      yield* server.restart()
      yield* Live.recovered(redis)
      assert.isNull(yield* server.cli("GET", "n"))
    }))

  it.scopedLive("1,000 programs that wait through a restart are all sent, each once, in order", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const redis = yield* Live.connect({ port: server.port, retry: RedisLive.defaultRetry })
      yield* server.kill()
      yield* Effect.sleep("50 millis")
      const fiber = yield* Effect.fork(
        Effect.forEach(Chunk.range(1, 1_000), (i) => Effect.either(redis.pipeline(push(i))), {
          concurrency: "unbounded"
        })
      )
      yield* Effect.sleep("300 millis")
      yield* server.restart()
      const results = yield* Live.within("20 seconds", Fiber.join(fiber))
      assert.isTrue(results.every(Either.isRight))
      assert.strictEqual(yield* server.cli("LLEN", "list"), 1_000)
      assert.strictEqual(new Set((yield* server.cli("LRANGE", "list", 0, -1)) as ReadonlyArray<string>).size, 1_000)
    }))
})
