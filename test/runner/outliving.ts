import { assert, describe } from "@effect/vitest"
import { Deferred, Effect, Fiber, Schedule, Schema } from "effect"
import { Execution, Graph, Runner } from "effect-checkpoint"
import { completed, notes, overCount, type Rule, zero } from "./Bench.js"

type Operation = Effect.Effect<unknown, unknown, Execution.Execution>

const one = (name: string) => Execution.step(name, Effect.succeed(1), Schema.Int)

const operations: Readonly<Record<string, Operation>> = {
  "a step": one("s"),
  "a question": Execution.ask("s", { answer: Schema.Int }),
  "a sleep": Execution.sleep("s", "1 hour"),
  "an idempotency key": Execution.idempotencyKey("s")
}

const autoSaves = [true, false] as const

/** The first visit leaves a fiber behind, whose operation comes in the second one. */
const leaving = (rule: Rule) => {
  for (const [what, operation] of Object.entries(operations)) {
    for (const autoSave of autoSaves) {
      rule(
        `${what} of a fiber that outlives its node does nothing in the next visit${autoSave ? "" : ", not saved"}`,
        () =>
          Effect.gen(function*() {
            const later = yield* Deferred.make<void>()
            const { all: seen, note } = notes()
            let left: Fiber.RuntimeFiber<unknown, unknown> | undefined
            const first = Effect.gen(function*() {
              const late = Effect.zipRight(operation, note("came back"))
              left = yield* Effect.forkDaemon(Effect.zipRight(Deferred.await(later), late))
              return { n: 1 }
            })
            const second = Effect.gen(function*() {
              yield* Deferred.succeed(later, undefined)
              const exit = yield* Fiber.await(left!)
              yield* note(exit._tag)
              return { n: 2, log: [String(yield* Execution.step("s", Effect.succeed(2), Schema.Int))] }
            })
            const graph = Graph.make("g", overCount)
              .node("a", ({ n }) => Effect.orDie(n === 0 ? first : second))
              .edge(Graph.START, "a")
              .branch("a", ["a", Graph.END], ({ n }) => n < 2 ? "a" : Graph.END)
              .build()
            const runner = yield* Runner.forGraph(graph, { autoSave })
            assert.deepStrictEqual(completed(yield* runner.start("x", zero)), { n: 2, log: ["2"] })
            assert.deepStrictEqual(seen, ["Failure"])
          })
      )
    }
  }

  rule("nor does it do anything beside the next attempt at its node", () =>
    Effect.gen(function*() {
      const later = yield* Deferred.make<void>()
      const { all: ran, note } = notes()
      const charge = (who: string) => Execution.step("charge", note(who), Schema.Void)
      let left: Fiber.RuntimeFiber<unknown, unknown> | undefined
      const graph = Graph.make("g", overCount)
        .node("a", () =>
          Effect.gen(function*() {
            if (left === undefined) {
              left = yield* Effect.forkDaemon(Effect.zipRight(Deferred.await(later), charge("first")))
              return yield* Effect.fail("again")
            }
            yield* Deferred.succeed(later, undefined)
            yield* Fiber.await(left)
            yield* charge("second")
            return {}
          }), { retry: Schedule.recurs(1) })
        .edge(Graph.START, "a")
        .build()
      completed(yield* (yield* Runner.forGraph(graph)).start("x", zero))
      assert.deepStrictEqual(ran, ["second"])
    }))

  rule("a step that ends when its visit is over is nobody's, and the run goes on", () =>
    Effect.gen(function*() {
      const began = yield* Deferred.make<void>()
      const ends = yield* Deferred.make<void>()
      let left: Fiber.RuntimeFiber<unknown, unknown> | undefined
      const slow = Execution.step(
        "s",
        Effect.zipRight(Deferred.succeed(began, undefined), Effect.as(Deferred.await(ends), 1)),
        Schema.Int
      )
      const graph = Graph.make("g", overCount)
        .node("a", () =>
          Effect.gen(function*() {
            left = yield* Effect.forkDaemon(slow)
            yield* Deferred.await(began)
            return { log: ["a"] }
          }))
        .node("b", () =>
          Effect.gen(function*() {
            yield* Deferred.succeed(ends, undefined)
            yield* Fiber.await(left!)
            return { n: yield* Effect.orDie(one("s")), log: ["b"] }
          }))
        .edge(Graph.START, "a")
        .edge("a", "b")
        .build()
      assert.deepStrictEqual(completed(yield* (yield* Runner.forGraph(graph)).start("x", zero)), {
        n: 1,
        log: ["a", "b"]
      })
    }))
}

export const outliving = (rule: Rule) =>
  describe("fibers that outlive their node", () => {
    leaving(rule)
  })
