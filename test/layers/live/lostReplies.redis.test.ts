import { assert, describe, it, layer } from "@effect/vitest"
import { Chunk, Effect, Either, Fiber, Schedule } from "effect"
import { type Errors, type Redis, RedisLive, RedisProgram, RedisReply } from "effect-checkpoint"
import * as Proxy from "../../support/Proxy.js"
import { RedisServer } from "../../support/RedisServer.js"
import * as Live from "./support/Live.js"

const unknown = { reason: "Closed", outcome: "Unknown" } as const

/** A server behind a proxy, a service connected through it, and a counter that is not there. */
const setup = (options: Parameters<typeof Live.connect>[0] = {}) =>
  Effect.gen(function*() {
    const server = yield* RedisServer
    yield* server.cli("FLUSHALL")
    const proxy = yield* Proxy.make({ target: server.port })
    const redis = yield* Live.connect({ port: proxy.port, ...options })
    return { server, proxy, redis, counter: server.cli("GET", "n") }
  })

const twice = RedisProgram.all([Live.incr("n"), Live.incr("n")])

type Send = (redis: Redis.Service) => Effect.Effect<unknown, Errors.StorageError>

const programs: ReadonlyArray<readonly [name: string, send: Send, applied: string]> = [
  ["a command", (redis) => redis.pipeline(Live.incr("n")), "1"],
  ["a pipeline", (redis) => redis.pipeline(twice), "2"],
  ["a transaction", (redis) => redis.transaction(twice), "2"]
]

const append = (i: number) => RedisProgram.command("APPEND", [`k${i}`, "x"], RedisReply.integer)

