import { assert, describe } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Schema } from "effect"
import { Execution, Graph, Runner } from "effect-checkpoint"
import { all, completed, current, failing, listed, notes, overCount, type Rule, statusOf, zero } from "./Bench.js"

/** A node that says when it runs, and goes on when it may. */
const held = Effect.gen(function*() {
  const at = yield* Deferred.make<void>()
  const go = yield* Deferred.make<void>()
  const { all: ran, note } = notes()
  const hang = Effect.zipRight(Deferred.succeed(at, undefined), Deferred.await(go)).pipe(
    Effect.onInterrupt(() => note("interrupted"))
  )
  return { at: Deferred.await(at), go: Deferred.succeed(go, undefined), hang, ran, note }
})

const chain = <E>(run: Effect.Effect<Graph.Patch<{ n: number; log: ReadonlyArray<string> }>, E, Execution.Execution>) =>
  Graph.make("g", overCount)
    .node("a", () => run)
    .node("b", () => Effect.succeed({ log: ["b"] }))
    .edge(Graph.START, "a")
    .edge("a", "b")
    .build()

const leasing = (rule: Rule) => {
  rule(
    "while it runs, all that writes is ExecutionBusy and changes nothing; what reads works, answers are taken",
    () =>
      Effect.gen(function*() {
        const { at, go, hang } = yield* held
        const runner = yield* Runner.forGraph(chain(Effect.as(hang, { n: 1 })))
        const fiber = yield* Effect.fork(runner.start("x", zero))
        yield* at
        const verbs: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
          runner.start("x", zero),
          runner.resume("x"),
          runner.updateState("x", { n: 2 }),
          runner.saveCheckpoint("x", zero),
          runner.clearCheckpoints("x"),
          runner.resumeFrom("x@0000000000000001"),
          all(runner.events("x"))
        ]
        for (const verb of verbs) {
          const error = yield* failing("ExecutionBusy", verb)
          assert.strictEqual(error["executionId"], "x")
          assert.isAtMost(Number(error["remaining"]), 30_000)
        }
        assert.deepStrictEqual([yield* statusOf(runner, "x"), yield* listed(runner)], ["running", { x: "running" }])
        yield* go
        assert.deepStrictEqual(completed(yield* Fiber.join(fiber)), { n: 1, log: ["b"] })
        assert.deepStrictEqual(yield* listed(runner), {})
      })
  )

  rule("other executions are not busy", () =>
    Effect.gen(function*() {
      const { at, hang } = yield* held
      let first = true
      const runner = yield* Runner.forGraph(chain(Effect.suspend(() => {
        const wait = first ? hang : Effect.void
        first = false
        return Effect.as(wait, { n: 1 })
      })))
      yield* Effect.fork(runner.start("x", zero))
      yield* at
      assert.strictEqual(completed(yield* runner.start("x2", zero)).n, 1)
    }))

  rule("a run that failed or was interrupted gives the execution back at once", () =>
    Effect.gen(function*() {
      const { at, hang, ran } = yield* held
      let ends: Effect.Effect<void, string> = Effect.fail("boom")
      const runner = yield* Runner.forGraph(chain(Effect.as(Effect.suspend(() => ends), { n: 1 })))
      yield* failing("boom", runner.start("x", zero))
      yield* failing("boom", runner.resume("x"))
      ends = hang
      const fiber = yield* Effect.fork(runner.resume("x"))
      yield* at
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      assert.deepStrictEqual([ran, yield* statusOf(runner, "x"), yield* listed(runner)], [
        ["interrupted"],
        "ready",
        { x: "ready" }
      ])
      ends = Effect.void
      assert.strictEqual(completed(yield* runner.resume("x")).n, 1)
    }))
}

