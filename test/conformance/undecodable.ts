import { assert, describe } from "@effect/vitest"
import { Cause, Effect, Exit, Schema, Stream } from "effect"
import { inspect } from "node:util"
import { locate } from "../../src/internal/programs/placing.js"
import type { CheckpointDecodeError } from "../../src/schema/Errors.js"
import type { IndexKind } from "../../src/services/KeyLayout.js"
import { type Bench, idsOf, input, range, type Rule } from "./Bench.js"

const marker = "SECRET-PAYLOAD"

const State = Schema.Struct({ n: Schema.Number })

const envelope = (fields: object) =>
  JSON.stringify({
    id: "bad",
    node_name: "n",
    state: { n: 1, marker },
    metadata: { execution_id: "run", marker },
    timestamp: "2024-01-01T00:00:00Z",
    version: 2,
    ...fields
  })

/** What is stored, and the words of the issue that name the field. */
const damaged: ReadonlyArray<readonly [string, string, string]> = [
  ["no JSON", `{"id": ${marker}`, "is not JSON"],
  ["empty", "", "is not JSON"],
  ["another shape", JSON.stringify([marker]), "expected"],
  ["null", "null", "expected"],
  ["a wrong version", envelope({ version: marker }), "version: "],
  ["a fractional version", envelope({ version: 1.5 }), "version: "],
  ["a wrong time", envelope({ timestamp: marker }), "timestamp: "],
  ["a missing node", envelope({ node_name: undefined }), "node_name: is missing"],
  ["wrong metadata", envelope({ metadata: marker }), "metadata: "],
  ["a wrong state", envelope({ state: { n: marker } }), "state.n: expected number"],
  ["a missing field in the state", envelope({ state: { marker } }), "state.n: is missing"]
]

const plant = ({ checkpointKey, indexKey, layout, redis, send }: Bench, kind: IndexKind, id: string, stored: string) =>
  Effect.all([
    layout.cluster ? redis.pipeline(locate(layout, id, "run", 0)) : Effect.void,
    Effect.suspend(() => send("SET", checkpointKey(id), stored)),
    kind === "set" ? send("SADD", indexKey("run"), id) : send("ZADD", indexKey("run"), 2, id)
  ])

const texts = (exit: Exit.Exit<unknown, unknown>): ReadonlyArray<string> => {
  const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) as Error : undefined
  return [
    String(error),
    error?.message ?? "",
    error?.stack ?? "",
    JSON.stringify(error),
    inspect(error, { depth: 9 }),
    Exit.isFailure(exit) ? Cause.pretty(exit.cause, { renderErrorCause: true }) : "",
    JSON.stringify(exit)
  ]
}

export const failing = (rule: Rule, kind: IndexKind) =>
  describe("what cannot be decoded", () => {
    for (const [what, stored, issue] of damaged) {
      rule.plain(`with ${what} fails with field, key and id, and without its text`, (bench) =>
        Effect.gen(function*() {
          const { store } = bench
          yield* plant(bench, kind, "bad", stored)
          const key = bench.checkpointKey("bad")
          const view = store.forSchema(State)
          const reads: Readonly<Record<string, Effect.Effect<unknown, unknown>>> = {
            load: view.load("bad"),
            loadAll: view.loadAll(["bad"]),
            latest: view.latest("run"),
            list: view.list("run"),
            stream: Stream.runDrain(view.stream("run"))
          }
          for (const [name, read] of Object.entries(reads)) {
            const exit = yield* Effect.exit(read)
            const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) as CheckpointDecodeError : undefined
            const seen = [error?._tag, error?.checkpointId, error?.key]
            assert.deepStrictEqual(seen, ["CheckpointDecodeError", "bad", key], name)
            assert.include(error?.issue, issue)
            for (const part of ["\"bad\"", JSON.stringify(key), issue]) assert.include(error?.message, part)
            for (const text of texts(exit)) assert.notInclude(text, marker, name)
          }
          assert.strictEqual(yield* bench.send("GET", key), stored)
          assert.deepStrictEqual(yield* bench.indexed("run"), ["bad"])
        }))
    }

    rule("is named by the key it was found under, whatever id is inside", (bench) =>
      Effect.gen(function*() {
        yield* plant(bench, kind, "outside", envelope({ id: "inside", state: {} }))
        const error = yield* Effect.flip(bench.store.forSchema(State).load("outside"))
        assert.strictEqual(error._tag, "CheckpointDecodeError")
        const { checkpointId, key } = error as CheckpointDecodeError
        assert.deepStrictEqual([checkpointId, key], ["outside", bench.checkpointKey("outside")])
      }))

    rule("of several at one place fails a list by the one whose id comes first", (bench) =>
      Effect.gen(function*() {
        const ids = ["z", "\u00e9", "b", "m", "a", "x"]
        for (const id of ids) yield* plant(bench, kind, id, "")
        const error = yield* Effect.flip(bench.store.list("run"))
        assert.strictEqual((error as CheckpointDecodeError).checkpointId, "a")
      }))

    rule("is left out with skip, and nothing is deleted", (bench) =>
      Effect.gen(function*() {
        const view = bench.store.forSchema(State)
        yield* view.saveAll([1, 3].map((version) => input(`c${version}`, "run", version, { state: { n: 1 } })))
        for (const [i, [, stored]] of damaged.entries()) yield* plant(bench, kind, `bad${i}`, stored)
        const skip = { onDecodeError: "skip" } as const
        assert.deepStrictEqual(idsOf(yield* view.list("run", skip)), ["c1", "c3"])
        assert.deepStrictEqual(idsOf(yield* Stream.runCollect(view.stream("run", skip))), ["c1", "c3"])
        assert.deepStrictEqual([...(yield* view.loadAll(["c1", "bad0", "bad9"], skip)).keys()], ["c1"])
        for (const [i, [, stored]] of damaged.entries()) {
          assert.strictEqual(yield* bench.send("GET", bench.checkpointKey(`bad${i}`)), stored)
        }
        assert.strictEqual((yield* bench.indexed("run")).length, damaged.length + 2)
      }))

    rule("with skip does not use up the limit", (bench) =>
      Effect.gen(function*() {
        const { store } = bench
        const view = store.forSchema(State)
        yield* store.saveAll(
          range(8).map((version) =>
            input(`c${version}`, "run", version, { state: version < 4 ? marker : { n: version } })
          )
        )
        const ids = (options: object) => Effect.map(view.list("run", { ...options, onDecodeError: "skip" }), idsOf)
        assert.deepStrictEqual(yield* ids({ limit: 3 }), ["c4", "c5", "c6"])
        assert.deepStrictEqual(yield* ids({ limit: 2, order: "desc", before: 6 }), ["c5", "c4"])
        assert.deepStrictEqual(yield* ids({ limit: 9 }), ["c4", "c5", "c6", "c7", "c8"])
      }))
  })
