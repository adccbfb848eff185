/**
 * Random steps of runners, mixed with operations of the store, as data, and what they do.
 */
import { Effect, FastCheck as fc } from "effect"
import type { Service } from "../../src/services/CheckpointStore.js"
import * as ExecutionProgram from "../../src/services/ExecutionProgram.js"
import { checkpointKey, dueKey, indexKey, memosKey, runKey } from "../../src/services/KeyLayout.js"
import type { Redis } from "../../src/services/Redis.js"
import * as RedisProgram from "../../src/services/RedisProgram.js"
import * as RedisReply from "../../src/services/RedisReply.js"
import { type Operation, operation, perform } from "../conformance/arbitraryOperations.js"
import { entry, hour, large } from "./Bench.js"

const run = fc.oneof(
  { weight: 5, arbitrary: fc.constant("e1") },
  { weight: 1, arbitrary: fc.constantFrom("e2", "{e}:checkpoints") }
)
const token = fc.constantFrom("a", "a", "b")
const graph = fc.oneof({ weight: 9, arbitrary: fc.constant("graph") }, { weight: 1, arbitrary: fc.constant("other") })
const version = fc.integer({ min: 0, max: 4 })
const hours = fc.constantFrom(hour, 5 * hour)
const ttl = fc.constantFrom(0, 2 * hour, 2 * hour, 7 * hour)
const text = fc.constantFrom("x", "y", "é:\u0000\"", large)
const release = fc.constantFrom<ExecutionProgram.Release["status"]>(
  "completed",
  "waiting",
  "waiting",
  "failed",
  "stopped",
  "sleeping",
  "restore"
)

const weighted = <A>(weight: number, arbitrary: fc.Arbitrary<A>) => ({ weight, arbitrary })
const of = <Tag extends string, A>(_tag: Tag, fields: { readonly [K in keyof A]: fc.Arbitrary<A[K]> }) =>
  fc.record({ _tag: fc.constant(_tag), ...fields }) as unknown as fc.Arbitrary<{ readonly _tag: Tag } & A>

const whose = { run, token, graph, lease: hours }
type Whose = { readonly run: string; readonly token: string; readonly graph: string; readonly lease: number }

/** Versions are by how far they are from the head, most often 0: random ones would conflict nearly always. */
const offset = fc.oneof(weighted(8, fc.constant(0)), weighted(1, fc.integer({ min: -2, max: 2 })))

/** How far what names a memo is behind the head. */
const lag = fc.constantFrom(0, 0, 1)

const step = fc.oneof(
  weighted(
    6,
    of<
      "claim",
      Whose & { readonly steal: boolean; readonly mistaken: string | undefined } & {
        readonly under: ExecutionProgram.ClaimOptions["under"]
      }
    >("claim", {
      ...whose,
      steal: fc.constantFrom(false, false, true),
      mistaken: fc.constantFrom(undefined, undefined, "other"),
      under: fc.option(fc.record({ executionId: run, graph, token }), { nil: undefined, freq: 2 })
    })
  ),
  weighted(2, of<"renew", Whose>("renew", whose)),
  weighted(
    4,
    of<"release", Whose & { readonly status: ExecutionProgram.Release["status"]; readonly delay: number }>("release", {
      ...whose,
      status: release,
      delay: fc.constantFrom(0, 3 * hour)
    })
  ),
  weighted(
    9,
    of<
      "commit",
      Whose & { readonly offset: number; readonly state: string; readonly ttl: number; readonly keep: number } & {
        readonly writeId: string
        readonly none: boolean
        readonly keepMemos: boolean
        readonly times: number
      }
    >("commit", {
      ...whose,
      offset,
      state: text,
      ttl,
      keep: fc.constantFrom(0, 0, 1, 2),
      writeId: fc.constantFrom("w1", "w2"),
      none: fc.boolean(),
      keepMemos: fc.constantFrom(false, false, true),
      times: fc.constantFrom(1, 1, 2)
    })
  ),
  weighted(
    6,
    of<
      "memo",
      Whose & { readonly offset: number; readonly lag: number; readonly field: string; readonly value: string } & {
        readonly ttl: number
      }
    >(
      "memo",
      { ...whose, offset, lag, field: text, value: text, ttl }
    )
  ),
  weighted(
    4,
    of<
      "answer",
      Whose & { readonly offset: number; readonly lag: number; readonly field: string; readonly value: string }
    >("answer", {
      ...whose,
      offset,
      lag,
      field: text,
      value: text
    })
  ),
  weighted(3, of<"wake", { readonly run: string; readonly graph: string }>("wake", { run, graph })),
  weighted(1, of<"due", { readonly graph: string }>("due", { graph })),
  weighted(1, of<"memos", { readonly run: string }>("memos", { run })),
  weighted(2, of<"lapse", { readonly run: string }>("lapse", { run })),
  weighted(1, of<"vanish", { readonly run: string; readonly version: number }>("vanish", { run, version })),
  weighted(
    1,
    of<"spoil", { readonly run: string; readonly which: "run" | "memos" | "due" }>("spoil", {
      run,
      which: fc.constantFrom("run", "memos", "due")
    })
  )
)

