import { assert, describe, it } from "@effect/vitest"
import { ConfigError, Duration, Effect, Layer } from "effect"
import * as TestMemory from "../../src/layers/TestMemory.js"
import { CheckpointStore, layer, type Options } from "../../src/services/CheckpointStore.js"

const mebibytes = 1024 * 1024

const invalid: ReadonlyArray<readonly [what: string, option: keyof Options, options: Options, remedy: string]> = [
  ["a negative ttl", "ttl", { ttl: -1 }, "0 (never expires) or more"],
  ["a negative ttl in words", "ttl", { ttl: "-1 second" }, "0 (never expires) or more"],
  ["an infinite ttl", "ttl", { ttl: Duration.infinity }, "finite"],
  ["a ttl of NaN", "ttl", { ttl: NaN }, "finite"],
  ["refreshOnRead without ttl", "refreshOnRead", { refreshOnRead: true }, "set ttl"],
  ["refreshOnRead with ttl 0", "refreshOnRead", { refreshOnRead: true, ttl: 0 }, "set ttl"],
  ["maxCheckpoints 0", "maxCheckpoints", { maxCheckpoints: 0 }, "positive integer"],
  ["maxCheckpoints -1", "maxCheckpoints", { maxCheckpoints: -1 }, "positive integer"],
  ["maxCheckpoints 1.5", "maxCheckpoints", { maxCheckpoints: 1.5 }, "positive integer"],
  ["maxCheckpoints NaN", "maxCheckpoints", { maxCheckpoints: NaN }, "positive integer"],
  ["maxCheckpoints with a Set index", "maxCheckpoints", { maxCheckpoints: 3, index: "set" }, "remove index: \"set\""],
  ["a prefix of 2 KiB", "prefix", { prefix: "x".repeat(2048) }, "1 KiB"],
  ["a prefix of 1,025 bytes in 513 characters", "prefix", { prefix: `${"é".repeat(512)}x` }, "1 KiB"],
  ["a prefix with half a pair", "prefix", { prefix: "a\ud83d:" }, "lone surrogate"],
  ["durability in words that are none", "durability", { durability: "disk" as never }, "memory, replicas or fsync"],
  ["durability to no replica", "durability", { durability: { to: "replicas", replicas: 0 } }, "positive integer"],
  ["durability that waits for ever", "durability", { durability: { to: "replicas", timeout: 0 } }, "above 0"],
  ["maxBytes 0", "maxBytes", { maxBytes: 0 }, "integer from 1 to"],
  ["maxBytes NaN", "maxBytes", { maxBytes: NaN }, "integer from 1 to"],
  ["maxBytes 0.5", "maxBytes", { maxBytes: 0.5 }, "integer from 1 to"],
  ["maxBytes beyond Redis' limit", "maxBytes", { maxBytes: 512 * mebibytes + 1 }, "integer from 1 to"]
]

const valid: ReadonlyArray<readonly [what: string, options: Options]> = [
  ["nothing", {}],
  ["undefined for all", { prefix: undefined, ttl: undefined, maxCheckpoints: undefined, index: undefined }],
  ["a ttl of 0", { ttl: 0 }],
  ["maxCheckpoints Infinity with a Set index", { maxCheckpoints: Infinity, index: "set" }],
  ["a prefix of 1 KiB", { prefix: "é".repeat(512) }],
  ["an empty prefix", { prefix: "" }],
  ["maxBytes 512 MiB", { maxBytes: 512 * mebibytes }],
  ["refreshOnRead false without ttl", { refreshOnRead: false }]
]

describe("the layer refuses", () => {
  for (const [what, option, options, remedy] of invalid) {
    it.effect(`${what}, by the option's name and with a remedy`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(Layer.build(layer(options)))
        assert.isTrue(ConfigError.isConfigError(error))
        assert.include(String(error), option)
        assert.include(String(error), remedy)
        assert.deepStrictEqual(yield* (yield* TestMemory.TestMemory).commands, [])
      }).pipe(Effect.scoped, Effect.provide(TestMemory.redis())))
  }
})

describe("the layer takes", () => {
  for (const [what, options] of valid) {
    it.scoped(what, () => Effect.provide(Layer.build(layer(options)), TestMemory.redis()))
  }
})

const checkpoint = (state: string) => ({ id: "the-id", nodeName: "n", state, version: 1 })

const sizeOf = (state: string) =>
  Effect.gen(function*() {
    yield* (yield* CheckpointStore).save(checkpoint(state))
    const stored = (yield* (yield* TestMemory.TestMemory).snapshot).get("langgraph:checkpoint:the-id")
    return Buffer.byteLength(String(stored?.value))
  }).pipe(Effect.provide(TestMemory.layer()))

describe("maxBytes", () => {
  for (const state of ["ascii".repeat(100), "é😀".repeat(100)]) {
    it.effect(`counts bytes of UTF-8, to the last one: ${state.slice(0, 3)}…`, () =>
      Effect.gen(function*() {
        const size = yield* sizeOf(state)
        const save = (maxBytes: number) =>
          Effect.provide(
            Effect.flatMap(CheckpointStore, (store) => store.save(checkpoint(state))),
            TestMemory.layer({ maxBytes })
          )
        yield* save(size)
        const error = yield* Effect.flip(save(size - 1))
        assert.strictEqual(error._tag, "CheckpointEncodeError")
        assert.include(String(error), `more than ${size - 1} bytes`)
        assert.include(String(error), "\"the-id\"")
      }))
  }
})
