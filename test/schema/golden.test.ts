import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Either, Option, Schema } from "effect"
import * as fs from "node:fs"
import * as TestMemory from "../../src/layers/TestMemory.js"
import * as Checkpoint from "../../src/schema/Checkpoint.js"
import { CheckpointStore } from "../../src/services/CheckpointStore.js"
import { Redis } from "../../src/services/Redis.js"
import * as RedisProgram from "../../src/services/RedisProgram.js"
import * as RedisReply from "../../src/services/RedisReply.js"

/** Written by Go's encoding/json, byte for byte. */
const lines = fs.readFileSync(new URL("../fixtures/langgraphgo-golden.jsonl", import.meta.url), "utf8").trim().split(
  "\n"
)

const Json = Schema.parseJson(Checkpoint.schema(Schema.Unknown))
const decode = Schema.decodeUnknownEither(Json)
const encode = Schema.encodeSync(Json)

const shown = (checkpoint: Checkpoint.Checkpoint<unknown>) => ({
  ...checkpoint,
  executionId: Option.getOrNull(checkpoint.executionId),
  timestamp: DateTime.formatIso(checkpoint.timestamp)
})

const decoded = (line: number) => shown(Either.getOrThrow(decode(lines[line - 1])))

const expected: Readonly<Record<number, ReturnType<typeof shown>>> = {
  1: {
    id: "cp-1",
    executionId: "exec-123",
    nodeName: "node-a",
    state: { foo: "bar" },
    metadata: { event: "step" },
    timestamp: "2025-12-06T15:43:19.123Z",
    version: 1,
    unknownFields: {}
  },
  2: {
    id: "cp-2",
    executionId: "exec-123",
    nodeName: "",
    state: null,
    metadata: {},
    timestamp: "0001-01-01T00:00:00.000Z",
    version: 0,
    unknownFields: {}
  },
  3: {
    id: "cp-3",
    executionId: null,
    nodeName: "",
    state: { Step: 1, Data: "Start → Step1 <b>&", History: ["Initialized"] },
    metadata: {},
    timestamp: "2025-12-06T15:43:19.123Z",
    version: 0,
    unknownFields: {}
  },
  5: {
    id: "",
    executionId: null,
    nodeName: "",
    state: null,
    metadata: { f: 0.1, n: 1e21, u: "\u2028😀\u0000\ufffd" },
    timestamp: "2025-01-01T03:30:00.100Z",
    version: 0,
    unknownFields: {}
  },
  6: {
    id: "cp-6",
    executionId: "exec-123",
    nodeName: "update",
    state: {
      // 9223372036854775807 in the file: the nearest double, as JSON.parse gives it.
      big: 2 ** 63,
      messages: [{ content: "hi\n\"q\"\\", role: "user" }],
      n: 1,
      nested: { a: [] },
      none: null
    },
    metadata: { source: "update_state", updated_by: "human" },
    timestamp: "2025-12-06T15:43:19.123Z",
    version: 2,
    unknownFields: {}
  },
  7: {
    id: "checkpoint_1765035799123456789",
    executionId: "exec_1765035799000000000",
    nodeName: "step:[step1]",
    state: { Step: 1, Data: "Start → Step1", History: null },
    metadata: { event: "step" },
    timestamp: "2025-12-06T15:43:19.123Z",
    version: 1,
    unknownFields: {}
  },
  8: {
    id: "id with spaces:*?[]{}@\\é",
    executionId: null,
    nodeName: "n",
    state: "plain string",
    metadata: { execution_id: "" },
    timestamp: "1969-12-31T23:59:59.999Z",
    version: -1,
    unknownFields: {}
  },
  9: {
    id: "cp-9",
    executionId: null,
    nodeName: "n",
    state: 3,
    metadata: { execution_id: 42 },
    timestamp: "2024-02-29T04:00:00.000Z",
    version: 3,
    unknownFields: {}
  },
  10: {
    id: "cp-10",
    executionId: null,
    nodeName: "n",
    state: false,
    metadata: {},
    timestamp: "2025-12-05T10:00:00.000Z",
    version: 4,
    unknownFields: {}
  }
}