describe("lost replies", () => {
  layer(RedisServer.layer(), { excludeTestServices: true })((it) => {
    for (const [name, send, applied] of programs) {
      it.scoped(`B16, B17: ${name} whose reply is lost: Unknown, applied exactly once, then and later`, () =>
        Effect.gen(function*() {
          const { counter, proxy, redis } = yield* setup()
          yield* proxy.arm({ _tag: "CutBeforeReply" })
          Live.assertConnectionError(yield* Live.failure("3 seconds", send(redis)), unknown)
          assert.strictEqual(yield* Live.recovered(redis), "PONG")
          assert.strictEqual(yield* counter, applied)
        }))

      it.scoped(`B16: ${name} whose reply is lost is not sent again by the default retry either`, () =>
        Effect.gen(function*() {
          const { counter, proxy, redis } = yield* setup({ retry: RedisLive.defaultRetry })
          yield* proxy.arm({ _tag: "CutBeforeReply" })
          Live.assertConnectionError(yield* Live.failure("3 seconds", send(redis)), unknown)
          yield* redis.pipeline(Live.ping)
          assert.strictEqual(yield* counter, applied)
        }))

      it.scoped(`B13: ${name} that the server never saw: Unknown all the same, not applied`, () =>
        Effect.gen(function*() {
          const { counter, proxy, redis } = yield* setup()
          yield* proxy.arm({ _tag: "CutBeforeRequest" })
          Live.assertConnectionError(yield* Live.failure("3 seconds", send(redis)), unknown)
          yield* Live.recovered(redis)
          assert.isNull(yield* counter)
        }))
    }

    it.scoped("B10: a pipeline of which a part got its reply fails as a whole: Unknown", () =>
      Effect.gen(function*() {
        const { counter, proxy, redis } = yield* setup()
        yield* proxy.arm({ _tag: "CutInReply", bytes: ":1\r\n".length })
        const error = yield* Live.failure("3 seconds", redis.pipeline(RedisProgram.either(twice)))
        Live.assertConnectionError(error, unknown)
        assert.strictEqual(yield* counter, "2")
      }))

    it.scoped("B14: a transaction cut before its EXEC: Unknown, nothing applied", () =>
      Effect.gen(function*() {
        const { counter, proxy, redis } = yield* setup()
        yield* proxy.arm({ _tag: "CutInRequest", bytes: 60 })
        Live.assertConnectionError(yield* Live.failure("3 seconds", redis.transaction(twice)), unknown)
        yield* Live.recovered(redis)
        assert.isNull(yield* counter)
      }))

    it.scoped("B15: a transaction cut in the reply of its EXEC: the same error, all applied", () =>
      Effect.gen(function*() {
        const { counter, proxy, redis } = yield* setup()
        yield* proxy.arm({ _tag: "CutInReply", bytes: "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1".length })
        Live.assertConnectionError(yield* Live.failure("3 seconds", redis.transaction(twice)), unknown)
        assert.strictEqual(yield* counter, "2")
      }))

    it.scoped("B16: a repeatable program whose reply is lost is sent again, by the retry of the layer", () =>
      Effect.gen(function*() {
        const { proxy, redis, server } = yield* setup({ retry: RedisLive.defaultRetry })
        yield* server.cli("SET", "k", "v")
        yield* proxy.arm({ _tag: "CutBeforeReply" })
        assert.strictEqual(yield* Live.within("4 seconds", redis.pipeline(Live.get("k"))), "v")
        const overwrite = RedisProgram.command("SET", ["k", "w"], RedisReply.ignored, { repeatable: true })
        yield* proxy.arm({ _tag: "CutBeforeReply" })
        yield* Live.within("4 seconds", redis.transaction(RedisProgram.zip(overwrite, Live.get("k"))))
        assert.strictEqual(yield* server.cli("GET", "k"), "w")
      }))

    it.scoped("a repeatable program whose reply is lost, and that cannot be sent again: Unknown, since it was sent once", () =>
      Effect.gen(function*() {
        const { proxy, redis, server } = yield* setup({ retry: Schedule.recurs(3) })
        yield* proxy.arm({ _tag: "CutBeforeReply" })
        yield* proxy.refuse()
        const overwrite = RedisProgram.command("SET", ["k", "w"], RedisReply.ignored, { repeatable: true })
        const error = yield* Live.failure("4 seconds", redis.pipeline(overwrite))
        Live.assertConnectionError(error, { reason: "Refused", outcome: "Unknown" })
        assert.strictEqual(yield* server.cli("GET", "k"), "w")
      }))

    it.scoped("one command that is not repeatable keeps the whole program from being sent again", () =>
      Effect.gen(function*() {
        const { counter, proxy, redis } = yield* setup({ retry: RedisLive.defaultRetry })
        yield* proxy.arm({ _tag: "CutBeforeReply" })
        const program = RedisProgram.zip(Live.get("k"), Live.incr("n"))
        Live.assertConnectionError(yield* Live.failure("3 seconds", redis.pipeline(program)), unknown)
        yield* redis.pipeline(Live.ping)
        assert.strictEqual(yield* counter, "1")
      }))

    it.scoped("B2, B4: a program that finds no connection: NotSent and, without retry, at once", () =>
      Effect.gen(function*() {
        const { counter, proxy, redis } = yield* setup()
        yield* proxy.refuse()
        yield* proxy.cutAll()
        yield* Effect.flip(redis.pipeline(Live.ping))
        const errors = yield* Effect.forEach([1, 2, 3], () => Live.failure("3 seconds", redis.pipeline(twice)))
        for (const error of errors) Live.assertConnectionError(error, { reason: "Refused", outcome: "NotSent" })
        yield* proxy.accept()
        yield* Live.recovered(redis)
        assert.isNull(yield* counter)
      }))

    it.scoped("B2: a program that was not sent is sent once the server is back, exactly once", () =>
      Effect.gen(function*() {
        const { counter, proxy, redis } = yield* setup({ retry: RedisLive.defaultRetry })
        yield* proxy.refuse()
        yield* proxy.cutAll()
        yield* Effect.sleep("100 millis")
        const fiber = yield* Effect.fork(redis.pipeline(Live.incr("n")))
        yield* Effect.sleep("500 millis")
        assert.isNull(fiber.unsafePoll())
        yield* proxy.accept()
        assert.strictEqual(yield* Live.within("3 seconds", Fiber.join(fiber)), 1)
        assert.strictEqual(yield* counter, "1")
      }))

    it.scoped("B19: CLIENT KILL with 3,000 commands in flight: a success was applied once, a failure at most once", () =>
      Effect.gen(function*() {
        const { counter, redis, server } = yield* setup()
        const id = yield* redis.pipeline(RedisProgram.command("CLIENT", ["ID"], RedisReply.integer))
        const killer = yield* server.connect
        const all = yield* Effect.fork(Effect.forEach(
          Chunk.range(1, 3_000),
          () => Effect.either(redis.pipeline(Live.incr("n"))),
          { concurrency: "unbounded" }
        ))
        yield* Effect.sleep("5 millis")
        yield* killer.send("CLIENT", "KILL", "ID", id)
        const results = yield* Live.within("20 seconds", Fiber.join(all))
        const applied = Number(yield* counter)
        const failures = results.filter(Either.isLeft).map(({ left }) => left)
        const sent = failures.filter((error) => Reflect.get(error, "outcome") === "Unknown").length
        assert.isAtLeast(applied, results.length - failures.length)
        assert.isAtMost(applied, results.length - failures.length + sent)
      }))

    it.scoped("B23: releasing the layer lets commands in flight finish", () =>
      Effect.gen(function*() {
        const { counter, proxy } = yield* setup()
        const fiber = yield* Effect.scoped(Effect.gen(function*() {
          const redis = yield* Live.connect({ port: proxy.port })
          const fiber = yield* Effect.forkDaemon(
            Effect.forEach(Chunk.range(1, 1_000), () => redis.pipeline(Live.incr("n")), { concurrency: "unbounded" })
          )
          yield* Effect.sleep("1 millis")
          return fiber
        }))
        const exit = yield* Live.within("3 seconds", Fiber.await(fiber))
        const applied = Number(yield* counter)
        if (exit._tag === "Success") assert.strictEqual(applied, 1_000)
        else assert.isBelow(applied, 1_000)
      }))
  })

  it.scopedLive("B11: kill -9 under 3,000 single saves: every one settles, and none is applied twice", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make({ appendonly: true, config: ["appendfsync no"] })
      const redis = yield* Live.connect({ port: server.port })
      const all = yield* Effect.fork(Effect.forEach(
        Chunk.range(1, 3_000),
        (i) => Effect.either(redis.pipeline(append(i))),
        { concurrency: "unbounded" }
      ))
      yield* Effect.sleep("20 millis")
      yield* server.kill()
      const results = yield* Live.within("20 seconds", Fiber.join(all))
      for (const result of results) {
        if (Either.isLeft(result)) assert.propertyVal(result.left, "_tag", "RedisConnectionError")
        else assert.strictEqual(result.right, 1)
      }
      yield* server.restart()
      yield* Live.recovered(redis)
      const lengths = yield* redis.pipeline(
        RedisProgram.forEach(results, (_, i) => RedisProgram.command("STRLEN", [`k${i + 1}`], RedisReply.integer))
      )
      for (const [i, result] of results.entries()) {
        const length = lengths[i] ?? -1
        if (Either.isRight(result)) assert.strictEqual(length, 1)
        else assert.isAtMost(length, Reflect.get(result.left, "outcome") === "Unknown" ? 1 : 0)
      }
    }))

  it.scopedLive("B10: kill -9 in the middle of a pipeline of 10,000: Unknown", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const redis = yield* Live.connect({ port: server.port })
      const program = RedisProgram.forEach(Chunk.range(1, 10_000), (i) => Live.set(`k${i}`, "x".repeat(10_000)))
      const fiber = yield* Effect.fork(Effect.flip(redis.pipeline(program)))
      yield* Effect.sleep("5 millis")
      yield* server.kill()
      Live.assertConnectionError(yield* Live.within("3 seconds", Fiber.join(fiber)), unknown)
      yield* server.restart()
      yield* Live.recovered(redis)
    }))

  it.scopedLive("a schedule of the caller's decides about the retries", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      let steps = 0
      const retry = Schedule.tapInput(Schedule.recurs(3), () => Effect.sync(() => steps++))
      const redis = yield* Live.connect({ port: server.port, retry })
      yield* server.kill()
      yield* Effect.flip(redis.pipeline(Live.ping))
      assert.strictEqual(steps, 4)
    }))
})
