import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { Graph, Runner } from "effect-checkpoint"
import { all, completed, current, failing, idsOf, overCount, type Rule, statusOf, zero } from "./Bench.js"
import { ask, inner, isChild, link, outer } from "./children.js"

const waiting = (rule: Rule) => {
  const ways = {
    "an ask": inner(() => ask),
    "a gate": inner(() => Effect.succeed({ n: 7, log: ["work"] }), { interruptBefore: true })
  }
  for (const [what, child] of Object.entries(ways)) {
    rule(`${what} of a child is the parent's to answer; the request names the child`, () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(outer(child))
        const outcome = yield* runner.start("x", zero)
        const requests = outcome._tag === "Interrupted" ? outcome.requests : []
        assert.deepStrictEqual(requests.map(({ executionId, node }) => [isChild(executionId), node]), [[true, "work"]])
        const head = yield* current(runner, "x")
        assert.deepStrictEqual([head.status, head.requests], ["waiting", requests])
        assert.deepStrictEqual(idsOf(yield* runner.resume("x")), requests.map(({ id }) => id))
        yield* runner.answer("x", { answer: 7 })
        yield* runner.answer("x", { answer: 8 })
        assert.strictEqual(yield* statusOf(runner, "x"), "ready")
        assert.deepStrictEqual(completed(yield* runner.resume("x")), { n: 7, log: ["first", "work", "last"] })
      }))

    rule(`${what} of a child can be answered at the child`, () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(outer(child))
        const children = yield* Runner.forGraph(child)
        const outcome = yield* runner.start("x", zero)
        const [request] = outcome._tag === "Interrupted" ? outcome.requests : []
        yield* children.answer(request!.executionId, { answer: 7 })
        assert.deepStrictEqual(completed(yield* runner.resume("x")).n, 7)
      }))
  }

  rule("children at once, of one graph, have requests of their own", () =>
    Effect.gen(function*() {
      const child = inner(() => ask)
      const graph = Graph.make("outer", overCount)
        .child("left", child, { ...link, output: ({ n }) => ({ log: [`left ${n}`] }) })
        .child("right", child, { ...link, output: ({ n }) => ({ log: [`right ${n}`] }) })
        .edge(Graph.START, ["left", "right"])
        .build()
      const runner = yield* Runner.forGraph(graph)
      const ids = idsOf(yield* runner.start("x", zero))
      assert.strictEqual(new Set(ids).size, 2)
      yield* failing("NotWaiting", runner.answer("x", { answer: 0 }))
      for (const [i, request] of ids.entries()) yield* runner.answer("x", { answer: i + 1, request })
      assert.deepStrictEqual(completed(yield* runner.resume("x")).log, ["left 1", "right 2"])
    }))

  rule("a child of a child asks through both", () =>
    Effect.gen(function*() {
      const middle = Graph.make("middle", overCount).child("deep", inner(() => ask), link).edge(Graph.START, "deep")
        .build()
      const runner = yield* Runner.forGraph(outer(middle))
      assert.strictEqual(idsOf(yield* runner.start("x", zero)).length, 1)
      const [request] = (yield* current(runner, "x")).requests
      assert.match(request!.executionId, /^x\/.*\/child\/.*\/deep$/)
      assert.deepStrictEqual(completed(yield* runner.resume("x", { answer: 5 })), {
        n: 5,
        log: ["first", "work", "last"]
      })
    }))

  rule("events of the child come between those of its node", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(outer(inner(() => Effect.succeed({ n: 1 }))))
      const events = yield* all(runner.events("x", zero))
      const of = events.map((event) => `${isChild(event.executionId) ? "child" : "parent"} ${event._tag}`)
      assert.deepStrictEqual(of.slice(4, 11), [
        "parent NodeStarted",
        "child Committed",
        "child NodeStarted",
        "child NodeCompleted",
        "child Committed",
        "child Finished",
        "parent NodeCompleted"
      ])
    }))
}

export const childRequests = (rule: Rule) =>
  describe("requests of child graphs", () => {
    waiting(rule)
  })
