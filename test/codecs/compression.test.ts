import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Redis, StateCodec, TestMemory } from "effect-checkpoint"
import * as zlib from "node:zlib"
import { storeWith } from "./Codecs.js"
import { change, codedOf, refusal, secret, wireOf } from "./Stored.js"

const onMemory = (name: string, body: Effect.Effect<void, unknown, Redis.Redis>) =>
  it.effect(name, () => Effect.provide(body, TestMemory.redis()))

const row = (state: unknown) => ({ id: "a", executionId: "run", nodeName: "n", state, version: 1 })

const compressors = {
  deflate: (bytes: Uint8Array) => zlib.deflateSync(bytes),
  gzip: (bytes: Uint8Array) => zlib.gzipSync(bytes),
  brotli: (bytes: Uint8Array) => zlib.brotliCompressSync(bytes)
}

const names = { deflate: "deflate", gzip: "gzip", brotli: "br" }

const algorithms = ["deflate", "gzip", "brotli"] as const

const compressed = (options: StateCodec.CompressionOptions) => StateCodec.json.pipe(StateCodec.compressed(options))

/** JSON of this many bytes, with quotes. */
const text = (bytes: number) => "x".repeat(bytes - 2)

describe("compression", () => {
  onMemory(
    "begins at the threshold",
    Effect.gen(function*() {
      const store = yield* storeWith(compressed({ threshold: 500 }))
      yield* store.save(row(text(499)))
      assert.strictEqual((yield* wireOf("a")).state, text(499))
      yield* store.save(row(text(500)))
      assert.strictEqual((yield* codedOf("a"))["~codec"], "json+deflate")
    })
  )

  onMemory(
    "leaves alone what does not get smaller",
    Effect.gen(function*() {
      const state = Buffer.from(crypto.getRandomValues(new Uint8Array(4096))).toString("base64")
      yield* (yield* storeWith(compressed({}))).save(row(state))
      assert.strictEqual((yield* wireOf("a")).state, state)
    })
  )

  for (const algorithm of algorithms) {
    for (const size of [5_000, 102_399, 102_400, 3_000_000]) {
      onMemory(
        `of ${size} bytes by ${algorithm} is undone by every layer`,
        Effect.gen(function*() {
          yield* (yield* storeWith(compressed({ algorithm }))).save(row(text(size)))
          assert.strictEqual((yield* codedOf("a"))["~codec"], `json+${names[algorithm]}`)
          assert.strictEqual((yield* (yield* storeWith(undefined)).load("a")).state, text(size))
        })
      )
    }

    onMemory(
      `by ${algorithm} is bounded when it is undone`,
      Effect.gen(function*() {
        const bomb = compressors[algorithm](Buffer.alloc(5_000_000, " "))
        const store = yield* storeWith(compressed({ maxBytes: 4_000_000 }))
        yield* store.save(row(secret))
        const state = { "~codec": `json+${names[algorithm]}`, data: bomb.toString("base64") }
        yield* change("a", (wire) => ({ ...wire, state }))
        assert.include(yield* refusal(store.load("a")), "more than 4000000 bytes")
      })
    )

    onMemory(
      `by ${algorithm} that is cut short or changed is refused`,
      Effect.gen(function*() {
        const store = yield* storeWith(undefined)
        yield* store.save(row(1))
        const whole = compressors[algorithm](Buffer.from(JSON.stringify({ secret, rest: "abc".repeat(500) })))
        for (const data of [whole.subarray(0, -3), whole.subarray(2), Buffer.from(secret), Buffer.alloc(0)]) {
          const state = { "~codec": `json+${names[algorithm]}`, data: data.toString("base64") }
          yield* change("a", (wire) => ({ ...wire, state }))
          // Brotli has no checksum.
          assert.match(yield* refusal(store.load("a")), /is no whole|is not JSON/)
        }
      })
    )
  }

  onMemory(
    "refuses to save what it would refuse to read",
    Effect.gen(function*() {
      const store = yield* storeWith(compressed({ maxBytes: 10_000 }))
      const error = yield* Effect.flip(store.save(row(text(10_001))))
      assert.strictEqual(error._tag, "CheckpointEncodeError")
      assert.include(error.message, "more than 10000 bytes")
      yield* store.save(row(text(10_000)))
      assert.strictEqual((yield* store.load("a")).state, text(10_000))
    })
  )
})

describe("MessagePack", () => {
  const hostile: ReadonlyArray<readonly [string, ReadonlyArray<number>]> = [
    ["nothing", []],
    ["a string cut short", [0xa5, 0x61]],
    ["a date", [0xd6, 0xff, 0, 0, 0, 1]],
    ["a set", [0xd4, 0x73, 0]],
    ["undefined", [0xd4, 0, 0]],
    ["binary data", [0xc4, 1, 7]],
    ["an array of four thousand million", [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ["two values", [1, 1]]
  ]
  for (const [what, bytes] of hostile) {
    onMemory(
      `of ${what} is refused`,
      Effect.gen(function*() {
        const store = yield* storeWith(StateCodec.messagePack)
        yield* store.save(row(secret))
        const state = { "~codec": "messagePack", data: Buffer.from(bytes).toString("base64") }
        yield* change("a", (wire) => ({ ...wire, state }))
        assert.include(yield* refusal(store.load("a")), "is no MessagePack")
      })
    )
  }
})
