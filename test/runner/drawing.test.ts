import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { type Graph, Mermaid, Runner } from "effect-checkpoint"
import { all, type Count, current, onMemory as rule, zero } from "./Bench.js"
import { ask, inner, nestedIn, outer } from "./children.js"

const waitingNodes = <Names extends string, E>(graph: Graph.Graph<Count, Names, E>, executionId: string) =>
  Effect.gen(function*() {
    const runner = yield* Runner.forGraph(graph)
    yield* Effect.orDie(runner.start(executionId, zero))
    const history = yield* all(runner.history(executionId))
    const lines = Mermaid.execution(graph, yield* current(runner, executionId), history).split("\n")
    return lines.flatMap((line) => /^ *class (\S+) waiting$/.exec(line)?.[1] ?? [])
  })

describe("a drawing of an execution that runs", () => {
  rule("marks what waits, in a child and on the nodes around it", () =>
    Effect.gen(function*() {
      const child = inner(() => ask)
      for (const id of ["x", "x/1", "a b:c/2/child"]) {
        assert.deepStrictEqual(yield* waitingNodes(outer(child), id), ["n1n0", "n1"])
        assert.deepStrictEqual(yield* waitingNodes(outer(nestedIn(child)), `${id} nested`), ["n1n0n0", "n1n0", "n1"])
      }
    }))
})
