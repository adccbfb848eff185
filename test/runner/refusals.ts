import { assert, describe } from "@effect/vitest"
import { Cause, Effect, Exit, Option } from "effect"
import { Graph, Runner } from "effect-checkpoint"
import {
  all,
  completed,
  type Count,
  current,
  failing,
  listed,
  notes,
  overCount,
  type Rule,
  statusOf,
  zero
} from "./Bench.js"

const one = (name: string, run: (state: Count) => Effect.Effect<Graph.Patch<Count>, string>) =>
  Graph.make(name, overCount).node("a", run).edge(Graph.START, "a").build()

const nodes = (rule: Rule) => {
  rule(
    "a goto to a node that is not there is an UnknownNode; the execution stays among the unfinished",
    () =>
      Effect.gen(function*() {
        const astray = Graph.goto("nowhere") as unknown as Graph.Patch<Count>
        const runner = yield* Runner.forGraph(one("g", () => Effect.succeed(astray)))
        const error = yield* failing("UnknownNode", runner.start("x", zero))
        assert.include(error, { executionId: "x", graph: "g", node: "nowhere" })
        assert.deepStrictEqual(Object.keys(yield* listed(runner)), ["x"])
      })
  )

  rule(
    "a saved node that the graph has no more is an UnknownNode, not the end; updateState with asNode goes on",
    () =>
      Effect.gen(function*() {
        const old = Graph.make("g", overCount)
          .node("a", () => Effect.succeed({ log: ["a"] }))
          .node("old", () => Effect.fail("stop"))
          .edge(Graph.START, "a")
          .edge("a", "old")
          .build()
        const renamed = Graph.make("g", overCount)
          .node("a", () => Effect.succeed({ log: ["a"] }))
          .node("new", () => Effect.succeed({ log: ["new"] }))
          .edge(Graph.START, "a")
          .edge("a", "new")
          .build()
        yield* failing("stop", (yield* Runner.forGraph(old)).start("x", zero))
        const runner = yield* Runner.forGraph(renamed)
        assert.include(yield* failing("UnknownNode", runner.resume("x")), { executionId: "x", graph: "g", node: "old" })
        assert.strictEqual((yield* current(runner, "x")).version, 2)
        yield* runner.updateState("x", {}, { asNode: "a" })
        assert.deepStrictEqual(completed(yield* runner.resume("x")).log, ["a", "new"])
      })
  )
}

