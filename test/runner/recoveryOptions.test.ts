import { assert, describe } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { Execution, Graph, Recovery, Runner } from "effect-checkpoint"
import { onMemory as rule, sent } from "./Bench.js"

const graph = Graph.fromProgram("p", Schema.Void, () => Execution.sleep("nap", "1 minute"))

const wrong: ReadonlyArray<readonly [keyof Recovery.Options, ReadonlyArray<unknown>]> = [
  ["interval", [0, -1, NaN, Infinity, "Infinity", "0 seconds"]],
  ["concurrency", [0, -1, 1.5, NaN, Infinity]],
  ["maxClaims", [0, -1, 1.5, NaN]]
]

describe("options of the recovery", () => {
  for (const [option, values] of wrong) {
    rule(`a wrong ${option} is a ConfigError that names it, before anything is sent`, () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(graph)
        for (const value of values) {
          const options: Recovery.Options = { [option]: value }
          for (const start of [Recovery.daemon(runner, options), Layer.build(Recovery.layer(graph, options))]) {
            const error = yield* Effect.flip(start)
            assert.deepInclude(error, { _op: "InvalidData", path: [option] })
            assert.match(String(error), new RegExp(`${option} must be`))
          }
        }
        assert.deepStrictEqual(yield* sent, [])
      }))
  }

  rule("undefined ones are the defaults, and maxClaims may be Infinity", () =>
    Effect.gen(function*() {
      const none = { interval: undefined, concurrency: undefined, maxClaims: undefined }
      for (const options of [{}, none, { maxClaims: Infinity }]) yield* Layer.build(Recovery.layer(graph, options))
    }))
})
