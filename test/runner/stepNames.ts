import { assert, describe } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"
import { Execution, Graph, Runner } from "effect-checkpoint"
import { completed, failing, notes, overCount, type Rule, waitsFor, zero } from "./Bench.js"
import { type Program, run, twice } from "./stepping.js"

const one = (name: string) => Execution.step(name, Effect.succeed(1), Schema.Int)

const naming = (rule: Rule) => {
  const pairs: Readonly<Record<string, Program>> = {
    "two steps": Effect.zip(one("s"), one("s")),
    "two steps at once": Effect.zip(one("s"), one("s"), { concurrent: true }),
    "a step and an ask": Effect.zip(one("s"), Execution.ask("s", { answer: Schema.Int })),
    "a step and a sleep": Effect.zip(one("s"), Execution.sleep("s", 1)),
    "a step within a step": Execution.step("s", one("s"), Schema.Int)
  }
  for (const [what, program] of Object.entries(pairs)) {
    rule(`${what} of one name are a DuplicateStep`, () =>
      Effect.gen(function*() {
        assert.deepInclude(yield* failing("DuplicateStep", run(program)), { executionId: "x", node: "p", step: "s" })
      }))
  }

  rule("names may be anything and do not meet, of steps, asks and sleeps", () =>
    Effect.gen(function*() {
      const names = ["", "a", "\"a\"", "a,b", "1:a", "step", "+", "é😀", "__proto__", "\u0000", "[\"step\"]"]
      const program = Effect.forEach(names, (name, i) => Execution.step(name, Effect.succeed(i), Schema.Int))
      assert.deepStrictEqual(yield* twice(program), names.map((_, i) => i))
      const ask = Execution.ask("\"a\",0]", { answer: Schema.Int })
      assert.deepStrictEqual(waitsFor(yield* run(ask, "y")), ["ask:p:\"a\",0]"])
    }))

  rule("a step that failed without being recorded can be tried again in the same pass", () =>
    Effect.gen(function*() {
      let left = 3
      const flaky = Effect.suspend(() => left-- > 0 ? Effect.fail("flaky") : Effect.succeed("done"))
      const program = Effect.retry(Execution.step("s", flaky, Schema.String), { times: 3 })
      assert.strictEqual(completed(yield* run(program)), "done")
    }))
}

const composing = (rule: Rule) => {
  rule("steps at once are each done once, whatever ends first", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const names = Array.from({ length: 20 }, (_, i) => `s${i}`)
      const program = Effect.forEach(names, (name, i) =>
        Execution.step(
          name,
          Effect.as(Effect.zipRight(Effect.repeatN(Effect.yieldNow(), 40 - i), note(name)), i),
          Schema.Int
        ), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(
        yield* twice(program),
        names.map((_, i) => i)
      )
      assert.deepStrictEqual(ran.toSorted(), names.toSorted())
    }))

  rule(
    "a step within a step is recorded by itself: the outer one fails, and the inner one is not repeated",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        let left = 1
        const inner = Execution.step("inner", Effect.as(note("inner"), 1), Schema.Int)
        const outer = Effect.flatMap(inner, (n) => left-- > 0 ? Effect.fail("broken") : Effect.as(note("outer"), n + 1))
        const program = Execution.step("outer", outer, Schema.Int)
        yield* failing("broken", run(program))
        assert.strictEqual(completed(yield* run(program)), 2)
        assert.deepStrictEqual(ran, ["inner", "outer"])
      })
  )

  rule("thousands of them are found again", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const names = Array.from({ length: 1_200 }, (_, i) => `s${i}`)
      const program = Effect.map(
        Effect.forEach(names, (name) => Execution.step(name, Effect.as(note(name), name), Schema.String)),
        (all) => all.join()
      )
      assert.strictEqual(yield* twice(program), names.join())
      assert.strictEqual(ran.length, names.length)
    }))

  rule(
    "the key for the other side is the same when it is repeated, and differs by step, node and execution",
    () =>
      Effect.gen(function*() {
        const keys: Array<string> = []
        const program = Effect.gen(function*() {
          for (const name of ["a", "b"]) keys.push(yield* Execution.idempotencyKey(name))
          keys.push(yield* Execution.idempotencyKey("a"))
        })
        yield* twice(program)
        yield* run(program, "y")
        assert.deepStrictEqual(keys.slice(0, 3), keys.slice(3, 6))
        assert.strictEqual(keys[0], keys[2])
        assert.strictEqual(new Set(keys).size, 4)
      })
  )

  rule(
    "an execution that was cleared and is started again, or forked into again, has other keys",
    () =>
      Effect.gen(function*() {
        const keys: Array<string> = []
        const graph = Graph.make("g", overCount)
          .node("a", () => Effect.map(Execution.idempotencyKey("pay"), (key) => ({ n: keys.push(key) })))
          .edge(Graph.START, "a")
          .build()
        const runner = yield* Runner.forGraph(graph)
        for (const n of [0, 0, 5]) {
          yield* runner.start("x", { n, log: [] })
          yield* runner.clearCheckpoints("x")
        }
        yield* runner.start("x", zero)
        for (const _ of [1, 2]) {
          yield* runner.resumeFrom("x@0000000000000001", { into: "y" })
          yield* runner.clearCheckpoints("y")
        }
        assert.deepStrictEqual([keys.length, new Set(keys).size], [6, 6])
      })
  )

  rule("an error of Option and Cause survives as it was", () =>
    Effect.gen(function*() {
      const program = Execution.step("s", Effect.succeed(Option.some(1)), Schema.Option(Schema.Int))
      assert.deepStrictEqual(yield* twice(Effect.map(program, Option.getOrNull)), 1)
    }))
}

export const stepNames = (rule: Rule) =>
  describe("steps", () => {
    for (const rules of [naming, composing]) rules(rule)
  })
