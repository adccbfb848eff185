import { SystemError } from "@effect/platform/Error"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber } from "effect"
import { RedisCommandError, RedisConnectionError } from "../../../src/schema/Errors.js"
import { Redis } from "../../../src/services/Redis.js"
import * as RedisProgram from "../../../src/services/RedisProgram.js"
import * as RedisReply from "../../../src/services/RedisReply.js"
import * as RedisScript from "../../../src/services/RedisScript.js"
import { Disk, session } from "./Disk.js"
import { contents, pipeline, send } from "./workload.js"

const refusal = (method: string) =>
  new SystemError({ module: "KeyValueStore", method, reason: "PermissionDenied", description: "disk full" })

type Method = "get" | "has" | "set" | "remove"

/** A store whose methods fail when a switch says so, before or after they did their work. */
const failing = (disk: Disk) => {
  const state = { method: undefined as Method | undefined, key: /./, after: false }
  const wrap = <A, E>(method: Method, key: string, effect: Effect.Effect<A, E>) =>
    Effect.suspend(() => {
      if (state.method !== method || !state.key.test(key)) return effect
      return state.after ? Effect.zipRight(effect, refusal(method)) : refusal(method)
    })
  const { store } = disk
  return {
    state,
    store: KeyValueStore.makeStringOnly({
      ...store,
      get: (key) => wrap("get", key, store.get(key)),
      has: (key) => wrap("has", key, store.has(key)),
      set: (key, text) => wrap("set", key, store.set(key, text)),
      remove: (key) => wrap("remove", key, store.remove(key))
    })
  }
}

const storageError = (error: unknown, outcome: "NotSent" | "Unknown", cause: RegExp) => {
  assert.instanceOf(error, RedisConnectionError)
  assert.deepInclude(error, { reason: "Storage", outcome })
  assert.match(String(error.cause), cause)
}

const increment = RedisProgram.command("INCR", ["n"], RedisReply.integer)

