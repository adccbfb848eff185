import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { Graph, Runner } from "effect-checkpoint"
import {
  completed,
  type Count,
  current,
  failing,
  notes,
  overCount,
  type Rule,
  statusOf,
  waitsFor,
  zero
} from "./Bench.js"

type Gates = Pick<Graph.NodeOptions<Count, never, never, never>, "interruptBefore" | "interruptAfter">

/** a, then b and c at once, then d. */
const graphOf = (
  gates: { readonly [node: string]: Gates },
  ran: (node: string) => Effect.Effect<void> = () => Effect.void
) => {
  const node = (name: string) => () => Effect.as(ran(name), { log: [name] })
  return Graph.make("gated", overCount)
    .node("a", node("a"), gates["a"])
    .node("b", node("b"), gates["b"])
    .node("c", node("c"), gates["c"])
    .node("d", node("d"), gates["d"])
    .edge(Graph.START, "a")
    .edge("a", ["b", "c"])
    .edge("b", "d")
    .edge("c", "d")
    .build()
}

const always = { interruptBefore: true } as const
const behind = { interruptAfter: true } as const

const stopping = (rule: Rule) => {
  rule(
    "a gate stops before its node until it is answered; without an answer resume and start stop there again",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const runner = yield* Runner.forGraph(graphOf({ d: always }, note))
        assert.deepStrictEqual(waitsFor(yield* runner.start("x", zero)), ["before:d"])
        assert.deepStrictEqual(waitsFor(yield* runner.resume("x")), ["before:d"])
        assert.deepStrictEqual(waitsFor(yield* runner.start("x", zero)), ["before:d"])
        const { requests, status } = yield* current(runner, "x")
        assert.deepStrictEqual([
          status,
          requests.map(({ executionId, kind, node, payload }) => [executionId, kind, node, payload])
        ], [
          "waiting",
          [["x", "before", "d", null]]
        ])
        // Any answer passes.
        assert.deepStrictEqual(completed(yield* runner.resume("x", { answer: false })).log, ["a", "b", "c", "d"])
        assert.deepStrictEqual(ran, ["a", "b", "c", "d"])
      })
  )

  rule("the gates behind what ran come before those in front of what is next", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(graphOf({ a: behind, b: always }))
      assert.deepStrictEqual(waitsFor(yield* runner.start("x", zero)), ["after:a"])
      assert.deepStrictEqual(waitsFor(yield* runner.resume("x", { answer: null })), ["before:b"])
      assert.deepStrictEqual(completed(yield* runner.resume("x", { answer: 1 })).log, ["a", "b", "c", "d"])
    }))

  rule("a predicate sees the state that the node would run on, or that it made", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const asks = (where: string, at: number) => ({ log }: Count) => {
        seen.push(`${where} ${log.join("")}`)
        return log.length === at
      }
      const graph = graphOf({ a: { interruptAfter: asks("after", 1) }, d: { interruptBefore: asks("before", 0) } })
      const runner = yield* Runner.forGraph(graph)
      assert.deepStrictEqual(waitsFor(yield* runner.start("x", zero)), ["after:a"])
      assert.strictEqual(completed(yield* runner.resume("x", { answer: true })).log.length, 4)
      assert.sameMembers([...new Set(seen)], ["after a", "before abc"])
    }))

  rule(
    "interruptAfter on the last node does not stop, nor does a gate at the very start differ from others",
    () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(graphOf({ d: behind, a: always }))
        assert.deepStrictEqual(waitsFor(yield* runner.start("x", zero)), ["before:a"])
        assert.strictEqual((yield* current(runner, "x")).version, 1)
        assert.strictEqual(completed(yield* runner.resume("x", { answer: true })).log.length, 4)
      })
  )
}

