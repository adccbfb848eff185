import { assert, describe } from "@effect/vitest"
import { Deferred, Effect, Fiber, Schema } from "effect"
import { Execution, Graph, Runner } from "effect-checkpoint"
import { completed, type Count, current, failing, notes, overCount, type Rule, statusOf, zero } from "./Bench.js"

export const link = {
  input: ({ n }: Count): Count => ({ n, log: [] }),
  output: (child: Count, { n }: Count) => ({ n: n + child.n, log: child.log })
}

type Body<E> = (state: Count) => Effect.Effect<Graph.Patch<Count>, E, Execution.Execution>

export const inner = <E>(run: Body<E>, options?: Graph.NodeOptions<Count, E, never, never>) =>
  Graph.make("inner", overCount).node("work", run, options).edge(Graph.START, "work").build()

export const outer = <Names extends string, E>(child: Graph.Graph<Count, Names, E>) =>
  Graph.make("outer", overCount)
    .node("first", () => Effect.succeed({ log: ["first"] }))
    .child("child", child, link)
    .node("last", () => Effect.succeed({ log: ["last"] }))
    .edge(Graph.START, "first")
    .edge("first", "child")
    .edge("child", "last")
    .build()

/** A child that has a child, `deep`. */
export const nestedIn = <Names extends string, E>(child: Graph.Graph<Count, Names, E>) =>
  Graph.make("middle", overCount).child("deep", child, link).edge(Graph.START, "deep").build()

/** As whom the child's node ran. */
export const identities = () => {
  const ids: Array<string> = []
  return { ids, whoAmI: Effect.map(Execution.Execution, ({ executionId }) => void ids.push(executionId)) }
}

export const isChild = (executionId: string) => /^x\/.*2\/child$/.test(executionId)

export const ask = Effect.map(Execution.ask("ok", { answer: Schema.Int }), (n) => ({ n, log: ["work"] }))

const running = (rule: Rule) => {
  rule("a child runs as an execution of its own, and its last state gives the patch", () =>
    Effect.gen(function*() {
      const { ids, whoAmI } = identities()
      const { all: ran, note } = notes()
      const child = inner(({ n }) => Effect.as(Effect.zipRight(note("work"), whoAmI), { n: n * 2, log: ["work"] }))
      const runner = yield* Runner.forGraph(outer(child))
      const outcome = yield* runner.start("x", { n: 4, log: [] })
      assert.deepStrictEqual(completed(outcome), { n: 12, log: ["first", "work", "last"] })
      const children = yield* Runner.forGraph(child)
      const { state, status } = yield* current(children, ids[0]!)
      assert.deepStrictEqual([state, status], [{ n: 8, log: ["work"] }, "completed"])
      assert.deepStrictEqual([yield* runner.start("x", { n: 4, log: [] }), ran], [outcome, ["work"]])
    }))

  rule("its error is the parent's; resumed, both go on where they were", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const { ids, whoAmI } = identities()
      let left = 1
      const child = inner(() =>
        Effect.gen(function*() {
          yield* whoAmI
          yield* Execution.step("once", note("once"), Schema.Void)
          return left-- > 0 ? yield* Effect.fail("boom") : { n: 1 }
        })
      )
      const runner = yield* Runner.forGraph(outer(child))
      const children = yield* Runner.forGraph(child)
      yield* failing("boom", runner.start("x", zero))
      assert.deepStrictEqual([yield* statusOf(runner, "x"), yield* statusOf(children, ids[0]!)], [
        "failed",
        "failed"
      ])
      assert.strictEqual(completed(yield* runner.resume("x")).n, 1)
      assert.deepStrictEqual(ran, ["once"])
    }))

  rule("a parent that is cleared and started again runs its children again", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const runner = yield* Runner.forGraph(outer(inner(({ n }) => Effect.as(note(`work ${n}`), { n: n * 2 }))))
      for (const n of [1, 5, 5]) {
        assert.strictEqual(completed(yield* runner.start("x", { n, log: [] })).n, n * 3)
        yield* runner.clearCheckpoints("x")
      }
      assert.deepStrictEqual(ran, ["work 1", "work 5", "work 5"])
    }))

  rule("a fork runs its children again, too", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const runner = yield* Runner.forGraph(outer(inner(() => Effect.as(note("work"), { n: 1 }))))
      yield* runner.start("x", zero)
      yield* runner.resumeFrom("x@0000000000000002")
      yield* runner.resumeFrom("x@0000000000000002", { into: "y" })
      assert.strictEqual(ran.length, 3)
    }))

  rule(
    "a parent that died while its child ran is taken over with the child; the zombie is fenced",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const at = yield* Deferred.make<void>()
        let hangs = true
        const child = inner(() =>
          Effect.gen(function*() {
            yield* Execution.step("once", note("once"), Schema.Void)
            if (hangs) return yield* Effect.zipRight(Deferred.succeed(at, undefined), Effect.never)
            return { n: 1 }
          })
        )
        const runner = yield* Runner.forGraph(outer(child))
        const zombie = yield* Effect.fork(runner.start("x", zero))
        yield* Deferred.await(at)
        hangs = false
        yield* failing("ExecutionBusy", runner.resume("x"))
        assert.strictEqual(completed(yield* runner.resume("x", { steal: true })).n, 1)
        assert.deepStrictEqual(ran, ["once"])
        yield* Fiber.interrupt(zombie)
        assert.strictEqual(yield* statusOf(runner, "x"), "completed")
      })
  )

  rule("interrupted, both are given back at once and go on where they were", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const at = yield* Deferred.make<void>()
      const child = inner(() =>
        Effect.gen(function*() {
          yield* Execution.step("once", note("once"), Schema.Void)
          if (ran.length === 1) return yield* Effect.zipRight(Deferred.succeed(at, undefined), Effect.never)
          return { n: 1 }
        })
      )
      const runner = yield* Runner.forGraph(outer(child))
      const fiber = yield* Effect.fork(runner.start("x", zero))
      yield* Deferred.await(at)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* statusOf(runner, "x"), "ready")
      yield* note("resumed")
      assert.strictEqual(completed(yield* runner.resume("x")).n, 1)
      assert.deepStrictEqual(ran, ["once", "resumed"])
    }))
}

export const children = (rule: Rule) =>
  describe("child graphs", () => {
    running(rule)
  })
