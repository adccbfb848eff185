import { assert, describe } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Execution, Graph, Runner } from "effect-checkpoint"
import {
  completed,
  type Count,
  current,
  failing,
  idsOf,
  listed,
  overCount,
  type Rule,
  statusOf,
  waitsFor,
  zero
} from "./Bench.js"

const cycle = Graph.make("cycle", overCount)

const until = ({ n }: Count) => n < 3 ? "work" : Graph.END

const ask = Execution.ask("ok", { answer: Schema.Boolean })

const gated = { interruptBefore: true } as const

const charge = Graph.make("charge", overCount).node("charge", () => Effect.succeed({ log: ["charged"] }), gated)
  .edge(Graph.START, "charge").build()

const chargeAndAsk = Graph.make("ask", overCount).node("charge", () => Effect.as(ask, { log: ["charged"] }), gated)
  .edge(Graph.START, "charge").build()

const link = { input: () => zero, output: (_: Count, { n }: Count) => ({ n: n + 1 }) }

/** Graphs that ask for the same three times. */
const cycles = {
  "an ask": cycle.node("work", ({ n }) => Effect.as(ask, { n: n + 1 }))
    .edge(Graph.START, "work").branch("work", ["work", Graph.END], until).build(),
  "a gate before": cycle.node("work", ({ n }) => Effect.succeed({ n: n + 1 }), gated)
    .edge(Graph.START, "work").branch("work", ["work", Graph.END], until).build(),
  "a gate behind": cycle.node("work", ({ n }) => Effect.succeed({ n: n + 1 }), { interruptAfter: true })
    .edge(Graph.START, "work").branch("work", ["work", Graph.END], until).build(),
  "a child": cycle.child("work", charge, link)
    .edge(Graph.START, "work").branch("work", ["work", Graph.END], until).build(),
  "a child that asks twice": cycle.child("work", chargeAndAsk, link)
    .edge(Graph.START, "work").branch("work", ["work", Graph.END], until).build()
}

const repeated = (rule: Rule) => {
  for (const what of ["an ask", "a gate before", "a gate behind", "a child"] as const) {
    rule(`an answer to ${what} that comes twice, or late, approves no later round`, () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(cycles[what])
        const [request] = idsOf(yield* runner.start("x", zero))
        yield* runner.answer("x", { answer: true, request })
        yield* runner.answer("x", { answer: true, request })
        const [next] = idsOf(yield* runner.resume("x"))
        assert.notStrictEqual(next, request)
        const late = yield* failing("NotWaiting", runner.answer("x", { answer: true, request }))
        assert.deepStrictEqual([late["request"], late["waiting"]], [request, [next]])
        yield* failing("NotWaiting", runner.resume("x", { answer: true, request }))
        assert.deepStrictEqual([yield* statusOf(runner, "x"), yield* listed(runner)], ["waiting", { x: "waiting" }])
        assert.strictEqual(idsOf(yield* runner.resume("x"))[0], next)
        yield* runner.answer("x", { answer: true, request: next })
        assert.strictEqual(yield* statusOf(runner, "x"), "ready")
      }))
  }

  rule(
    "it approves no other round of a child's own, and none of the child of a later round",
    () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(cycles["a child that asks twice"])
        const [gate] = idsOf(yield* runner.start("x", zero))
        const [question] = idsOf(yield* runner.resume("x", { answer: true, request: gate }))
        const [later] = idsOf(yield* runner.resume("x", { answer: true, request: question }))
        assert.strictEqual(new Set([gate, question, later]).size, 3)
        for (const request of [gate, question]) {
          yield* failing("NotWaiting", runner.answer("x", { answer: true, request }))
        }
        assert.deepStrictEqual(waitsFor(yield* runner.resume("x")), ["work/before:charge"])
      })
  )
}

const naming = (rule: Rule) => {
  rule("an id has the version that led there; without it a name means what is open", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(cycles["a gate before"])
      assert.deepStrictEqual(idsOf(yield* runner.start("x", zero)), ["before:work@1"])
      assert.deepStrictEqual(idsOf(yield* runner.resume("x", { answer: 1, request: "before:work" })), ["before:work@2"])
      yield* runner.updateState("x", { log: ["edit"] })
      assert.deepStrictEqual((yield* current(runner, "x")).requests.map(({ id }) => id), ["before:work@2"])
      assert.deepStrictEqual(idsOf(yield* runner.resume("x", { answer: 1, request: "before:work@2" })), [
        "before:work@4"
      ])
      assert.strictEqual(completed(yield* runner.resume("x", { answer: 1, request: "before:work" })).n, 3)
    }))

  rule("that of a child names the visit of each graph on the way to it", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(cycles["a child that asks twice"])
      assert.deepStrictEqual(idsOf(yield* runner.start("x", zero)), ["work@1/before:charge@1"])
      assert.deepStrictEqual(waitsFor(yield* runner.resume("x", { answer: 1, request: "work/before:charge" })), [
        "work/ask:charge:ok"
      ])
      yield* runner.resume("x", { answer: true })
      assert.deepStrictEqual(idsOf(yield* runner.resume("x")), ["work@2/before:charge@1"])
    }))

  rule("a fork waits for another one than what it came from", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(cycles["an ask"])
      const [request] = idsOf(yield* runner.start("x", zero))
      const [other] = idsOf(yield* runner.resumeFrom("x@0000000000000001"))
      assert.deepStrictEqual([request, other], ["ask:work:ok@1", "ask:work:ok@2"])
      yield* failing("NotWaiting", runner.answer("x", { answer: true, request }))
    }))
}

export const lateAnswers = (rule: Rule) =>
  describe("late answers", () => {
    for (const rules of [repeated, naming]) rules(rule)
  })
