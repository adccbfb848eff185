/**
 * What a rule of the execution suite works with: the bench of the store, and
 * runners, each of them one token.
 */
import { assert, type Vitest } from "@effect/vitest"
import { Effect, type Layer, type TestServices } from "effect"
import type { CheckpointConflict, StorageError } from "../../src/schema/Errors.js"
import type { Entry, SaveOptions } from "../../src/services/CheckpointProgram.js"
import * as ExecutionProgram from "../../src/services/ExecutionProgram.js"
import { checkpointKey, dueKey, indexKey, memosKey, runKey } from "../../src/services/KeyLayout.js"
import type { Redis } from "../../src/services/Redis.js"
import * as Store from "../conformance/Bench.js"

export const minute = 60_000
export const hour = 60 * minute

export interface Subject {
  /** One for all rules of a file; each rule has its prefix. */
  readonly redis: Layer.Layer<Redis, unknown>
  /** Lets the time of the interpreter pass. */
  readonly elapse: (millis: number) => Effect.Effect<void>
}

export interface Whose {
  readonly executionId?: string
  readonly graph?: string
  readonly lease?: number
}

export interface CommitOptions extends Omit<SaveOptions, "expectedVersion"> {
  /** Default: the version before. */
  readonly expectedVersion?: number | "none"
  readonly keepMemos?: boolean
  readonly state?: string
  readonly writeId?: string
}

/** As the store would encode it: the execution, then the write id, end the metadata. */
export const entry = (executionId: string, version: number, state: string, writeId: string): Entry => {
  const id = `${executionId}@${version}`
  const metadata = { execution_id: executionId, write_id: writeId }
  const timestamp = "2024-02-29T00:00:00.000Z"
  return {
    id,
    executionId,
    version,
    writeId,
    payload: JSON.stringify({ id, node_name: "node", state, metadata, timestamp, version })
  }
}

/** Staged by the interpreters: 8 KiB or more. */
export const large = "x".repeat(20_000)

const runnerOf = ({ layout, redis }: Store.Bench, token: string, whose: Whose) => {
  const claim = { executionId: "run", graph: "graph", lease: hour, token, ...whose }
  const { executionId } = claim
  return {
    claim: (options?: ExecutionProgram.ClaimOptions) => redis.pipeline(ExecutionProgram.claim(layout, claim, options)),
    renew: redis.pipeline(ExecutionProgram.renew(layout, claim)),
    release: (release: ExecutionProgram.Release) => redis.pipeline(ExecutionProgram.release(layout, claim, release)),
    commit: (version: number, { state = "small", writeId = `${token}-${version}`, ...options }: CommitOptions = {}) =>
      redis.pipeline(ExecutionProgram.commit(layout, claim, entry(executionId, version, state, writeId), {
        expectedVersion: version - 1,
        ...options
      })),
    memo: (base: number, field: string, value: string, ttl?: number, head?: number) =>
      redis.pipeline(ExecutionProgram.memo(layout, token, { executionId, base, head, field, value }, ttl))
  }
}

export type Runner = ReturnType<typeof runnerOf>

