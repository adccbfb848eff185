/**
 * Random operations on a store, as data, and what they do.
 */
import { Chunk, DateTime, type Duration, Effect, FastCheck as fc, Option, Stream } from "effect"
import type { Checkpoint, Position } from "../../src/schema/Checkpoint.js"
import * as CheckpointProgram from "../../src/services/CheckpointProgram.js"
import type { ListOptions, Options, SaveOptions, Service } from "../../src/services/CheckpointStore.js"
import { checkpointKey, indexKey } from "../../src/services/KeyLayout.js"
import type { Redis } from "../../src/services/Redis.js"
import * as RedisProgram from "../../src/services/RedisProgram.js"
import * as RedisReply from "../../src/services/RedisReply.js"
import { input, plain } from "./Bench.js"

const id = fc.constantFrom("a", "b", "c", "é", "B")
const run = fc.constantFrom("e1", "e2", "{e}:checkpoints")
const version = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -1, max: 6 }) }, {
  weight: 1,
  arbitrary: fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER)
})
const ttl = fc.constantFrom<Duration.DurationInput | undefined>("1 hour", "5 hours", 0, undefined)
/** Stands for a state that is staged. */
const large = "a large state"
const state = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant(large))
const expand = (state: unknown): unknown => state === large ? "x".repeat(9000) : state
const position: fc.Arbitrary<Position | undefined> = fc.oneof(
  fc.constant(undefined),
  version,
  fc.record({ version, id })
)

const saveOptions: fc.Arbitrary<SaveOptions> = fc.record<SaveOptions>({
  ttl,
  expectedVersion: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: version }),
  maxCheckpoints: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 3 })
  })
})

const listOptions: fc.Arbitrary<ListOptions> = fc.record({
  order: fc.constantFrom("asc", "desc"),
  limit: fc.option(fc.integer({ min: -1, max: 4 }), { nil: undefined }),
  after: position,
  before: position,
  onDecodeError: fc.constantFrom("fail", "skip")
})

export const operation = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ _tag: fc.constant("save" as const), id, run, version, state, options: saveOptions })
  },
  {
    weight: 2,
    arbitrary: fc.record({ _tag: fc.constant("repeat" as const), id, run, version, state, options: saveOptions })
  },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("saveAlone" as const), id, version, state }) },
  { weight: 2, arbitrary: fc.record({ _tag: fc.constant("saveAll" as const), ids: fc.array(id), run, version, ttl }) },
  { weight: 4, arbitrary: fc.record({ _tag: fc.constant("append" as const), run, state, ttl }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("appendAfter" as const), run, state, version }) },
  { weight: 2, arbitrary: fc.record({ _tag: fc.constant("delete" as const), id }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("clear" as const), run }) },
  {
    weight: 2,
    // In a Set chance says which go first: all or none.
    arbitrary: fc.record({
      _tag: fc.constant("clearInSteps" as const),
      run,
      limit: fc.nat(3),
      steps: fc.array(fc.nat(3), { maxLength: 3 })
    })
  },
  {
    weight: 1,
    arbitrary: fc.record({ _tag: fc.constant("copy" as const), run, to: fc.oneof(run, fc.constant("new")) })
  },
  { weight: 3, arbitrary: fc.record({ _tag: fc.constant("expire" as const), id }) },
  {
    weight: 1,
    arbitrary: fc.record({ _tag: fc.constant("corrupt" as const), id, text: fc.constantFrom("", "null", "{", "[1]") })
  },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("replace" as const), id, run, index: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ _tag: fc.constant("list" as const), run, options: listOptions }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("stream" as const), run, options: listOptions }) },
  { weight: 2, arbitrary: fc.record({ _tag: fc.constant("look" as const), id, run }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("loadAll" as const), ids: fc.array(id) }) },
  {
    weight: 1,
    arbitrary: fc.record({ _tag: fc.constant("executions" as const), limit: fc.constantFrom(undefined, 0, 1, 2) })
  }
)

export type Operation = typeof operation extends fc.Arbitrary<infer A> ? A : never

export const operations = fc.array(operation, { minLength: 1, maxLength: 25, size: "max" })

export const options: fc.Arbitrary<Options> = fc.constantFrom<Options>(
  {},
  { maxCheckpoints: 2 },
  { ttl: "3 hours", refreshOnRead: true },
  { index: "set" },
  { index: "set", ttl: "3 hours", refreshOnRead: true }
)

const shown = (all: Iterable<Checkpoint<unknown>>) => Array.from(all, plain)

const at = DateTime.unsafeMake("2024-02-29T00:00:00Z")

/** What an operation gives, in plain values. */
export const perform = (
  store: Service,
  { pipeline }: typeof Redis.Service,
  op: Operation
): Effect.Effect<unknown, unknown> => {
  const send = (name: string, ...args: ReadonlyArray<string | number>) =>
    pipeline(RedisProgram.command(name, args, RedisReply.raw))
  switch (op._tag) {
    case "save":
      return store.save(
        input(op.id, op.run, op.version, { state: expand(op.state), timestamp: at }),
        op.options as { readonly expectedVersion: number }
      )
    case "repeat":
      return Effect.flatMap(
        store.saveProgram(input(op.id, op.run, op.version, { state: expand(op.state), timestamp: at }), op.options),
        (program) => Effect.all([pipeline(program), pipeline(program)], { mode: "either" })
      )
    case "saveAlone":
      return store.save(input(op.id, undefined, op.version, { state: expand(op.state), timestamp: at }))
    case "saveAll":
      return store.saveAll(
        op.ids.map((id, i) => input(id, op.run, (op.version % 1000) + i, { timestamp: at })),
        { ttl: op.ttl }
      )
    case "append":
      return Effect.map(
        store.append(op.run, { nodeName: "n", state: expand(op.state) }, { ttl: op.ttl }),
        ({ id }) => id
      )
    case "appendAfter":
      return Effect.map(
        store.append(op.run, { nodeName: "n", state: expand(op.state), after: op }),
        ({ id }) => id
      )
    case "delete":
      return store.delete(op.id)
    case "clear":
      return store.clear(op.run)
    case "clearInSteps":
      return Effect.all([
        pipeline(CheckpointProgram.clear(store.layout, op.run, store.layout.index === "set" ? 0 : op.limit)),
        ...op.steps.map((limit) =>
          pipeline(CheckpointProgram.sweep(store.layout, op.run, store.layout.index === "set" ? 100 : limit))
        )
      ])
    case "copy":
      return store.copy(op.run, op.to)
    case "expire":
      return send("PEXPIREAT", checkpointKey(store.layout, op.id), 0)
    case "corrupt":
      return send("SET", checkpointKey(store.layout, op.id), op.text)
    case "replace": {
      const key = op.index ? indexKey(store.layout, op.run) : checkpointKey(store.layout, op.id)
      return Effect.zipRight(send("DEL", key), send("RPUSH", key, "x"))
    }
    case "list":
      return Effect.map(store.list(op.run, op.options), shown)
    case "stream":
      return Effect.map(Stream.runCollect(store.stream(op.run, op.options)), shown)
    case "look":
      return Effect.all([
        Effect.map(store.load(op.id), plain),
        Effect.map(store.latest(op.run), Option.map(plain)),
        store.count(op.run),
        store.exists(op.id)
      ], { mode: "either" })
    case "loadAll":
      return Effect.map(store.loadAll(op.ids), (found) => shown(found.values()))
    case "executions":
      return Effect.map(Stream.runCollect(store.executions({ limit: op.limit })), Chunk.toReadonlyArray)
  }
}
