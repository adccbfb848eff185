import { assert, describe } from "@effect/vitest"
import { Effect, Option, type Tracer } from "effect"
import { Graph, Runner } from "effect-checkpoint"
import { onMemory as rule, overCount, zero } from "./Bench.js"

const chain = (span: Tracer.AnySpan): ReadonlyArray<string> =>
  span._tag === "Span" ? [span.name, ...Option.match(span.parent, { onNone: () => [], onSome: chain })] : []

describe("spans", () => {
  rule(
    "of a node are below that of the verb, with the execution's id and nothing of its state",
    () =>
      Effect.gen(function*() {
        const seen: Array<Tracer.Span> = []
        const node = Effect.map(Effect.orDie(Effect.currentSpan), (span) => {
          seen.push(span)
          return { n: 42 }
        })
        const graph = Graph.make("g", overCount).node("a", () => node).edge(Graph.START, "a").build()
        const runner = yield* Runner.forGraph(graph)
        yield* runner.start("x", { ...zero, log: ["secret"] })
        assert.deepStrictEqual(seen.map(chain), [["Runner.node a", "Runner.start"]])
        assert.deepStrictEqual(seen.map(({ attributes }) => [...attributes]), [[["execution.id", "x"]]])
      })
  )
})
