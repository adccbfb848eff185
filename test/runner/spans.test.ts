import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, Option, Schema, Tracer } from "effect"
import { Execution, Graph, Runner } from "effect-checkpoint"
import { onMemory as rule, overCount, waitsFor, zero } from "./Bench.js"

const chain = (span: Tracer.AnySpan): ReadonlyArray<string> =>
  span._tag === "Span" ? [span.name, ...Option.match(span.parent, { onNone: () => [], onSome: chain })] : []

/** A tracer of the program's own, which makes spans as the default one does. */
const traced = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.tracer, (tracer) =>
    Effect.withTracer(
      effect,
      Tracer.make({ span: (...args) => tracer.span(...args), context: (step) => step() })
    ))

const seeing = (seen: Array<Tracer.Span>) =>
  Graph.make("g", overCount).node("a", () =>
    Effect.map(Effect.orDie(Effect.currentSpan), (span) => {
      seen.push(span)
      return { n: 42 }
    })).edge(Graph.START, "a").build()

describe("spans", () => {
  rule(
    "of a node are below that of the verb, with the execution's id and nothing of its state",
    () =>
      Effect.gen(function*() {
        const seen: Array<Tracer.Span> = []
        const runner = yield* Runner.forGraph(seeing(seen))
        yield* traced(runner.start("x", { ...zero, log: ["secret"] }))
        assert.deepStrictEqual(seen.map(chain), [["Runner.node a", "Runner.start"]])
        assert.deepStrictEqual(seen.map(({ attributes }) => [...attributes]), [[["execution.id", "x"]]])
      })
  )

  rule("of a node are not made where no tracer shows them", () =>
    Effect.gen(function*() {
      const seen: Array<Tracer.Span> = []
      const runner = yield* Runner.forGraph(seeing(seen))
      yield* runner.start("x", zero)
      assert.deepStrictEqual(seen.map(chain), [["Runner.start"]])
    }))
})

const inside = Effect.serviceOption(Execution.Execution)

describe("the execution", () => {
  rule(
    "is known in its nodes and in the fibers that they fork, and to nobody else, however they end",
    () =>
      Effect.gen(function*() {
        const known: Array<string> = []
        const look = (where: string) =>
          Effect.map(
            inside,
            (execution) => known.push(`${where}: ${Option.isSome(execution) ? execution.value.node : "-"}`)
          )
        const graph = Graph.make("g", overCount)
          .node("a", () => Effect.as(Effect.flatMap(Effect.fork(look("a forks")), Fiber.join), {}))
          .node("b", () => Effect.as(Effect.yieldNow(), Graph.goto("c")))
          .node(
            "c",
            () => Effect.as(Effect.zipRight(look("c"), Effect.orDie(Execution.ask("ok", { answer: Schema.Int }))), {})
          )
          .node("d", () => Effect.fail("d fails"))
          .edge(Graph.START, ["a", "b"])
          .edge("c", "d")
          .build()
        const runner = yield* Runner.forGraph(graph, { onStep: ({ nodes }) => look(`behind ${nodes}`) })
        assert.deepStrictEqual(waitsFor(yield* runner.start("x", zero)), ["ask:c:ok"])
        yield* look("stopped")
        yield* Effect.flip(runner.resume("x", { answer: 1 }))
        yield* look("failed")
        assert.deepStrictEqual(known, [
          "a forks: a",
          "behind a,b: -",
          "c: c",
          "stopped: -",
          "c: c",
          "behind c: -",
          "failed: -"
        ])
      })
  )
})
