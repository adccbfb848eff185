import { KeyValueStore } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Context, Effect, Fiber, Layer, Stream, TestClock } from "effect"
import * as fc from "effect/FastCheck"
import * as fs from "node:fs"
import { tmpdir } from "node:os"
import * as path from "node:path"
import * as TestMemory from "../../../src/layers/TestMemory.js"
import { Redis } from "../../../src/services/Redis.js"
import * as RedisProgram from "../../../src/services/RedisProgram.js"
import { arbitraryLine } from "../memory/arbitraryLines.js"
import { session } from "./Disk.js"
import { contents, expected, pipeline, programs, runAll, send } from "./workload.js"

const directory = Effect.acquireRelease(
  Effect.sync(() => fs.mkdtempSync(path.join(tmpdir(), "effect-checkpoint-embedded-"))),
  (dir) => Effect.sync(() => fs.rmSync(dir, { recursive: true, force: true }))
)

const folder = (dir: string) =>
  Effect.map(
    Layer.build(Layer.provide(KeyValueStore.layerFileSystem(dir), NodeContext.layer)),
    (context) => Context.get(context, KeyValueStore.KeyValueStore)
  )

const memory = Effect.map(
  Layer.build(KeyValueStore.layerMemory),
  (context) => Context.get(context, KeyValueStore.KeyValueStore)
)

const stores = {
  memory,
  folder: Effect.flatMap(directory, folder),
  prefixed: Effect.map(memory, KeyValueStore.prefix("p"))
}

describe("EmbeddedLive.redis, opened again", () => {
  for (const [name, make] of Object.entries(stores)) {
    it.scoped(`holds everything, in a ${name} store`, () =>
      Effect.gen(function*() {
        const store = yield* make
        assert.strictEqual(yield* session(store, { journalBytes: 5000 })(runAll), programs.length)
        yield* session(store)(Effect.void)
        assert.deepStrictEqual(yield* contents(store), expected(0, programs.length, 900))
        assert.strictEqual(yield* session(store)(pipeline(send("GET", "counter"))), "8")
      }))
  }

  it.scoped("holds the same after any commands, in any number of sessions", () =>
    Effect.gen(function*() {
      const lines = fc.array(arbitraryLine, { maxLength: 30, size: "max" })
      const samples = fc.sample(fc.array(lines, { minLength: 1, maxLength: 4 }), 150)
      for (const sessions of samples) {
        const store = yield* memory
        const redis = yield* Effect.map(Layer.build(TestMemory.redis()), Context.get(Redis))
        for (const each of sessions) {
          const program = RedisProgram.forEach(each, ([name, ...args]) =>
            RedisProgram.either(send(name, ...args.map((arg) => Buffer.from(arg, "latin1")))))
          const ours = yield* session(store, { journalBytes: 3000 })(pipeline(program))
          assert.deepStrictEqual(ours, yield* redis.pipeline(program), JSON.stringify(sessions))
        }
      }
    }))

  it.scoped("drops a last file that is cut off inside a character, and any other way", () =>
    Effect.gen(function*() {
      const dir = yield* directory
      const store = yield* folder(dir)
      yield* session(store)(Effect.zipRight(pipeline(send("SET", "k", "1")), pipeline(send("SET", "k", "grüße 😀"))))
      const file = path.join(dir, "journal-2")
      const bytes = fs.readFileSync(file)
      assert.isAbove(bytes.length, bytes.toString().length)
      for (let length = 0; length < bytes.length; length++) {
        fs.writeFileSync(file, bytes.subarray(0, length))
        assert.strictEqual(yield* session(store)(pipeline(send("GET", "k"))), "1", `${length} bytes`)
      }
      fs.writeFileSync(file, bytes)
      assert.strictEqual(yield* session(store)(pipeline(send("GET", "k"))), "grüße 😀")
    }))

  it.scoped("lets a key live until its deadline, in whichever session that comes", () =>
    Effect.gen(function*() {
      const store = yield* memory
      yield* session(store)(pipeline(send("SET", "k", "v", "PX", 1000)))
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(yield* session(store)(pipeline(send("PTTL", "k"))), 1)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* session(store)(pipeline(send("GET", "k"))), null)
    }))

  it.scoped("replays what met an expired key as it was, also when the clock goes back", () =>
    Effect.gen(function*() {
      const store = yield* memory
      yield* session(store)(Effect.gen(function*() {
        yield* pipeline(send("SET", "k", "old", "PX", 1000))
        yield* TestClock.setTime(2000)
        assert.strictEqual(yield* pipeline(send("GET", "k")), null)
        yield* TestClock.setTime(500)
        assert.strictEqual(yield* pipeline(send("SETNX", "k", "new")), 1)
      }))
      assert.deepStrictEqual(yield* session(store)(pipeline(RedisProgram.all([send("GET", "k"), send("PTTL", "k")]))), [
        "new",
        -1
      ])
    }))

  it.scoped("writes nothing for reads, and one entry for a program however many keys it changes", () =>
    Effect.gen(function*() {
      const dir = yield* directory
      const store = yield* folder(dir)
      yield* session(store)(Effect.gen(function*() {
        yield* pipeline(RedisProgram.all([send("GET", "k"), send("DEL", "k"), send("SET", "k", "v", "XX")]))
        assert.deepStrictEqual(fs.readdirSync(dir), ["owner"])
        yield* pipeline(RedisProgram.all([send("SET", "k", "v"), send("INCR", "n"), send("SADD", "s", "m")]))
        assert.deepStrictEqual(fs.readdirSync(dir), ["journal-1", "owner"])
        yield* pipeline(send("SET", "k", "v", "PX", 10))
        yield* TestClock.adjust("10 millis")
        assert.strictEqual(yield* pipeline(send("GET", "k")), null)
        assert.deepStrictEqual(fs.readdirSync(dir), ["journal-1", "journal-2", "owner"])
      }))
    }))

  it.scoped("keeps the files few and the store in proportion, however often a key changes", () =>
    Effect.gen(function*() {
      const dir = yield* directory
      const store = yield* folder(dir)
      yield* session(store, { journalBytes: 20_000 })(
        Effect.forEach(Array.from({ length: 500 }, (_, i) => i), (i) => pipeline(send("SET", "k", i)))
      )
      assert.isBelow(fs.readdirSync(dir).length, 26)
      assert.strictEqual(yield* session(store)(pipeline(send("GET", "k"))), "499")
    }))

  it.scoped("announces keys that expire", () =>
    Effect.gen(function*() {
      yield* session(yield* memory)(Effect.gen(function*() {
        const { expirations } = yield* Redis
        const keys = yield* Effect.fork(Stream.runCollect(Stream.take(expirations, 1)))
        yield* pipeline(send("SET", "ä", "v", "PX", 1000))
        yield* TestClock.adjust("1100 millis")
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(keys)), ["ä"])
      }))
    }))
})
