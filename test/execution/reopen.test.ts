import { KeyValueStore } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import * as EmbeddedLive from "../../src/layers/EmbeddedLive.js"
import * as ExecutionProgram from "../../src/services/ExecutionProgram.js"
import * as KeyLayout from "../../src/services/KeyLayout.js"
import { Redis } from "../../src/services/Redis.js"
import { entry, hour } from "./Bench.js"

const layout = KeyLayout.make()
const a = { executionId: "run", graph: "graph", token: "a", lease: hour }

const session = (store: KeyValueStore.KeyValueStore, options?: EmbeddedLive.Options) =>
<A, E>(
  body: (redis: typeof Redis.Service) => Effect.Effect<A, E>
) =>
  Effect.scoped(Effect.flatMap(
    Layer.build(Layer.provide(EmbeddedLive.redis(options), Layer.succeed(KeyValueStore.KeyValueStore, store))),
    (context) => body(Context.get(context, Redis))
  ))

describe("an embedded execution", () => {
  for (const options of [{}, { journalBytes: 200 }]) {
    it.scoped(`goes on in another process, ${JSON.stringify(options)}`, () =>
      Effect.gen(function*() {
        const store = Context.get(yield* Layer.build(KeyValueStore.layerMemory), KeyValueStore.KeyValueStore)
        const opened = session(store, options)
        yield* opened(({ pipeline }) =>
          Effect.gen(function*() {
            yield* pipeline(ExecutionProgram.claim(layout, a))
            yield* pipeline(
              ExecutionProgram.commit(layout, a, entry("run", 1, "s", "w"), { expectedVersion: "none", ttl: hour })
            )
            yield* pipeline(
              ExecutionProgram.memo(layout, "a", { executionId: "run", base: 1, field: "é\u0000", value: "😀" })
            )
          })
        )
        yield* opened(({ pipeline }) =>
          Effect.gen(function*() {
            const { memos } = yield* pipeline(ExecutionProgram.memos(layout, "run", "0"))
            assert.deepStrictEqual([...memos], [["1:é\u0000", "😀"]])
            assert.isTrue(yield* pipeline(ExecutionProgram.renew(layout, a)))
            yield* pipeline(ExecutionProgram.release(layout, a, { status: "waiting" }))
          })
        )
        yield* opened(({ pipeline }) =>
          Effect.gen(function*() {
            assert.deepStrictEqual(yield* pipeline(ExecutionProgram.due(layout, "graph", 9)), [])
            yield* pipeline(
              ExecutionProgram.answer(layout, "graph", { executionId: "run", base: 1, field: "asked", value: "yes" })
            )
          })
        )
        yield* opened(({ pipeline }) =>
          Effect.gen(function*() {
            assert.deepStrictEqual(yield* pipeline(ExecutionProgram.due(layout, "graph", 9)), ["run"])
            const b = { ...a, token: "b" }
            assert.deepInclude(yield* pipeline(ExecutionProgram.claim(layout, b)), { epoch: 2, claims: 1 })
          })
        )
      }))
  }
})
