import { assert, describe } from "@effect/vitest"
import { Effect, Option } from "effect"
import { ExecutionProgram, Graph, Redis, Runner } from "effect-checkpoint"
import { completed, current, failing, layout, listed, overCount, type Rule, zero } from "./Bench.js"

const graphOf = (name: string) =>
  Graph.make(name, overCount).node("work", () => Effect.succeed({ n: 1 })).edge(Graph.START, "work").build()

const runners = Effect.all([Runner.forGraph(graphOf("first")), Runner.forGraph(graphOf("second"))])

/** A process of the second graph, which has claimed what is the first's. */
const mistaken = (executionId: string) =>
  Effect.gen(function*() {
    const redis = yield* Redis.Redis
    const claim = { executionId, graph: "second", token: "dead", lease: 60_000 }
    yield* redis.pipeline(ExecutionProgram.claim(yield* layout, claim))
  })

export const mistakes = (rule: Rule) =>
  describe("an execution at its end, and a runner of another graph", () => {
    rule("no verb of it touches the execution, or leaves anything behind", () =>
      Effect.gen(function*() {
        const [first, second] = yield* runners
        const outcome = yield* first.start("x", zero)
        const verbs: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
          second.clearCheckpoints("x"),
          second.clearCheckpoints("x", { steal: true }),
          second.start("x", zero),
          second.resume("x"),
          second.updateState("x", { n: 2 }),
          second.saveCheckpoint("x", zero),
          second.getState("x")
        ]
        for (const verb of verbs) {
          const error = yield* failing("GraphMismatch", verb)
          assert.deepInclude(error, { executionId: "x", expected: "second", actual: "first" })
          assert.deepStrictEqual([yield* first.start("x", zero), yield* listed(second)], [outcome, {}])
        }
        assert.strictEqual(yield* first.clearCheckpoints("x"), 2)
        assert.isTrue(Option.isNone(yield* first.getState("x")))
      }))

    rule("one that died with its claim is waited for, or robbed, by the graph whose it is", () =>
      Effect.gen(function*() {
        const [first, second] = yield* runners
        yield* first.start("x", zero)
        yield* mistaken("x")
        yield* failing("ExecutionBusy", first.start("x", zero))
        assert.strictEqual(completed(yield* first.start("x", zero, { steal: true })).n, 1)
        assert.strictEqual((yield* current(first, "x")).status, "completed")
        yield* failing("GraphMismatch", second.resume("x"))
        assert.deepStrictEqual([yield* listed(first), yield* listed(second)], [{}, {}])
      }))

    rule("one that died with its claim is cleaned up after by its own graph, too", () =>
      Effect.gen(function*() {
        const [first, second] = yield* runners
        yield* first.start("x", zero)
        const verbs: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
          second.resume("x", { steal: true }),
          second.clearCheckpoints("x", { steal: true })
        ]
        for (const verb of verbs) {
          yield* mistaken("x")
          yield* failing("GraphMismatch", verb)
          assert.deepStrictEqual(yield* listed(second), {})
          assert.strictEqual(completed(yield* first.start("x", zero)).n, 1)
        }
      }))

    rule("an execution that is not at its end stays with its graph, whoever steals", () =>
      Effect.gen(function*() {
        const waits = Graph.make("first", overCount)
          .node("work", () => Effect.succeed({ n: 1 }), { interruptBefore: true })
          .edge(Graph.START, "work")
          .build()
        const first = yield* Runner.forGraph(waits)
        const [, second] = yield* runners
        yield* first.start("x", zero)
        yield* failing("GraphMismatch", second.clearCheckpoints("x", { steal: true }))
        assert.deepStrictEqual<unknown>(yield* listed(first), { x: "waiting" })
      }))
  })