export interface Bench extends Store.Bench {
  readonly elapse: Subject["elapse"]
  readonly as: (token: string, whose?: Whose) => Runner
  readonly answer: (
    base: number,
    field: string,
    value: string,
    whose?: Whose & { readonly head?: number }
  ) => Effect.Effect<string, CheckpointConflict | StorageError>
  readonly wake: () => Effect.Effect<void, StorageError>
  readonly due: (limit?: number, graph?: string) => Effect.Effect<ReadonlyArray<string>, StorageError>
  /** Its score: `null` if it is not among the due. */
  readonly dueAt: (executionId?: string, graph?: string) => Effect.Effect<number | null, StorageError>
  /** Without what a claim keeps for `restore`. */
  readonly run: (executionId?: string) => Effect.Effect<Readonly<Record<string, string>>, StorageError>
  readonly memos: (executionId?: string) => Effect.Effect<Readonly<Record<string, string>>, StorageError>
  /** Keys that exist, of those that the library can make for these executions, with all that they hold. */
  readonly keyspace: (...executionIds: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<unknown>, StorageError>
  readonly keys: (executionId?: string) => Readonly<Record<"run" | "memos" | "index" | "due" | "executions", string>>
}

const record = (flat: unknown): Readonly<Record<string, string>> => {
  const list = flat as ReadonlyArray<string>
  return Object.fromEntries(list.flatMap((field, i) => i % 2 === 0 ? [[field, list[i + 1]!] as const] : []))
}

const score = (text: unknown): number | null => {
  if (text === null) return null
  return text === "inf" ? Infinity : Number(text)
}

const make = (store: Store.Bench, { elapse }: Subject): Bench => {
  const { dump, layout, pttl, redis, send } = store
  const candidates = (executionId: string) => [
    ...[1, 2, 3, 4, 5].map((version) => checkpointKey(layout, `${executionId}@${version}`)),
    indexKey(layout, executionId),
    runKey(layout, executionId),
    memosKey(layout, executionId)
  ]
  const staged = ["a", "b"].flatMap((token) =>
    [1, 2, 3, 9].map((version) => `${layout.stagedPrefix}${token}-${version}`)
  )
  // Only a server knows KEYS.
  const found = Effect.orElseSucceed(send("KEYS", `${store.prefix}*`), () => [])
  return {
    ...store,
    elapse,
    as: (token, whose = {}) => runnerOf(store, token, whose),
    answer: (base, field, value, { executionId = "run", graph = "graph", head } = {}) =>
      redis.pipeline(ExecutionProgram.answer(layout, graph, { executionId, base, head, field, value })),
    wake: () => redis.pipeline(ExecutionProgram.wake(layout, "graph", "run")),
    due: (limit = 100, graph = "graph") => redis.pipeline(ExecutionProgram.due(layout, graph, limit)),
    dueAt: (executionId = "run", graph = "graph") =>
      Effect.map(send("ZSCORE", dueKey(layout, graph), executionId), score),
    run: (executionId = "run") =>
      Effect.map(send("HGETALL", runKey(layout, executionId)), (flat) => {
        const { was: _, was_due: __, ...rest } = record(flat)
        return rest
      }),
    memos: (executionId = "run") => Effect.map(send("HGETALL", memosKey(layout, executionId)), record),
    keyspace: (...executionIds) =>
      Effect.gen(function*() {
        const more = (yield* found) as ReadonlyArray<string>
        const fixed = [layout.executions, dueKey(layout, "graph"), dueKey(layout, "other"), ...staged]
        const keys = [...new Set([...fixed, ...executionIds.flatMap(candidates), ...more])].toSorted()
        const dumps = yield* dump(...keys)
        const left = yield* Effect.forEach(keys, pttl)
        return keys.map((key, i) => ({ key, ...dumps[i]!, minutes: Math.round(left[i]! / minute) })).filter((
          { type }
        ) => type !== "none")
      }),
    keys: (executionId = "run") => ({
      run: runKey(layout, executionId),
      memos: memosKey(layout, executionId),
      index: indexKey(layout, executionId),
      due: dueKey(layout, "graph"),
      executions: layout.executions
    })
  }
}

export type Rule = (
  name: string,
  body: (bench: Bench) => Effect.Effect<void, unknown, TestServices.TestServices>
) => void

/** Registers rules that each run under a prefix of their own. */
export const ruleOf = (it: Vitest.MethodsNonLive<Redis>, subject: Subject): Rule => {
  const rule = Store.ruleOf(it, { ...subject, index: "sortedSet" })
  return (name, body) => rule(name, (store) => body(make(store, subject)))
}

/** An effect that fails, by this tag, and changes none of the keys of these executions. */
export const changesNothing = <A, E>(
  bench: Bench,
  tag: string,
  effect: Effect.Effect<A, E>,
  ...executionIds: ReadonlyArray<string>
) =>
  Effect.gen(function*() {
    const ids = executionIds.length === 0 ? ["run"] : executionIds
    const before = yield* bench.keyspace(...ids)
    const error = yield* Store.failure(tag, effect)
    assert.deepStrictEqual(yield* bench.keyspace(...ids), before)
    return error
  })

/** Between what is expected and ten seconds less, which no test takes. */
export const isAbout = (actual: number, expected: number) => {
  assert.isAtMost(actual, expected)
  assert.isAtLeast(actual, expected - 10_000)
}