describe("EmbeddedLive.redis, when its store fails", () => {
  it.effect("fails the program, and reads the store again before the next", () =>
    Effect.gen(function*() {
      for (const after of [false, true]) {
        const { state, store } = failing(new Disk())
        yield* session(store)(Effect.gen(function*() {
          yield* pipeline(increment)
          Object.assign(state, { method: "set", after })
          storageError(yield* Effect.flip(pipeline(increment)), "Unknown", /disk full/)
          storageError(yield* Effect.flip(pipeline(increment)), "Unknown", /disk full/)
          state.method = undefined
          assert.strictEqual(yield* pipeline(increment), after ? 4 : 2)
        }))
      }
    }))

  it.effect("says that nothing was written when it could not begin to write", () =>
    Effect.gen(function*() {
      const { state, store } = failing(new Disk())
      yield* session(store)(Effect.gen(function*() {
        state.method = "get"
        storageError(yield* Effect.flip(pipeline(increment)), "NotSent", /disk full/)
        storageError(yield* Effect.flip(pipeline(send("GET", "n"))), "NotSent", /disk full/)
        state.method = undefined
        assert.strictEqual(yield* pipeline(send("GET", "n")), null)
      }))
    }))

  it.effect("does not build when the store cannot be read or owned", () =>
    Effect.gen(function*() {
      for (const [method, outcome] of [["get", "NotSent"], ["set", "Unknown"], ["has", "NotSent"]] as const) {
        const { state, store } = failing(new Disk())
        state.method = method
        storageError(yield* Effect.flip(session(store)(Effect.void)), outcome, /disk full/)
      }
    }))

  it.effect("acknowledges what is in the journal, though no snapshot can be written", () =>
    Effect.gen(function*() {
      for (const key of [/^snapshot/, /^head/]) {
        for (const after of [false, true]) {
          const disk = new Disk()
          const { state, store } = failing(disk)
          Object.assign(state, { method: "set", key, after })
          yield* session(store, { journalBytes: 2000 })(Effect.gen(function*() {
            for (let i = 1; i <= 7; i++) assert.strictEqual(yield* pipeline(increment), i)
          }))
          assert.strictEqual(yield* session(disk.reboot().store)(pipeline(increment)), 8)
        }
      }
    }))

  it.effect("leaves obsolete entries that cannot be removed, and removes them later", () =>
    Effect.gen(function*() {
      const disk = new Disk()
      const { state, store } = failing(disk)
      state.method = "remove"
      yield* session(store, { journalBytes: 2000 })(Effect.replicateEffect(pipeline(increment), 9))
      assert.isAbove(disk.files.size, 9)
      state.method = undefined
      assert.strictEqual(yield* session(store)(pipeline(increment)), 10)
      assert.isBelow(disk.files.size, 8)
    }))

  it.effect("shows no change before it is stored", () =>
    Effect.gen(function*() {
      const disk = new Disk()
      const begun = yield* Deferred.make<void>()
      const gate = yield* Deferred.make<void>()
      const slow = KeyValueStore.makeStringOnly({
        ...disk.store,
        set: (key, text) =>
          key !== "journal-2"
            ? disk.store.set(key, text)
            : Deferred.succeed(begun, undefined).pipe(
              Effect.zipRight(Deferred.await(gate)),
              Effect.zipRight(refusal("set"))
            )
      })
      yield* session(slow)(Effect.gen(function*() {
        yield* pipeline(send("SET", "k", "old"))
        const write = yield* Effect.fork(Effect.exit(pipeline(send("SET", "k", "new"))))
        yield* Deferred.await(begun)
        const read = yield* Effect.fork(pipeline(send("GET", "k")))
        yield* Effect.yieldNow()
        yield* Deferred.succeed(gate, undefined)
        assert.isTrue(Exit.isFailure(yield* Fiber.join(write)))
        assert.strictEqual(yield* Fiber.join(read), "old")
      }))
    }))

  it.effect("finishes to store what it began, when it is interrupted", () =>
    Effect.gen(function*() {
      const disk = new Disk()
      const begun = yield* Deferred.make<void>()
      const gate = yield* Deferred.make<void>()
      const slow = KeyValueStore.makeStringOnly({
        ...disk.store,
        set: (key, text) =>
          key === "owner" ? disk.store.set(key, text) : Deferred.succeed(begun, undefined).pipe(
            Effect.zipRight(Deferred.await(gate)),
            Effect.zipRight(disk.store.set(key, text))
          )
      })
      yield* session(slow)(Effect.gen(function*() {
        const write = yield* Effect.fork(pipeline(increment))
        yield* Deferred.await(begun)
        const interruption = yield* Effect.fork(Fiber.interrupt(write))
        yield* Effect.yieldNow()
        yield* Deferred.succeed(gate, undefined)
        yield* Fiber.join(interruption)
        assert.strictEqual(yield* pipeline(send("GET", "n")), "1")
      }))
      assert.strictEqual(yield* session(disk.reboot().store)(pipeline(increment)), 2)
    }))

  it.effect("keeps nothing of a program in which a script's model has a bug", () =>
    Effect.gen(function*() {
      const bug = RedisScript.make({
        name: "bug",
        lua: "",
        model: (redis) => {
          redis.call("INCR", "n")
          throw new TypeError("bug")
        }
      })
      const disk = new Disk()
      yield* session(disk.store)(Effect.gen(function*() {
        yield* pipeline(increment)
        const exit = yield* Effect.exit(pipeline(RedisProgram.script(bug, [], [], RedisReply.raw)))
        assert.isTrue(Exit.isFailure(exit) && exit.cause._tag === "Die")
        assert.strictEqual(yield* pipeline(increment), 2)
      }))
      assert.strictEqual(yield* session(disk.store)(pipeline(increment)), 3)
    }))
})

describe("EmbeddedLive.redis", () => {
  it.effect("applies concurrent programs one after the other", () =>
    Effect.gen(function*() {
      const disk = new Disk()
      const replies = yield* session(disk.store)(
        Effect.all(Array.from({ length: 100 }, () => pipeline(increment)), { concurrency: "unbounded" })
      )
      assert.deepStrictEqual(replies, Array.from({ length: 100 }, (_, i) => i + 1))
      assert.deepStrictEqual(yield* contents(disk.store), [["SET", "n", "100"]])
    }))

  it.effect("discards a transaction with a refused command, and stores nothing of it", () =>
    Effect.gen(function*() {
      const disk = new Disk()
      const error = yield* session(disk.store)(
        Effect.flip(Effect.flatMap(Redis, (redis) => redis.transaction(RedisProgram.all([increment, send("NONE")]))))
      )
      assert.instanceOf(error, RedisCommandError)
      assert.strictEqual(error.code, "EXECABORT")
      assert.deepStrictEqual([...disk.files.keys()], ["owner"])
    }))

  it.effect("refuses to write once another process has opened the store", () =>
    Effect.gen(function*() {
      const disk = new Disk()
      yield* session(disk.store)(Effect.gen(function*() {
        yield* pipeline(increment)
        yield* session(disk.store)(Effect.gen(function*() {
          yield* pipeline(increment)
        }))
        for (let i = 0; i < 2; i++) {
          storageError(yield* Effect.flip(pipeline(increment)), "NotSent", /Another process opened the same store/)
        }
      }))
      assert.strictEqual(yield* session(disk.store)(pipeline(increment)), 3)
    }))
})
