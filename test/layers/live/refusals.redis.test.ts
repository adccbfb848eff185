import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Either, Fiber, Redacted } from "effect"
import { RedisLive, RedisProgram, RedisReply, RedisScript } from "effect-checkpoint"
import * as fs from "node:fs"
import * as path from "node:path"
import { RedisServer } from "../../support/RedisServer.js"
import * as Live from "./support/Live.js"

const { command, either } = RedisProgram

const each = RedisProgram.all([
  either(Live.set("a", "1")),
  either(command("SADD", ["b", "x"], RedisReply.integer)),
  either(command("PEXPIRE", ["b", 60_000], RedisReply.integer))
])

const code = (result: Either.Either<unknown, unknown>) =>
  Either.isLeft(result) ? Reflect.get(Object(result.left), "code") : "applied"

/** A server of its own, and a service on it. */
const alone = (config: ReadonlyArray<string> = []) =>
  Effect.gen(function*() {
    const server = yield* RedisServer.make({ config })
    return { server, redis: yield* Live.connect({ port: server.port }) }
  })

describe("refused commands", () => {
  layer(RedisServer.layer(), { excludeTestServices: true })((it) => {
    const shared = Effect.gen(function*() {
      const server = yield* RedisServer
      yield* server.cli("FLUSHALL")
      return { server, redis: yield* Live.connect({ port: server.port }) }
    })

    it.scoped("B38: a key of another kind: WRONGTYPE for that command alone, in a pipeline and a transaction", () =>
      Effect.gen(function*() {
        const { redis, server } = yield* shared
        yield* server.cli("SET", "b", "not a set")
        for (const send of [redis.pipeline, redis.transaction]) {
          assert.deepStrictEqual((yield* send(each)).map(code), ["applied", "WRONGTYPE", "applied"])
          const error = yield* Live.failure("3 seconds", send(command("SADD", ["b", "x"], RedisReply.integer)))
          Live.assertCommandError(error, { command: "SADD", code: "WRONGTYPE", message: /another kind/ })
        }
        assert.strictEqual(yield* server.cli("GET", "a"), "1")
      }))

    it.scoped("B39: a script that fails after its first write: its error, and the write stays", () =>
      Effect.gen(function*() {
        const { redis, server } = yield* shared
        yield* server.cli("SET", "b", "not a set")
        const script = RedisScript.make({
          name: "careless",
          lua: "redis.call('SET', KEYS[1], '1') return redis.call('SADD', KEYS[2], 'x')"
        })
        const program = RedisProgram.script(script, ["a", "b"], [], RedisReply.integer)
        const error = yield* Live.failure("3 seconds", redis.pipeline(program))
        Live.assertCommandError(error, { command: "careless", code: "WRONGTYPE" })
        assert.strictEqual(yield* server.cli("GET", "a"), "1")
      }))

    it.scoped("B40: a command that cannot be queued discards the transaction: EXECABORT names it and why", () =>
      Effect.gen(function*() {
        const { redis, server } = yield* shared
        const program = RedisProgram.zip(Live.set("a", "1"), command("SET", ["secret-key"], RedisReply.ignored))
        const error = yield* Live.failure("3 seconds", redis.transaction(program))
        Live.assertCommandError(error, { command: "EXEC", code: "EXECABORT", message: /SET: ERR wrong number/ })
        assert.isNull(yield* server.cli("GET", "a"))
        assert.strictEqual(yield* redis.transaction(Live.incr("n")), 1)
      }))

    it.scoped("B41, B42: an expiry that Redis refuses: an error in its place, the other commands apply", () =>
      Effect.gen(function*() {
        const { redis, server } = yield* shared
        for (const ttl of ["0", "1.5", "NaN"]) {
          const program = RedisProgram.zip(
            either(command("SET", ["a", "1", "PX", ttl], RedisReply.ignored)),
            either(command("SADD", ["b", ttl], RedisReply.integer))
          )
          assert.deepStrictEqual((yield* redis.pipeline(program)).map(code), ["ERR", "applied"])
        }
        assert.isNull(yield* server.cli("GET", "a"))
      }))

    it.scoped("an unknown command: its error, without the arguments that Redis quotes", () =>
      Effect.gen(function*() {
        const { redis } = yield* shared
        const unknown = command("NOSUCH", ["secret-payload"], RedisReply.ignored)
        for (const send of [redis.pipeline, redis.transaction]) {
          const error = yield* Live.failure("3 seconds", send(unknown))
          assert.propertyVal(error, "_tag", "RedisCommandError")
          assert.match(error.message, /unknown command/)
          assert.notInclude(JSON.stringify(error) + error.message + error.stack, "secret-payload")
        }
      }))

    it.scoped("B45: a transaction whose watched key has changed: EXECABORT, nothing applied", () =>
      Effect.gen(function*() {
        const { redis, server } = yield* shared
        yield* redis.pipeline(command("WATCH", ["a"], RedisReply.ignored))
        yield* server.cli("SET", "a", "theirs")
        const error = yield* Live.failure("3 seconds", redis.transaction(Live.set("a", "ours")))
        Live.assertCommandError(error, { command: "EXEC", code: "EXECABORT", message: /watched/ })
        assert.strictEqual(yield* server.cli("GET", "a"), "theirs")
      }))

    it.scoped("B28: a key that the ACL does not allow: NOPERM alone in a pipeline, EXECABORT for a transaction", () =>
      Effect.gen(function*() {
        const { server } = yield* shared
        yield* server.cli("ACL", "SETUSER", "app", "on", ">secret", "~a", "+@all")
        const redis = yield* Live.connect({ port: server.port, username: "app", password: Redacted.make("secret") })
        assert.deepStrictEqual((yield* redis.pipeline(each)).map(code), ["applied", "NOPERM", "NOPERM"])
        yield* server.cli("DEL", "a")
        const error = yield* Live.failure("3 seconds", redis.transaction(each))
        Live.assertCommandError(error, { command: "EXEC", code: "EXECABORT", message: /SADD: NOPERM/ })
        assert.isNull(yield* server.cli("GET", "a"))
      }))

    it.scoped("B28: a command or key that the ACL does not allow inside a script: NOPERM as well", () =>
      Effect.gen(function*() {
        const { server } = yield* shared
        yield* server.cli("ACL", "SETUSER", "app", "on", ">secret", "~a", "+@all", "-incr")
        const redis = yield* Live.connect({ port: server.port, username: "app", password: Redacted.make("secret") })
        for (const lua of ["return redis.call('INCR', 'a')", "return redis.call('GET', 'b')"]) {
          const script = RedisScript.make({ name: "refused", lua, model: () => 0 })
          const error = yield* Live.failure(
            "3 seconds",
            redis.pipeline(RedisProgram.script(script, ["a"], [], RedisReply.ignored))
          )
          Live.assertCommandError(error, { command: "refused", code: "NOPERM" })
        }
      }))

    it.scoped("a user without the right to MULTI: the error says that the commands ran one by one", () =>
      Effect.gen(function*() {
        const { server } = yield* shared
        yield* server.cli("ACL", "SETUSER", "app", "on", ">secret", "~*", "+@all", "-multi")
        const redis = yield* Live.connect({ port: server.port, username: "app", password: Redacted.make("secret") })
        const error = yield* Live.failure("3 seconds", redis.transaction(each))
        Live.assertCommandError(error, { command: "MULTI", code: "NOPERM", message: /one by one/ })
        assert.strictEqual(yield* server.cli("GET", "a"), "1")
        assert.strictEqual(yield* Live.recovered(redis), "PONG")
      }))
  })

  it.scopedLive("B31, B32: a replica that is read-only, or without its master: READONLY, MASTERDOWN, nothing written", () =>
    Effect.gen(function*() {
      const master = yield* RedisServer.make()
      const { redis, server } = yield* alone()
      yield* server.cli("REPLICAOF", "127.0.0.1", master.port)
      const error = yield* Live.failure("3 seconds", redis.pipeline(Live.set("a", "1")))
      Live.assertCommandError(error, { command: "SET", code: "READONLY", message: /connect to the master/ })
      assert.propertyVal(error, "retryable", true)
      const aborted = yield* Live.failure("3 seconds", redis.transaction(Live.set("a", "1")))
      Live.assertCommandError(aborted, { command: "EXEC", code: "EXECABORT", message: /READONLY/ })
      yield* server.cli("CONFIG", "SET", "replica-serve-stale-data", "no")
      yield* master.kill()
      const down = yield* Effect.flip(redis.pipeline(Live.get("a"))).pipe(
        Effect.repeat({ until: (error) => error._tag === "RedisCommandError" && error.code === "MASTERDOWN" }),
        (effect) => Live.within("10 seconds", effect)
      )
      assert.propertyVal(down, "retryable", true)
    }))

  it.scopedLive("B32: too few replicas: NOREPLICAS", () =>
    Effect.gen(function*() {
      const { redis, server } = yield* alone(["min-replicas-to-write 1"])
      const error = yield* Live.failure("3 seconds", redis.pipeline(Live.set("a", "1")))
      Live.assertCommandError(error, { command: "SET", code: "NOREPLICAS" })
      assert.isNull(yield* server.cli("GET", "a"))
    }))

  it.scopedLive("B34: no memory left: OOM for what needs some, EXECABORT for a transaction, reads go on", () =>
    Effect.gen(function*() {
      const { redis, server } = yield* alone()
      yield* server.cli("SET", "b", "x")
      yield* server.cli("CONFIG", "SET", "maxmemory", 1)
      assert.deepStrictEqual((yield* redis.pipeline(each)).map(code), ["OOM", "OOM", "applied"])
      const error = yield* Live.failure("3 seconds", redis.transaction(each))
      Live.assertCommandError(error, { command: "EXEC", code: "EXECABORT", message: /SET: OOM/ })
      assert.isNull(yield* redis.pipeline(Live.get("a")))
    }))

  it.scopedLive("B35: memory that ends in the middle of a pipeline: every place says what became of it", () =>
    Effect.gen(function*() {
      const { redis, server } = yield* alone(["maxmemory 4mb"])
      const keys = Array.from({ length: 60 }, (_, i) => `k${i}`)
      const program = RedisProgram.forEach(keys, (key) => either(Live.set(key, "x".repeat(100_000))))
      const results = yield* redis.pipeline(program)
      const applied = keys.filter((_, i) => Either.isRight(results[i]!))
      assert.isAbove(applied.length, 0)
      assert.isBelow(applied.length, keys.length)
      assert.strictEqual(yield* server.cli("DBSIZE"), applied.length)
    }))

  it.scopedLive("B36: a server that cannot persist: MISCONF for writes, reads go on, and a new layer is refused", () =>
    Effect.gen(function*() {
      const { redis, server } = yield* alone()
      yield* server.cli("CONFIG", "SET", "save", "3600 1")
      yield* server.cli("SET", "b", "x")
      fs.mkdirSync(path.join(server.dir, "dump.rdb"))
      yield* server.cli("BGSAVE")
      const error = yield* Effect.flip(redis.pipeline(Live.set("b", "y"))).pipe(
        Effect.retry({ times: 500 }),
        (effect) => Live.within("10 seconds", effect)
      )
      Live.assertCommandError(error, { command: "SET", code: "MISCONF" })
      assert.isNull(yield* redis.pipeline(Live.get("a")))
      const refused = yield* Live.failure("5 seconds", Live.connect({ port: server.port }))
      Live.assertCommandError(refused, { command: "PING", code: "MISCONF" })
    }))

  it.scopedLive("B37: a server busy with a script: BUSY, EXECABORT because of BUSY, and the default retry waits", () =>
    Effect.gen(function*() {
      const { redis, server } = yield* alone(["lua-time-limit 50"])
      const patient = yield* Live.connect({ port: server.port, retry: RedisLive.defaultRetry })
      const loop = yield* Effect.fork(Effect.ignore(server.cli("EVAL", "while true do end", 0)))
      yield* Effect.sleep("300 millis")
      const error = yield* Live.failure("3 seconds", redis.pipeline(Live.incr("n")))
      Live.assertCommandError(error, { command: "INCR", code: "BUSY" })
      const aborted = yield* Live.failure("3 seconds", redis.transaction(Live.incr("n")))
      Live.assertCommandError(aborted, { command: "EXEC", code: "EXECABORT", message: /BUSY/ })
      const waiting = yield* Effect.fork(patient.pipeline(RedisProgram.zip(Live.incr("n"), Live.incr("n"))))
      yield* Effect.sleep("200 millis")
      yield* server.cli("SCRIPT", "KILL")
      yield* loop
      assert.deepStrictEqual(yield* Live.within("5 seconds", Fiber.join(waiting)), [1, 2])
    }))

  it.scopedLive("B33: a server that is loading after a restart: programs wait for it", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make({ config: ["enable-debug-command yes"] })
      const redis = yield* Live.connect({ port: server.port, retry: RedisLive.defaultRetry })
      yield* server.cli("DEBUG", "POPULATE", 2000, "key", 20_000)
      yield* server.cli("CONFIG", "SET", "key-load-delay", 300)
      yield* Effect.ignore(server.cli("CONFIG", "SET", "loading-process-events-interval-bytes", 1024))
      const reload = yield* Effect.fork(Effect.ignore(server.cli("DEBUG", "RELOAD")))
      yield* Effect.sleep("200 millis")
      assert.strictEqual(yield* Live.within("10 seconds", redis.pipeline(Live.incr("n"))), 1)
      yield* reload
      assert.strictEqual(yield* server.cli("GET", "n"), "1")
    }))

  it.scopedLive("B44: a value over proto-max-bulk-len: a protocol error of the server, and the connection recovers", () =>
    Effect.gen(function*() {
      const { redis, server } = yield* alone(["proto-max-bulk-len 1mb"])
      const error = yield* Live.failure("5 seconds", redis.pipeline(Live.set("a", "x".repeat(2_000_000))))
      if (error._tag === "RedisCommandError") assert.match(error.message, /Protocol error: invalid bulk length/)
      else Live.assertConnectionError(error, { reason: "Closed", outcome: "Unknown" })
      assert.strictEqual(yield* Live.recovered(redis), "PONG")
      assert.isNull(yield* server.cli("GET", "a"))
    }))
})