const identities = (rule: Rule) => {
  rule(
    "another graph's execution is a GraphMismatch for all verbs, running or at its end",
    () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(one("other", () => Effect.succeed({})))
        for (
          const [id, run] of Object.entries<Effect.Effect<Graph.Patch<Count>, string>>({
            failed: Effect.fail("stop"),
            ended: Effect.succeed({})
          })
        ) {
          const first = yield* Runner.forGraph(one("first", () => run))
          yield* Effect.exit(first.start(id, zero))
          const verbs = {
            start: runner.start(id, zero),
            resume: runner.resume(id),
            getState: runner.getState(id),
            updateState: runner.updateState(id, {}),
            answer: runner.answer(id, { answer: true }),
            saveCheckpoint: runner.saveCheckpoint(id, zero),
            listCheckpoints: runner.listCheckpoints(id),
            clearCheckpoints: runner.clearCheckpoints(id),
            history: all(runner.history(id)),
            events: all(runner.events(id)),
            "events of a start": all(runner.events(id, zero)),
            loadCheckpoint: runner.loadCheckpoint(`${id}@0000000000000001`),
            resumeFrom: runner.resumeFrom(`${id}@0000000000000001`)
          }
          for (const verb of Object.values<Effect.Effect<unknown, unknown>>(verbs)) {
            assert.include(yield* failing("GraphMismatch", verb), {
              executionId: id,
              expected: "other",
              actual: "first"
            })
          }
        }
      })
  )

  rule(
    "start twice goes on behind what is committed, and at the end gives the same without running",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        let broken = true
        const graph = Graph.make("g", overCount)
          .node("a", () => Effect.as(note("a"), { log: ["a"] }))
          .node("b", () => Effect.suspend(() => broken ? Effect.fail("broken") : Effect.as(note("b"), { log: ["b"] })))
          .edge(Graph.START, "a")
          .edge("a", "b")
          .build()
        const runner = yield* Runner.forGraph(graph)
        yield* failing("broken", runner.start("x", zero))
        broken = false
        const first = yield* runner.start("x", zero)
        assert.deepStrictEqual(completed(first).log, ["a", "b"])
        assert.deepStrictEqual(yield* runner.start("x", zero), first)
        assert.deepStrictEqual(yield* runner.resume("x"), first)
        assert.deepStrictEqual(ran, ["a", "b"])
      })
  )

  rule(
    "another input for an id that exists is an InputMismatch and changes nothing; the order of fields is no input",
    () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(one("g", () => Effect.fail("stop")))
        yield* failing("stop", runner.start("x", zero))
        yield* failing("InputMismatch", runner.start("x", { n: 1, log: [] }))
        assert.deepStrictEqual([yield* statusOf(runner, "x"), yield* listed(runner)], ["failed", { x: "failed" }])
        yield* failing("stop", runner.start("x", { log: [], n: 0 }))
      })
  )

  rule("what was never started is ExecutionNotFound, and leaves nothing behind", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(one("g", () => Effect.succeed({})))
      yield* failing("ExecutionNotFound", runner.resume("x"))
      yield* failing("ExecutionNotFound", runner.updateState("x", {}))
      yield* failing("ExecutionNotFound", runner.saveCheckpoint("x", zero))
      yield* failing("ExecutionNotFound", runner.answer("x", { answer: true }))
      yield* failing("CheckpointNotFound", runner.loadCheckpoint("x@1"))
      yield* failing("CheckpointNotFound", runner.resumeFrom("x@1"))
      assert.isTrue(Option.isNone(yield* runner.getState("x")))
      assert.strictEqual(yield* runner.clearCheckpoints("x"), 0)
      assert.deepStrictEqual([yield* listed(runner), yield* all(runner.history("x"))], [{}, []])
    }))
}

const failures = (rule: Rule) => {
  rule("a failure keeps the last checkpoint and comes out as it is; a defect, too", () =>
    Effect.gen(function*() {
      let ends: Effect.Effect<Graph.Patch<Count>, string> = Effect.fail("boom")
      const graph = Graph.make("g", overCount)
        .node("a", () => Effect.succeed({ n: 1 }))
        .node("b", () => Effect.suspend(() => ends))
        .edge(Graph.START, "a")
        .edge("a", "b")
        .build()
      const runner = yield* Runner.forGraph(graph)
      assert.deepStrictEqual(yield* Effect.exit(runner.start("x", zero)), Exit.fail("boom"))
      assert.deepInclude(yield* current(runner, "x"), { version: 2, state: { n: 1, log: [] }, status: "failed" })
      ends = Effect.die(new Error("defect"))
      const exit = yield* Effect.exit(runner.resume("x"))
      const died = Exit.isFailure(exit) ? Option.getOrNull(Cause.dieOption(exit.cause)) : null
      assert.strictEqual(died instanceof Error && died.message, "defect")
      assert.deepInclude(yield* current(runner, "x"), { version: 2, status: "failed" })
      ends = Effect.succeed({ n: 2 })
      assert.strictEqual(completed(yield* runner.resume("x")).n, 2)
    }))

  const own = [
    "CheckpointNotFound",
    "ExecutionNotFound",
    "InputMismatch",
    "UnknownNode",
    "StateDecodeError",
    "NotWaiting"
  ]
  rule(
    "a node's error is the node's, whatever its tag: the execution has failed and is unfinished",
    () =>
      Effect.gen(function*() {
        for (const _tag of own) {
          const graph = Graph.make("g", overCount).node("a", () => Effect.fail({ _tag })).edge(Graph.START, "a").build()
          const runner = yield* Runner.forGraph(graph)
          yield* failing(_tag, runner.start(_tag, zero))
          assert.strictEqual(yield* statusOf(runner, _tag), "failed", _tag)
          assert.deepInclude(yield* listed(runner), { [_tag]: "failed" })
        }
      })
  )
}

export const refusals = (rule: Rule) =>
  describe("refusals and failures", () => {
    for (const rules of [nodes, identities, failures]) rules(rule)
  })