const fencing = (rule: Rule) => {
  rule("who was robbed ends with Fenced, writes nothing, and gives nothing back", () =>
    Effect.gen(function*() {
      const { at, go, hang } = yield* held
      let first = true
      const runner = yield* Runner.forGraph(chain(Effect.suspend(() => {
        if (!first) return Effect.succeed({ n: 2 })
        first = false
        return Effect.as(Effect.uninterruptible(hang), { n: 1 })
      })))
      const zombie = yield* Effect.fork(runner.start("x", zero))
      yield* at
      const outcome = yield* runner.resume("x", { steal: true })
      assert.deepStrictEqual(completed(outcome), { n: 2, log: ["b"] })
      yield* go
      assert.strictEqual((yield* failing("Fenced", Fiber.join(zombie)))["executionId"], "x")
      const head = yield* current(runner, "x")
      assert.deepStrictEqual([head.state.n, head.version, head.status], [2, 3, "completed"])
    }))

  rule(
    "a step that is fenced interrupts its node: nothing behind it runs, nothing of it is recorded",
    () =>
      Effect.gen(function*() {
        const { at, go, hang, note, ran } = yield* held
        let first = true
        const body = Effect.gen(function*() {
          if (first) {
            first = false
            yield* Execution.step("s", Effect.uninterruptible(hang), Schema.Void).pipe(
              Effect.catchAllCause(() => note("caught")),
              Effect.ensuring(note("finalizer"))
            )
            yield* note("behind")
          }
          return { n: 1 }
        })
        const runner = yield* Runner.forGraph(chain(body))
        const zombie = yield* Effect.fork(runner.start("x", zero))
        yield* at
        yield* runner.updateState("x", { n: 9 }, { steal: true })
        yield* go
        yield* failing("Fenced", Fiber.join(zombie))
        assert.deepStrictEqual(ran, ["finalizer"])
        assert.strictEqual((yield* current(runner, "x")).state.n, 9)
      })
  )

  rule("a branch that is fenced ends the run, the last one too", () =>
    Effect.gen(function*() {
      const { at, go, hang } = yield* held
      let first = true
      const graph = Graph.make("g", overCount)
        .node("a", () => Effect.succeed({ n: 1 }))
        .node("b", () =>
          Effect.suspend(() => {
            const wait = first ? Effect.zipRight(Effect.repeatN(Effect.yieldNow(), 50), hang) : Effect.void
            first = false
            return Effect.as(Effect.uninterruptible(wait), {})
          }))
        .edge(Graph.START, ["a", "b"])
        .build()
      const runner = yield* Runner.forGraph(graph)
      const zombie = yield* Effect.fork(runner.start("x", zero))
      yield* at
      assert.strictEqual(completed(yield* runner.resume("x", { steal: true })).n, 1)
      yield* go
      yield* failing("Fenced", Fiber.join(zombie))
    }))

  rule("who is cleared away is fenced, and leaves nothing", () =>
    Effect.gen(function*() {
      const { at, go, hang } = yield* held
      const runner = yield* Runner.forGraph(chain(Effect.as(Effect.uninterruptible(hang), { n: 1 })))
      const zombie = yield* Effect.fork(runner.start("x", zero))
      yield* at
      assert.strictEqual(yield* runner.clearCheckpoints("x", { steal: true }), 1)
      yield* go
      yield* failing("Fenced", Fiber.join(zombie))
      assert.deepStrictEqual([yield* listed(runner), yield* runner.listCheckpoints("x")], [{}, []])
    }))

  rule("the zombie's recorded steps are the heir's", () =>
    Effect.gen(function*() {
      const { at, hang, note, ran } = yield* held
      const keys: Array<string> = []
      const body = Effect.gen(function*() {
        keys.push(yield* Execution.idempotencyKey("s"))
        yield* Execution.step("s", note("step"), Schema.Void)
        if (keys.length === 1) yield* hang
        return { n: 1 }
      })
      const runner = yield* Runner.forGraph(chain(body))
      yield* Effect.fork(runner.start("x", zero))
      yield* at
      yield* runner.resume("x", { steal: true })
      assert.deepStrictEqual([ran[0], ran.filter((it) => it === "step").length, keys[0] === keys[1]], ["step", 1, true])
    }))
}

export const ownership = (rule: Rule) =>
  describe("ownership", () => {
    for (const rules of [leasing, fencing]) rules(rule)
  })
