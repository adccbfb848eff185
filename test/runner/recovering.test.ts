import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, Option, Schema, TestClock } from "effect"
import { Execution, Graph, Recovery, Runner } from "effect-checkpoint"
import { current, listed, notes, onMemory as rule, overCount, statusOf, zero } from "./Bench.js"
import { inner, outer } from "./children.js"
import { dies, graphOf, recovering } from "./recoveries.js"

describe("recovery", () => {
  rule(
    "goes on with what sleeps when its time has come, in a new runner on the same memory",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const program = (id: string) => Effect.zipRight(Execution.sleep("nap", "1 hour"), note(id))
        const before = yield* Runner.forGraph(graphOf(program))
        yield* Effect.forEach(["x", "y"], (id) => before.start(id, {}))
        const { runner } = yield* Effect.provide(recovering(program, { interval: "1 minute" }), Runner.layer())
        yield* TestClock.adjust("59 minutes")
        assert.deepStrictEqual(ran, [])
        yield* TestClock.adjust("2 minutes")
        assert.sameMembers(ran, ["x", "y"])
        assert.deepStrictEqual([yield* statusOf(runner, "x"), yield* listed(runner)], ["completed", {}])
      })
  )

  rule("goes on with what a dead process held, when its lease has run out", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      let broken = true
      const { daemon, runner } = yield* recovering((id) => Effect.suspend(() => broken ? Effect.fail("x") : note(id)))
      yield* Effect.exit(runner.start("x", {}))
      broken = false
      yield* dies("x")
      yield* TestClock.adjust("29 seconds")
      assert.deepStrictEqual([ran, yield* statusOf(runner, "x")], [[], "running"])
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual([ran, yield* statusOf(runner, "x")], [["x"], "completed"])
      assert.isTrue(Option.isNone(yield* Fiber.poll(daemon)))
    }))

  rule(
    "goes on with what was answered, answers nothing itself, and leaves what waits alone",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const { runner } = yield* recovering((id) =>
          Effect.flatMap(Execution.ask("ok", { answer: Schema.String }), (answer) => note(`${id} ${answer}`))
        )
        yield* Effect.forEach(["x", "y"], (id) => runner.start(id, {}))
        yield* runner.answer("x", { answer: "yes" })
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual([ran, yield* listed(runner)], [["x yes"], { y: "waiting" }])
      })
  )

  rule("goes on with a parent whose child was answered through it", () =>
    Effect.gen(function*() {
      const ask = Effect.as(Execution.ask("ok", { answer: Schema.Int }), {})
      const child = Graph.make("child", overCount).node("a", () => ask).edge(Graph.START, "a").build()
      const graph = Graph.make("g", overCount)
        .child("c", child, { input: () => zero, output: () => ({ n: 1 }) })
        .edge(Graph.START, "c")
        .build()
      const runner = yield* Runner.forGraph(graph)
      yield* Effect.forkScoped(Recovery.daemon(runner))
      yield* runner.start("x", zero)
      yield* runner.answer("x", { answer: 1 })
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual((yield* current(runner, "x")).state.n, 1)
    }))

  rule("two daemons, of a parent's graph and of its child's, do not run an effect twice", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const child = inner(() =>
        Execution.sleep("nap", "1 minute").pipe(
          Effect.zipRight(note("effect")),
          Effect.zipRight(Effect.sleep("10 seconds")),
          Effect.as({ n: 1 })
        )
      )
      const parents = yield* Runner.forGraph(outer(child))
      const children = yield* Runner.forGraph(child)
      yield* parents.start("x", zero)
      yield* Effect.forkScoped(Recovery.daemon(children))
      yield* Effect.forkScoped(Recovery.daemon(parents))
      yield* TestClock.adjust("90 seconds")
      assert.deepStrictEqual([ran, yield* statusOf(parents, "x")], [["effect"], "completed"])
    }))

  rule("wakes what sleeps beside a question, in a child as in a graph of its own", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const both = Graph.make("both", overCount)
        .node("asks", () => Effect.as(Execution.ask("ok", { answer: Schema.Int }), {}))
        .node("sleeps", () => Effect.zipRight(Execution.sleep("nap", "1 minute"), Effect.as(note("escalated"), {})))
        .edge(Graph.START, ["asks", "sleeps"])
        .build()
      const single = yield* Runner.forGraph(both)
      const parents = yield* Runner.forGraph(outer(both))
      yield* single.start("single", zero)
      yield* parents.start("parent", zero)
      yield* Effect.forkScoped(Recovery.daemon(single))
      yield* Effect.forkScoped(Recovery.daemon(parents))
      yield* TestClock.adjust("90 seconds")
      assert.deepStrictEqual(ran, ["escalated", "escalated"])
    }))

  rule("runs no more than `concurrency` at once, and all of them in the end", () =>
    Effect.gen(function*() {
      let [now, most, done] = [0, 0, 0]
      let started = false
      const busy = Effect.gen(function*() {
        if (!started) return yield* Execution.sleep("nap", "1 minute")
        most = Math.max(most, ++now)
        yield* Effect.sleep("10 seconds")
        now--
        done++
      })
      const { runner } = yield* recovering(() => busy, { concurrency: 3 })
      yield* Effect.forEach(Array.from({ length: 20 }, (_, i) => `x${i}`), (id) => runner.start(id, {}))
      started = true
      yield* TestClock.adjust("3 minutes")
      assert.deepStrictEqual([most, done, yield* listed(runner)], [3, 20, {}])
    }))

  rule(
    "one that fails or dies is left alone, and stops neither the others nor the daemon",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        let asleep = true
        const { daemon, runner } = yield* recovering((id) =>
          Effect.gen(function*() {
            if (asleep) return yield* Execution.sleep("nap", "1 minute")
            yield* note(id)
            if (id === "fails") return yield* Effect.fail("boom")
            if (id === "dies") return yield* Effect.die("boom")
          })
        )
        yield* Effect.forEach(["fails", "dies", "ends"], (id) => runner.start(id, {}))
        asleep = false
        yield* TestClock.adjust("100 seconds")
        assert.sameMembers(ran, ["fails", "dies", "ends"])
        assert.deepStrictEqual(yield* listed(runner), { fails: "failed", dies: "failed" })
        assert.isTrue(Option.isNone(yield* Fiber.poll(daemon)))
      })
  )
})
