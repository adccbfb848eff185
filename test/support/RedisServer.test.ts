import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import * as fs from "node:fs"
import * as RawRedis from "./RawRedis.js"
import { freePort, RedisServer } from "./RedisServer.js"

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe("RedisServer", () => {
  it.layer(RedisServer.layer())("layer", (it) => {
    it.scoped("answers commands with values of every type", () =>
      Effect.gen(function*() {
        const redis = yield* RedisServer
        assert.strictEqual(yield* redis.cli("SET", "k", "ünï\u0000\r\n"), "OK")
        assert.strictEqual(yield* redis.cli("GET", "k"), "ünï\u0000\r\n")
        assert.strictEqual(yield* redis.cli("GET", "missing"), null)
        assert.strictEqual(yield* redis.cli("INCR", "n"), 1)
        assert.deepStrictEqual(yield* redis.cli("EVAL", "return {1, {'a', {}}, false, ''}", 0), [
          1,
          ["a", []],
          null,
          ""
        ])
      }))

    it.scoped("fails with an error reply, and gives it as a value in a pipeline", () =>
      Effect.gen(function*() {
        const redis = yield* RedisServer
        const client = yield* redis.connect
        yield* client.send("SET", "text", "x")
        const error = yield* Effect.flip(client.send("INCR", "text"))
        assert.match(error.message, /not an integer/)
        const [first, second] = yield* client.pipeline([["INCR", "text"], ["GET", "text"]])
        assert.instanceOf(first, RawRedis.RawRedisError)
        assert.strictEqual(second, "x")
      }))

    it.scoped("reads replies that come in many pieces", () =>
      Effect.gen(function*() {
        const redis = yield* RedisServer
        const large = "ü".repeat(1_000_000)
        yield* redis.cli("SET", "large", large)
        assert.deepStrictEqual(yield* redis.cli("MGET", "large", "none", "large"), [large, null, large])
        assert.strictEqual(yield* redis.cli("GET", "large"), large)
      }))
  })

  it.scoped("keeps port and directory over a restart, and the data with appendonly", () =>
    Effect.gen(function*() {
      const redis = yield* RedisServer.make({ appendonly: true, config: ["appendfsync always"] })
      const { pid, port } = redis
      yield* redis.cli("SET", "k", "v")
      yield* redis.kill()
      assert.isFalse(isAlive(pid))
      yield* Effect.flip(redis.cli("PING"))
      yield* redis.restart()
      assert.notStrictEqual(redis.pid, pid)
      assert.strictEqual(redis.port, port)
      assert.strictEqual(yield* redis.cli("GET", "k"), "v")
    }))

  it.scoped("takes a password that needs quoting", () =>
    Effect.gen(function*() {
      const redis = yield* RedisServer.make({ requirepass: "pa ss\"@/" })
      assert.strictEqual(yield* redis.cli("PING"), "PONG")
      assert.match((yield* Effect.flip(RawRedis.call({ port: redis.port }, "PING"))).message, /NOAUTH/)
      assert.strictEqual(decodeURIComponent(new URL(redis.url).password), "pa ss\"@/")
    }))

  it.scoped("stops and continues", () =>
    Effect.gen(function*() {
      const redis = yield* RedisServer.make()
      yield* redis.kill("SIGSTOP")
      const pong = yield* Effect.fork(redis.cli("PING"))
      yield* redis.kill("SIGCONT")
      assert.strictEqual(yield* pong, "PONG")
    }))

  it.scoped("starts a sentinel, and a node of a cluster", () =>
    Effect.gen(function*() {
      const sentinel = yield* RedisServer.make({ args: ["--sentinel"] })
      assert.match(String(yield* sentinel.cli("INFO", "server")), /(redis|server)_mode:sentinel/)
      const node = yield* RedisServer.make({ config: ["cluster-enabled yes"] })
      assert.match(String(yield* node.cli("INFO", "server")), /(redis|server)_mode:cluster/)
    }))

  it.scoped("leaves neither process nor directory when the scope closes", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const redis = yield* Scope.extend(RedisServer.make(), scope)
      yield* redis.kill("SIGSTOP")
      yield* Scope.close(scope, Exit.void)
      assert.isFalse(isAlive(redis.pid))
      assert.isFalse(fs.existsSync(redis.dir))
    }))

  it.scoped("fails when its port is taken, with what the server logged", () =>
    Effect.gen(function*() {
      const first = yield* RedisServer.make()
      const error = yield* Effect.flip(RedisServer.make({ port: first.port }))
      assert.isTrue(error.exited)
      assert.match(error.message, /Address already in use/)
      assert.strictEqual(yield* first.cli("PING"), "PONG")
    }))

  it.scoped("finds ports that leave room for a cluster bus", () =>
    Effect.gen(function*() {
      assert.isBelow(yield* freePort, 55_536)
    }))
})