type Own = typeof step extends fc.Arbitrary<infer A> ? A : never

export type Step = Own | { readonly _tag: "store"; readonly operation: Operation }

export const steps: fc.Arbitrary<Array<Step>> = fc.array(
  fc.oneof(
    weighted(5, step as fc.Arbitrary<Step>),
    weighted(1, operation.map((operation): Step => ({ _tag: "store", operation })))
  ),
  { minLength: 1, maxLength: 40, size: "max" }
)

type Pipeline = typeof Redis.Service.pipeline

const releaseOf = (
  status: ExecutionProgram.Release["status"],
  delay: number,
  now: number
): ExecutionProgram.Release => {
  if (status === "sleeping") return { status, at: now + delay }
  return status === "stopped" || status === "restore" ? { status, delay } : { status }
}

const claimOf = ({ graph, lease, run, token }: Whose) => ({ executionId: run, graph, lease, token })

const placeOf = (top: number, { lag, offset }: { readonly lag: number; readonly offset: number }) => ({
  base: top + offset - lag,
  ...(lag === 0 ? undefined : { head: top + offset })
})

/** What a step gives, in plain values; times are those of the interpreter. */
export const take = (store: Service, redis: typeof Redis.Service, step: Step): Effect.Effect<unknown, unknown> => {
  const { layout } = store
  const pipeline: Pipeline = redis.pipeline
  const send = (name: string, ...args: ReadonlyArray<string | number>) =>
    pipeline(RedisProgram.command(name, args, RedisReply.raw))
  const now = Effect.map(send("TIME"), (time) => Number((time as ReadonlyArray<string>)[0]) * 1000)
  const head = (run: string) =>
    Effect.map(
      Effect.orElseSucceed(send("ZREVRANGE", indexKey(layout, run), 0, 0, "WITHSCORES"), () => []),
      (top) => Number((top as ReadonlyArray<string>)[1] ?? 0)
    )
  switch (step._tag) {
    case "store":
      return perform(store, redis, step.operation)
    case "claim":
      return Effect.map(
        pipeline(ExecutionProgram.claim(layout, claimOf(step), step)),
        ({ claims, epoch, was }) => ({ claims, epoch, was })
      )
    case "renew":
      return pipeline(ExecutionProgram.renew(layout, claimOf(step)))
    case "release":
      return Effect.flatMap(
        now,
        (now) => pipeline(ExecutionProgram.release(layout, claimOf(step), releaseOf(step.status, step.delay, now)))
      )
    case "commit":
      return Effect.flatMap(head(step.run), (top) => {
        const base = top + step.offset
        const program = ExecutionProgram.commit(
          layout,
          claimOf(step),
          entry(step.run, base + 1, step.state, step.writeId),
          {
            expectedVersion: base <= 0 && step.none ? "none" : base,
            ttl: step.ttl,
            maxCheckpoints: step.keep,
            keepMemos: step.keepMemos
          }
        )
        const once: Effect.Effect<unknown, unknown> = pipeline(program)
        return step.times === 1
          ? once
          : Effect.all([pipeline(program), pipeline(program)], { mode: "either" })
      })
    case "memo":
      return Effect.flatMap(head(step.run), (top) =>
        pipeline(ExecutionProgram.memo(
          layout,
          step.token,
          { executionId: step.run, ...placeOf(top, step), field: step.field, value: step.value },
          step.ttl
        )))
    case "answer":
      return Effect.flatMap(head(step.run), (top) =>
        pipeline(ExecutionProgram.answer(layout, step.graph, {
          executionId: step.run,
          ...placeOf(top, step),
          field: step.field,
          value: step.value
        })))
    case "wake":
      return pipeline(ExecutionProgram.wake(layout, step.graph, step.run))
    case "due":
      // Within a millisecond they are in another order; the suite looks at the order.
      return Effect.map(pipeline(ExecutionProgram.due(layout, step.graph, 100)), (ids) => ids.toSorted())
    case "memos":
      return Effect.map(
        pipeline(ExecutionProgram.memos(layout, step.run, "0")),
        ({ cursor, memos }) => ({ cursor, memos: [...memos].toSorted() })
      )
    case "lapse":
      return Effect.flatMap(
        send("HEXISTS", runKey(layout, step.run), "until"),
        (held) => held === 1 ? send("HSET", runKey(layout, step.run), "until", 0) : Effect.succeed(null)
      )
    case "vanish":
      return send("PEXPIREAT", checkpointKey(layout, `${step.run}@${step.version}`), 0)
    case "spoil": {
      const key = { run: runKey(layout, step.run), memos: memosKey(layout, step.run), due: dueKey(layout, "graph") }[
        step.which
      ]
      return Effect.zipRight(send("DEL", key), send("RPUSH", key, "x"))
    }
  }
}