const answering = (rule: Rule) => {
  rule(
    "of several gates one must be named; NotWaiting lists them; each is passed by itself",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const runner = yield* Runner.forGraph(graphOf({ b: always, c: always }, note))
        assert.deepStrictEqual(waitsFor(yield* runner.start("x", zero)), ["before:b", "before:c"])
        const unnamed = yield* failing("NotWaiting", runner.resume("x", { answer: true }))
        assert.deepStrictEqual([unnamed["executionId"], unnamed["waiting"]], ["x", ["before:b@2", "before:c@2"]])
        const strange = yield* failing("NotWaiting", runner.answer("x", { answer: true, request: "before:d" }))
        assert.deepStrictEqual([strange["request"], strange["waiting"]], ["before:d", ["before:b@2", "before:c@2"]])
        assert.deepStrictEqual(waitsFor(yield* runner.resume("x", { answer: true, request: "before:c" })), ["before:b"])
        assert.deepStrictEqual(ran, ["a"])
        assert.strictEqual(completed(yield* runner.resume("x", { answer: true })).log.length, 4)
        assert.deepStrictEqual(ran, ["a", "b", "c", "d"])
      })
  )

  rule(
    "answer runs nothing; a second answer changes nothing; resume without one then passes",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const runner = yield* Runner.forGraph(graphOf({ d: always }, note))
        yield* runner.start("x", zero)
        yield* runner.answer("x", { answer: true })
        yield* runner.answer("x", { answer: false })
        yield* runner.answer("x", { answer: false, request: "before:d" })
        assert.deepStrictEqual([ran, yield* statusOf(runner, "x")], [["a", "b", "c"], "ready"])
        assert.strictEqual(completed(yield* runner.resume("x")).log.length, 4)
      })
  )

  rule(
    "to answer what does not wait is NotWaiting: at the end, asleep, failed; what is no JSON is a StepCodecError",
    () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(graphOf({ b: always }))
        yield* runner.start("x", zero)
        for (const answer of [undefined, Number.NaN, 1n, new Date(0), { f: () => 1 }]) {
          yield* failing("StepCodecError", runner.answer("x", { answer }))
        }
        yield* runner.resume("x", { answer: true })
        const error = yield* failing("NotWaiting", runner.resume("x", { answer: true }))
        assert.deepStrictEqual(error["waiting"], [])
      })
  )

  rule("an answer is good for one passing of the gate: in a cycle it stops each time", () =>
    Effect.gen(function*() {
      const graph = Graph.make("cycle", overCount)
        .node("a", ({ n }) => Effect.succeed({ n: n + 1 }), always)
        .edge(Graph.START, "a")
        .branch("a", ["a", Graph.END], ({ n }) => n < 3 ? "a" : Graph.END)
        .build()
      const runner = yield* Runner.forGraph(graph)
      yield* runner.start("x", zero)
      for (const n of [1, 2]) {
        assert.deepStrictEqual(waitsFor(yield* runner.resume("x", { answer: true })), ["before:a"])
        assert.strictEqual((yield* current(runner, "x")).state.n, n)
      }
      assert.strictEqual(completed(yield* runner.resume("x", { answer: true })).n, 3)
    }))

  rule("from an older checkpoint the gates stop again, in place and in a new execution", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(graphOf({ a: behind, d: always }))
      yield* runner.start("x", zero)
      yield* runner.resume("x", { answer: true })
      yield* runner.resume("x", { answer: true })
      const behindA = "x@0000000000000002"
      assert.deepStrictEqual(waitsFor(yield* runner.resumeFrom(behindA)), ["after:a"])
      assert.deepStrictEqual(waitsFor(yield* runner.resumeFrom(behindA, { into: "y" })), ["after:a"])
      assert.deepStrictEqual(waitsFor(yield* runner.resume("y", { answer: true })), ["before:d"])
      assert.strictEqual(yield* statusOf(runner, "x"), "waiting")
    }))

  for (const [which, gate] of [["before", { d: always }], ["after", { a: behind }]] as const) {
    rule(
      `an edit is no approval: the gate ${which} a node stays closed behind updateState and saveCheckpoint`,
      () =>
        Effect.gen(function*() {
          const runner = yield* Runner.forGraph(graphOf(gate))
          const [request] = waitsFor(yield* runner.start("x", zero))
          yield* runner.updateState("x", { n: 7 })
          assert.deepStrictEqual([yield* statusOf(runner, "x"), waitsFor(yield* runner.resume("x"))], ["waiting", [
            request
          ]])
          yield* runner.saveCheckpoint("x", { n: 8, log: [] })
          assert.deepStrictEqual([yield* statusOf(runner, "x"), waitsFor(yield* runner.resume("x"))], ["waiting", [
            request
          ]])
          assert.strictEqual(completed(yield* runner.resume("x", { answer: true })).n, 8)
        })
    )
  }
}

export const gates = (rule: Rule) =>
  describe("gates", () => {
    for (const rules of [stopping, answering]) rules(rule)
  })
