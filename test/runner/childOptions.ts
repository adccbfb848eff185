import { assert, describe } from "@effect/vitest"
import { Effect, Schedule, Schema } from "effect"
import { Execution, Graph, Runner } from "effect-checkpoint"
import { all, completed, type Count, failing, notes, overCount, type Rule, statusOf, waitsFor, zero } from "./Bench.js"
import { inner, link } from "./children.js"

const over = <E, R = never>(
  child: Graph.Graph<Count, "work", E>,
  options: Partial<Graph.ChildOptions<Count, Count, E, R>>
) =>
  Graph.make("over", overCount)
    .child("child", child, { ...link, ...options })
    .node("last", () => Effect.succeed({ log: ["last"] }))
    .edge(Graph.START, "child")
    .edge("child", "last")
    .build()

const done = inner(() => Effect.succeed({ n: 1 }))

const failingTwice = (note: (what: string) => Effect.Effect<void>) => {
  let left = 2
  return inner(() =>
    Effect.gen(function*() {
      yield* Execution.step("once", note("once"), Schema.Void)
      yield* note("tried")
      return left-- > 0 ? yield* Effect.fail("boom") : { n: 1 }
    })
  )
}

const retries = (rule: Rule) => {
  rule(
    "a child that fails is gone on with by the retry of its node: what it recorded is not repeated",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const runner = yield* Runner.forGraph(over(failingTwice(note), { retry: Schedule.recurs(2) }))
        assert.strictEqual(completed(yield* runner.start("x", zero)).n, 1)
        assert.deepStrictEqual(ran, ["once", "tried", "tried", "tried"])
      })
  )

  rule("where the schedule ends, the error is the parent's", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const runner = yield* Runner.forGraph(over(failingTwice(note), { retry: Schedule.recurs(1) }))
      yield* failing("boom", runner.start("x", zero))
      assert.deepStrictEqual([ran, yield* statusOf(runner, "x")], [["once", "tried", "tried"], "failed"])
      assert.strictEqual(completed(yield* runner.resume("x")).n, 1)
    }))

  rule("it sees errors of the runner, too", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const endless = Graph.make("inner", overCount).node("work", ({ n }) => Effect.succeed({ n: n + 1 }))
        .edge(Graph.START, "work")
        .branch("work", ["work", Graph.END], ({ n }) => n < 5 ? "work" : Graph.END)
        .build()
      const retry = Schedule.recurWhile((error: Runner.RunError) => seen.push(error._tag) > 0)
      const runner = yield* Runner.forGraph(over(endless, { retry }), { maxSteps: 3 })
      assert.strictEqual(completed(yield* runner.start("x", zero)).n, 5)
      assert.deepStrictEqual(seen, ["MaxStepsExceeded"])
    }))
}

const gates = (rule: Rule) => {
  rule("a gate before a child stops before it begins, one behind it when it is done", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const child = inner(() => Effect.as(note("work"), { n: 1 }))
      const runner = yield* Runner.forGraph(over(child, { interruptBefore: true, interruptAfter: true }))
      assert.deepStrictEqual([waitsFor(yield* runner.start("x", zero)), ran], [["before:child"], []])
      assert.deepStrictEqual([waitsFor(yield* runner.resume("x", { answer: 1 })), ran], [["after:child"], ["work"]])
      assert.deepStrictEqual(completed(yield* runner.resume("x", { answer: 1 })), { n: 1, log: ["last"] })
    }))

  rule("gates of a child look at the parent's state", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(
        over(done, { interruptBefore: ({ n }) => n > 5, interruptAfter: ({ n }) => n > 7 })
      )
      assert.strictEqual(completed(yield* runner.start("x", zero)).n, 1)
      assert.deepStrictEqual(waitsFor(yield* runner.start("y", { n: 6, log: [] })), ["before:child"])
      assert.strictEqual(completed(yield* runner.resume("y", { answer: 1 })).n, 7)
    }))

  rule("onStep sees the parent's supersteps, events those of its children, too", () =>
    Effect.gen(function*() {
      const steps: Array<string> = []
      const runner = yield* Runner.forGraph(over(done, {}), {
        onStep: ({ nodes }) => Effect.sync(() => void steps.push(nodes.join()))
      })
      const events = yield* all(runner.events("x", zero))
      assert.deepStrictEqual(steps, ["child", "last"])
      assert.strictEqual(events.filter(({ _tag }) => _tag === "NodeStarted").length, 3)
    }))
}

export const childOptions = (rule: Rule) =>
  describe("options of child graphs", () => {
    for (const rules of [retries, gates]) rules(rule)
  })
