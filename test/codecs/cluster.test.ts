import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { KeyLayout, Redis, RedisProgram, RedisReply, StateCodec, TestMemory } from "effect-checkpoint"
import { storeSuite } from "../conformance/storeSuite.js"
import { runnerSuite } from "../runner/runnerSuite.js"
import * as OneSlot from "../support/OneSlot.js"
import { codecs, encrypted, storeWith } from "./Codecs.js"
import { refusal, secret } from "./Stored.js"

const codec = codecs["all"]

storeSuite("keys for a cluster, one slot a command, codec all", {
  index: "sortedSet",
  cluster: true,
  codec,
  redis: OneSlot.layer
})

runnerSuite("keys for a cluster, one slot a command, codec all", { cluster: true, codec, redis: OneSlot.layer })

const layout = KeyLayout.make({ cluster: true })

const send = (name: string, ...args: ReadonlyArray<RedisProgram.Argument>) =>
  Effect.flatMap(Redis.Redis, (redis) => redis.pipeline(RedisProgram.command(name, args, RedisReply.raw)))

const own = "run@0000000000000002"

const keys = {
  foreign: KeyLayout.checkpointKey(layout, "a", "run"),
  own: KeyLayout.checkpointKey(layout, own, "run"),
  lone: KeyLayout.checkpointKey(layout, "lone"),
  other: KeyLayout.checkpointKey(layout, "b", "other")
}

const state = { secret }

const row = (id: string, executionId: string | undefined, version: number) => ({
  id,
  executionId,
  nodeName: "n",
  state,
  version
})

const saved = Effect.gen(function*() {
  const store = yield* storeWith(StateCodec.json.pipe(encrypted), { cluster: true })
  yield* store.saveAll([row("a", "run", 1), row(own, "run", 2), row("lone", undefined, 1), row("b", "other", 1)])
  return store
})

const onMemory = (name: string, body: Effect.Effect<void, unknown, Redis.Redis | TestMemory.TestMemory>) =>
  it.effect(name, () => Effect.provide(body, TestMemory.redis()))

describe("an encrypted state on a cluster", () => {
  onMemory(
    "comes back in every verb, and is nowhere in Redis",
    Effect.gen(function*() {
      const store = yield* saved
      for (const id of ["a", own, "lone"]) assert.deepStrictEqual((yield* store.load(id)).state, state)
      assert.strictEqual((yield* store.loadAll(["a", own, "lone", "b"])).size, 4)
      assert.deepStrictEqual((yield* store.list("run")).map(({ state }) => state), [state, state])
      assert.strictEqual(yield* store.copy("run", "fork"), 2)
      assert.deepStrictEqual((yield* store.list("fork")).map(({ state }) => state), [state, state])
      const { snapshot } = yield* TestMemory.TestMemory
      const all = JSON.stringify([...(yield* snapshot)])
      for (const form of ["utf8", "base64", "hex"] as const) {
        assert.notInclude(all, Buffer.from(secret).toString(form).slice(0, 16))
      }
    })
  )

  onMemory(
    "is sealed to the key that it has there, with the tag of its execution",
    Effect.gen(function*() {
      yield* saved
      const bytes = new Uint8Array(32).fill(1)
      const secretKey = yield* Effect.promise(() =>
        crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["decrypt"])
      )
      const places = [[keys.foreign, "run", 1], [keys.own, "run", 2], [keys.lone, "", 1], [keys.other, "other", 1]]
      for (const place of places) {
        const { state: { data } } = JSON.parse(String(yield* send("GET", String(place[0]))))
        const sealed = Buffer.from(data, "base64")
        const additionalData = Buffer.from(JSON.stringify(["json+aes-256-gcm", "one", "checkpoint", ...place]))
        const algorithm = { name: "AES-GCM", iv: sealed.subarray(0, 12), additionalData }
        const opened = yield* Effect.promise(() => crypto.subtle.decrypt(algorithm, secretKey, sealed.subarray(12)))
        assert.deepStrictEqual(JSON.parse(Buffer.from(opened).toString()), state)
      }
    })
  )

  onMemory(
    "is refused under another key, also where keys have the other form",
    Effect.gen(function*() {
      const store = yield* saved
      for (const [from, to, id] of [[keys.other, keys.foreign, "a"], [keys.lone, keys.own, own]] as const) {
        yield* send("SET", to, String(yield* send("GET", from)))
        assert.include(yield* refusal(store.load(id)), "moved here")
      }
      const one = yield* storeWith(StateCodec.json.pipe(encrypted))
      yield* send("SET", KeyLayout.checkpointKey(one.layout, "b"), String(yield* send("GET", keys.other)))
      assert.include(yield* refusal(one.load("b")), "moved here")
    })
  )

  onMemory(
    "names that key where it does not decrypt",
    Effect.gen(function*() {
      const store = yield* saved
      yield* send("SET", keys.foreign, String(yield* send("GET", keys.foreign)).replace("json+aes", "messagePack+aes"))
      const error = yield* Effect.flip(store.load("a"))
      assert.strictEqual(error._tag === "CheckpointDecodeError" && error.key, keys.foreign)
    })
  )
})
