import { assert, describe, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import type * as CheckpointStore from "../../src/services/CheckpointStore.js"
import { check } from "../races/invariants.js"
import * as Snapshot from "../races/snapshot.js"
import { open } from "../races/stores.js"
import * as Proxy from "../support/Proxy.js"
import type { RawRedis } from "../support/RawRedis.js"
import { RedisServer } from "../support/RedisServer.js"
import { line, stored } from "./stored.js"

type Store = CheckpointStore.Service

const before = { text: "before" }
const small = { text: "after" }
const large = { text: "a".repeat(9 * 1024) }

const entry = (id: string, executionId: string, version: number, state: unknown) => ({
  id,
  executionId,
  nodeName: "n",
  state,
  version
})

interface Verb {
  /** Sent again by the layer, since it does no harm. */
  readonly repeatable: boolean
  /** On an execution that holds `<execution>-base` at version 1. */
  readonly run: (store: Store, execution: string) => Effect.Effect<unknown, { readonly _tag: string }>
  /** What is stored then. */
  readonly after: (execution: string) => ReadonlyArray<readonly [id: string, version: number, state: unknown]>
}

const saving = (state: unknown, options: { readonly expectedVersion?: 1 } = {}): Verb => ({
  repeatable: options.expectedVersion !== undefined,
  run: (store, execution) => store.save(entry(`${execution}-next`, execution, 2, state), options as never),
  after: (execution) => [[`${execution}-base`, 1, before], [`${execution}-next`, 2, state]]
})

const verbs: Record<string, Verb> = {
  "save": saving(small),
  "save of a staged payload": saving(large),
  "compare-and-set": saving(small, { expectedVersion: 1 }),
  "compare-and-set of a staged payload": saving(large, { expectedVersion: 1 }),
  "overwrite": {
    repeatable: false,
    run: (store, execution) => store.save(entry(`${execution}-base`, execution, 3, small)),
    after: (execution) => [[`${execution}-base`, 3, small]]
  },
  "append": {
    repeatable: true,
    run: (store, execution) => store.append(execution, { nodeName: "n", state: small, after: { version: 1 } }),
    after: (execution) => [[`${execution}-base`, 1, before], [`${execution}@${"2".padStart(16, "0")}`, 2, small]]
  },
  "delete": { repeatable: false, run: (store, execution) => store.delete(`${execution}-base`), after: () => [] },
  "clear": { repeatable: false, run: (store, execution) => store.clear(execution), after: () => [] }
}

const arena = Effect.gen(function*() {
  const server = yield* RedisServer.make()
  const raw = yield* server.connect
  const proxy = yield* Proxy.make({ target: server.port })
  const { store } = yield* open({ port: proxy.port, reconnectDelay: "1 millis", maxReconnectDelay: "4 millis" })
  return { raw, proxy, store, direct: (yield* open({ port: server.port })).store }
})

type Arena = Effect.Effect.Success<typeof arena>

/** Scripts that the server ran since the last call. */
const scriptCalls = (raw: RawRedis) =>
  Effect.map(
    raw.pipeline([["INFO", "commandstats"], ["CONFIG", "RESETSTAT"]]),
    ([stats]) =>
      [...String(stats).matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].reduce(
        (sum, [, calls]) => sum + Number(calls),
        0
      )
  )

let executions = 0

/** A fresh execution with one checkpoint, and a connection that knows the verb's script. */
const prepared = ({ direct, store }: Arena, verb: Verb) =>
  Effect.gen(function*() {
    const names = [0, 1].map(() => `e${String(executions++).padStart(5, "0")}`)
    for (const name of names) yield* direct.save(entry(`${name}-base`, name, 1, before))
    yield* verb.run(store, names[0]!)
    return names[1]!
  })

/** Bytes of the request, all sent at once. */
const requestLength = (arena: Arena, verb: Verb) =>
  Effect.gen(function*() {
    const execution = yield* prepared(arena, verb)
    arena.proxy.resetStats()
    yield* verb.run(arena.store, execution)
    return arena.proxy.stats().bytesToServer
  })

interface Struck {
  readonly applied: boolean
  readonly fault: Proxy.Fault
}

const strike = (arena: Arena, verb: Verb, { applied, fault }: Struck) =>
  Effect.gen(function*() {
    const { proxy, raw, store } = arena
    const label = JSON.stringify(fault)
    const execution = yield* prepared(arena, verb)
    yield* scriptCalls(raw)
    yield* proxy.arm(fault)
    const result = yield* Effect.either(verb.run(store, execution))
    const calls = yield* scriptCalls(raw)

    if (verb.repeatable) {
      assert.isTrue(Either.isRight(result), `${label} ${JSON.stringify(result)}`)
      assert.strictEqual(calls, applied ? 2 : 1, label)
    } else {
      assert.isTrue(Either.isLeft(result), label)
      assert.include(
        Either.isLeft(result) ? result.left : {},
        { _tag: "RedisConnectionError", outcome: "Unknown" } as object,
        label
      )
      assert.strictEqual(calls, applied ? 1 : 0, label)
    }

    const snapshot = yield* Snapshot.take(raw, "langgraph:")
    const expected = verb.repeatable || applied
      ? verb.after(execution)
      : [[`${execution}-base`, 1, before] as const]
    const found = [...stored(snapshot, store.layout)].filter(([id]) => id.startsWith(execution)).toSorted()
    assert.deepStrictEqual(found, expected.map(([id, version, state]) => [id, line(execution, version, state)]), label)
    assert.deepStrictEqual(check(snapshot, store.layout).violations, [], label)
  })

/** Every few bytes, every byte or so where a command ends and the next begins. */
const cuts = (length: number): ReadonlyArray<Proxy.Fault> => {
  const step = length > 4_000 ? 1_000 : 24
  const points = Array.from({ length: Math.floor(length / step) }, (_, i) => 1 + i * step)
  const tail = length > 4_000 ? Array.from({ length: 9 }, (_, i) => length - 1 - i * 48) : [length - 1]
  return [...points, ...tail].map((bytes) => ({ _tag: "CutInRequest", bytes }))
}

const lost: ReadonlyArray<Proxy.Fault> = [
  { _tag: "CutBeforeReply" },
  { _tag: "CutInReply", bytes: 1 },
  { _tag: "CutInReply", bytes: 2 }
]

describe("a connection that is cut at an exact byte", () => {
  it.scopedLive.each(Object.entries(verbs))(
    "%s is whole or absent, and is reported as what is known",
    ([name, verb]) =>
      Effect.gen(function*() {
        const place = yield* arena
        const length = yield* requestLength(place, verb)
        const inRequest = cuts(length)
        yield* strike(place, verb, { applied: false, fault: { _tag: "CutBeforeRequest" } })
        for (const fault of inRequest) yield* strike(place, verb, { applied: false, fault })
        for (const fault of lost) yield* strike(place, verb, { applied: true, fault })
        console.log(`${name}: ${1 + inRequest.length + lost.length} cuts, ${length} bytes`)
      })
  )
})