describe("what langgraphgo wrote", () => {
  for (const [line, checkpoint] of Object.entries(expected)) {
    it(`decodes exactly: line ${line}, ${JSON.stringify(checkpoint.id)}`, () => {
      assert.deepStrictEqual(decoded(Number(line)), checkpoint)
    })

    it(`is written as Go writes it, and decodes to the same again: line ${line}`, () => {
      const text = encode(Either.getOrThrow(decode(lines[Number(line) - 1])))
      const wire = JSON.parse(text)
      assert.deepStrictEqual(Object.keys(wire), ["id", "node_name", "state", "metadata", "timestamp", "version"])
      assert.match(wire.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      assert.strictEqual(wire.metadata.execution_id, JSON.parse(lines[Number(line) - 1]!).metadata?.execution_id)
      assert.deepStrictEqual(shown(Either.getOrThrow(decode(text))), checkpoint)
    })
  }

  it("is refused by the name of the field when JavaScript cannot hold it: line 4", () => {
    const result = decode(lines[3])
    assert.include(String(Either.isLeft(result) && result.left), "[\"version\"]")
  })

  it("has integers beyond 2^53 in a state as JSON.parse gives them: rounded to the nearest double", () => {
    const line = lines[0]!.replace("\"bar\"", "9007199254740993")
    assert.deepStrictEqual(Either.getOrThrow(decode(line)).state, { foo: 9007199254740992 })
  })
})

const send = (name: string, ...args: ReadonlyArray<string | number>) =>
  Effect.flatMap(Redis, ({ pipeline }) => pipeline(RedisProgram.command(name, args, RedisReply.raw)))

const key = (id: string) => `langgraph:checkpoint:${id}`
const index = "langgraph:execution:exec-123:checkpoints"

for (const kind of ["sortedSet", "set"] as const) {
  describe(`a store with index: "${kind}" on langgraphgo's keys`, () => {
    it.effect("loads, lists, moves and clears what langgraphgo wrote", () =>
      Effect.gen(function*() {
        const store = yield* CheckpointStore
        for (const line of [1, 2, 6]) {
          const { id, version } = JSON.parse(lines[line - 1]!)
          yield* send("SET", key(id), lines[line - 1]!)
          yield* kind === "set" ? send("SADD", index, id) : send("ZADD", index, version, id)
        }
        const listed = yield* store.list("exec-123")
        assert.deepStrictEqual(listed.map(shown), [2, 1, 6].map((line) => expected[line]))
        assert.strictEqual(Option.getOrThrow(yield* store.latest("exec-123")).id, "cp-6")
        assert.strictEqual(yield* store.count("exec-123"), 3)
        yield* store.save({ ...(yield* store.load("cp-1")), executionId: "elsewhere" })
        assert.deepStrictEqual((yield* store.list("exec-123")).map(({ id }) => id), ["cp-2", "cp-6"])
        assert.isTrue(yield* store.delete("cp-2"))
        assert.strictEqual(yield* store.clear("exec-123"), 1)
        assert.strictEqual(yield* send("EXISTS", index, key("cp-2"), key("cp-6")), 0)
      }).pipe(Effect.provide(TestMemory.layer({ index: kind }))))

    it.effect("fails on line 4 by field and key, and leaves it", () =>
      Effect.gen(function*() {
        const store = yield* CheckpointStore
        yield* send("SET", key("cp-4"), lines[3]!)
        const error = yield* Effect.flip(store.load("cp-4"))
        assert.include(error.message, "version: expected")
        assert.include(error.message, key("cp-4"))
        assert.strictEqual(yield* send("GET", key("cp-4")), lines[3])
      }).pipe(Effect.provide(TestMemory.layer({ index: kind }))))
  })
}
