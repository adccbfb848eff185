import { assert, describe } from "@effect/vitest"
import { DateTime, Duration, Effect, Fiber, Option, Schema, TestClock } from "effect"
import { Execution, Graph, type Outcome, Runner } from "effect-checkpoint"
import { completed, current, failing, listed, notes, onMemory as rule, overCount, statusOf, zero } from "./Bench.js"

/** When it wakes. */
const asleep = <A>(outcome: Outcome.Outcome<A>): number =>
  outcome._tag === "Sleeping"
    ? DateTime.toEpochMillis(outcome.until)
    : assert.fail(`expected a sleep, got ${outcome._tag}`)

const hour = 3_600_000

const nap = (time: "10 seconds" | "1 minute") => Execution.sleep(time, time)

const asked = { executionId: "x", name: "p", success: Schema.Void } as const

describe("a durable sleep", () => {
  rule(
    "ends the run as Sleeping, until a time that stays the same; run again in time it goes on",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const program = Effect.gen(function*() {
          yield* Execution.step("before", note("before"), Schema.Void)
          yield* Execution.sleep("nap", "1 hour")
          yield* note("behind")
        })
        assert.strictEqual(asleep(yield* Runner.run(program, asked)), hour)
        yield* TestClock.adjust("59 minutes")
        assert.strictEqual(asleep(yield* Runner.run(program, { ...asked, inlineSleep: 0 })), hour)
        yield* TestClock.adjust("1 minute")
        assert.strictEqual((yield* Runner.run(program, asked))._tag, "Completed")
        assert.deepStrictEqual(ran, ["before", "behind"])
      })
  )

  rule(
    "up to inlineSleep is waited for by the process, what is left of a longer one, too",
    () =>
      Effect.gen(function*() {
        const short = yield* Effect.fork(Runner.run(nap("10 seconds"), asked))
        yield* TestClock.adjust("9 seconds")
        assert.isTrue(Option.isNone(yield* Fiber.poll(short)))
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* Fiber.join(short))._tag, "Completed")
        const long = Runner.run(nap("1 minute"), { ...asked, executionId: "y" })
        asleep(yield* long)
        yield* TestClock.adjust("50 seconds")
        const rest = yield* Effect.fork(long)
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual((yield* Fiber.join(rest))._tag, "Completed")
      })
  )

  rule("until a time that is over is none; without an end it is a StepCodecError", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("2 hours")
      const past = Execution.sleepUntil("past", DateTime.unsafeMake(hour))
      assert.strictEqual((yield* Runner.run(past, asked))._tag, "Completed")
      const until = Execution.sleepUntil("future", DateTime.unsafeMake(9 * hour))
      assert.strictEqual(asleep(yield* Runner.run(until, { ...asked, executionId: "y" })), 9 * hour)
      const never = Execution.sleep("never", Duration.infinity)
      yield* failing("StepCodecError", Runner.run(never, { ...asked, executionId: "z" }))
    }))

  rule("is seen in getState and unfinished, and over there at once when it is over", () =>
    Effect.gen(function*() {
      const graph = Graph.fromProgram("p", Schema.Void, () => Execution.sleep("nap", "90200 millis"))
      const runner = yield* Runner.forGraph(graph)
      asleep(yield* runner.start("x", {}))
      const { status, until } = yield* current(runner, "x")
      assert.deepStrictEqual([status, Option.map(until, DateTime.toEpochMillis)], ["sleeping", Option.some(90_200)])
      yield* TestClock.adjust("90199 millis")
      assert.deepStrictEqual([yield* statusOf(runner, "x"), yield* listed(runner)], ["sleeping", { x: "sleeping" }])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual([yield* statusOf(runner, "x"), yield* listed(runner)], ["ready", { x: "ready" }])
    }))

  rule("in several branches ends with the first, and the others go on sleeping", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const napping = (name: string, time: "1 hour" | "2 hours") => () =>
        Effect.zipRight(Execution.sleep("nap", time), Effect.as(note(name), { log: [name] }))
      const graph = Graph.make("g", overCount)
        .node("a", napping("a", "2 hours"))
        .node("b", napping("b", "1 hour"))
        .edge(Graph.START, ["a", "b"])
        .build()
      const runner = yield* Runner.forGraph(graph)
      assert.strictEqual(asleep(yield* runner.start("x", zero)), hour)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(asleep(yield* runner.resume("x")), 2 * hour)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(completed(yield* runner.resume("x")).log, ["a", "b"])
      assert.deepStrictEqual(ran, ["b", "a"])
    }))

  rule("of a child is the parent's", () =>
    Effect.gen(function*() {
      const nap = Effect.as(Execution.sleep("nap", "1 hour"), { log: ["child"] })
      const child = Graph.make("child", overCount).node("a", () => nap).edge(Graph.START, "a").build()
      const graph = Graph.make("g", overCount)
        .child("c", child, { input: () => zero, output: ({ log }) => ({ log }) })
        .edge(Graph.START, "c")
        .build()
      const runner = yield* Runner.forGraph(graph)
      assert.strictEqual(asleep(yield* runner.start("x", zero)), hour)
      assert.strictEqual(yield* statusOf(runner, "x"), "sleeping")
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(completed(yield* runner.resume("x")).log, ["child"])
    }))

  rule("is one of the names of a node, and cannot be caught", () =>
    Effect.gen(function*() {
      const twice = Effect.zip(Execution.sleep("nap", 1), Execution.sleep("nap", 1))
      const fiber = yield* Effect.fork(failing("DuplicateStep", Runner.run(Effect.asVoid(twice), asked)))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      const caught = Effect.catchAllCause(Execution.sleep("nap", "1 hour"), () => Effect.void)
      asleep(yield* Effect.uninterruptible(Runner.run(caught, { ...asked, executionId: "y" })))
    }))
})
