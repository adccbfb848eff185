import { assert, describe } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"
import { CheckpointStore, Execution, ExecutionProgram, Graph, Redis, Runner } from "effect-checkpoint"
import { codedMemo } from "../../src/internal/runner/memos.js"
import { completed, current, failing, layout, listed, overCount, type Rule, zero } from "./Bench.js"
import { ask, identities, inner, nestedIn, outer } from "./children.js"

const nap = Effect.as(Execution.sleep("nap", "1 hour"), { n: 1 })

const stops = {
  waiting: ask,
  sleeping: nap,
  failed: Effect.fail("boom")
} as const

const dueOnly = (rule: Rule) => {
  for (
    const [status, stop] of Object.entries<Effect.Effect<Partial<typeof zero>, unknown, Execution.Execution>>(stops)
  ) {
    rule(
      `a ${status} child is not listed, and nobody looks for it: its root is, and is looked for`,
      () =>
        Effect.gen(function*() {
          const child = inner(() => stop)
          const middle = nestedIn(child)
          const roots = yield* Runner.forGraph(outer(middle))
          yield* Effect.exit(roots.start("x", zero))
          assert.deepStrictEqual<unknown>(yield* listed(roots), { x: status })
          assert.deepStrictEqual(yield* listed(yield* Runner.forGraph(middle)), {})
          assert.deepStrictEqual(yield* listed(yield* Runner.forGraph(child)), {})
        })
    )
  }

  rule("nor is a child that runs, from its claim on", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      const { ids, whoAmI } = identities()
      const own = yield* layout
      const redis = yield* Redis.Redis
      const look = ExecutionProgram.unfinished(own, "inner", { limit: 10 })
      const child = inner(() =>
        Effect.zipRight(whoAmI, Effect.map(redis.pipeline(look), (found) => (seen.push(found), { n: 1 })))
      )
      const runner = yield* Runner.forGraph(outer(child))
      assert.strictEqual(completed(yield* runner.start("x", zero)).n, 1)
      assert.deepStrictEqual([seen, ids.length], [[[]], 1])
    }))

  rule("a child that sleeps tells its time, and its root wakes then", () =>
    Effect.gen(function*() {
      const { ids, whoAmI } = identities()
      const child = inner(() => Effect.zipRight(whoAmI, nap))
      const runner = yield* Runner.forGraph(outer(child))
      const outcome = yield* runner.start("x", zero)
      assert.strictEqual(outcome._tag, "Sleeping")
      const below = yield* current(yield* Runner.forGraph(child), ids[0]!)
      const { until } = yield* current(runner, "x")
      assert.deepStrictEqual([below.status, below.until], ["sleeping", until])
      assert.isTrue(Option.isSome(until))
    }))
}

const both = Graph.make("both", overCount)
  .node("asks", () => Effect.as(Execution.ask("ok", { answer: Schema.Int }), {}))
  .node("sleeps", () => Effect.as(Execution.sleep("nap", "1 hour"), {}))
  .edge(Graph.START, ["asks", "sleeps"])
  .build()

const waking = (rule: Rule) => {
  rule(
    "a child that waits and sleeps has its root wake at its time, through all that is between",
    () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(outer(nestedIn(both)))
        const outcome = yield* runner.start("x", zero)
        assert.strictEqual(outcome._tag, "Interrupted")
        const { requests, status, until } = yield* current(runner, "x")
        assert.deepStrictEqual([status, requests.length, Option.isSome(until)], ["waiting", 1, true])
      })
  )

  rule("an answer at a child, however deep, has its root looked at", () =>
    Effect.gen(function*() {
      const child = inner(() => ask)
      const middle = nestedIn(child)
      const roots = yield* Runner.forGraph(outer(middle))
      const middles = yield* Runner.forGraph(middle)
      const children = yield* Runner.forGraph(child)
      for (const [id, runner] of [["x", children], ["y", middles]] as const) {
        yield* roots.start(id, zero)
        const [request] = (yield* current(roots, id)).requests
        assert.notInclude(yield* roots.due(10), id)
        const below = id === "x" ? request!.executionId : request!.executionId.replace(/\/[^/]+\/[^/]+\/deep$/, "")
        yield* runner.answer(below, { answer: 7 })
        assert.include(yield* roots.due(10), id)
        assert.strictEqual(completed(yield* roots.resume(id)).n, 7)
      }
    }))

  rule(
    "an answer whose root was never told is told when it is given again, and changes nothing else",
    () =>
      Effect.gen(function*() {
        const child = inner(() => ask)
        const roots = yield* Runner.forGraph(outer(child))
        const children = yield* Runner.forGraph(child)
        const redis = yield* Redis.Redis
        const { core } = yield* CheckpointStore.CheckpointStore
        for (const [id, again] of [["x", "root"], ["y", "child"]] as const) {
          yield* roots.start(id, zero)
          const [request] = (yield* current(roots, id)).requests
          const { executionId } = request!
          // What a client that died in the middle of its answer leaves.
          const field = JSON.stringify(["answer", "work", "ok", 0])
          const memo = yield* codedMemo(core, { executionId, base: 1, field, value: "7" })
          yield* redis.pipeline(ExecutionProgram.answer(core.layout, "inner", memo))
          assert.notInclude(yield* roots.due(10), id)
          yield* again === "root" ? roots.answer(id, { answer: 8 }) : children.answer(executionId, { answer: 8 })
          assert.include(yield* roots.due(10), id)
          assert.strictEqual(completed(yield* roots.resume(id)).n, 7)
        }
      })
  )

  rule("a root that is told while it is at its end stays there", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(outer(inner(() => ask)))
      yield* runner.start("x", zero)
      yield* runner.resume("x", { answer: 7 })
      const redis = yield* Redis.Redis
      yield* redis.pipeline(ExecutionProgram.wake(yield* layout, "outer", "x"))
      assert.deepStrictEqual([yield* listed(runner), yield* runner.due(10)], [{}, []])
      yield* failing("NotWaiting", runner.answer("x", { answer: 8 }))
    }))
}

export const childRecovery = (rule: Rule) =>
  describe("recovery of child graphs", () => {
    for (const rules of [dueOnly, waking]) rules(rule)
  })
