import { assert, describe } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"
import { Execution, Graph, Runner } from "effect-checkpoint"
import { completed, current, failing, notes, overCount, type Rule, waitsFor, zero } from "./Bench.js"

const asked = { executionId: "x", name: "p", success: Schema.Unknown } as const

const approve = Execution.ask("ok", { question: { cents: 5 }, answer: Schema.NumberFromString })

const askAs = (name: string) => Effect.map(Execution.ask("ok", { answer: Schema.Int }), (n) => ({ n, log: [name] }))

type Asking = Effect.Effect<unknown, unknown, Execution.Execution>

const answering = (rule: Rule) => {
  rule("stops with its question and goes on with the decoded answer", () =>
    Effect.gen(function*() {
      const outcome = yield* Runner.run(approve, asked)
      assert.deepStrictEqual(outcome._tag === "Interrupted" && outcome.requests, [{
        id: "ask:p:ok@1",
        kind: "ask",
        executionId: "x",
        node: "p",
        payload: { cents: 5 },
        rejected: Option.none()
      }])
      assert.deepStrictEqual(waitsFor(yield* Runner.run(approve, asked)), ["ask:p:ok"])
      assert.strictEqual(completed(yield* Runner.run(approve, { ...asked, answer: "42" })), 42)
      assert.strictEqual(completed(yield* Runner.run(approve, asked)), 42)
    }))

  rule(
    "an answer that does not fit is asked for again, with what is wrong and without the answer itself",
    () =>
      Effect.gen(function*() {
        yield* Runner.run(approve, asked)
        for (const answer of [17, { secret: "secret" }]) {
          const again = yield* Runner.run(approve, { ...asked, answer })
          const [request] = again._tag === "Interrupted" ? again.requests : []
          assert.deepStrictEqual([request?.id, request?.payload], ["ask:p:ok@1", { cents: 5 }])
          const rejected = Option.getOrElse(request?.rejected ?? Option.none(), () => "")
          assert.notStrictEqual(rejected, "")
          assert.notInclude(rejected, "secret")
        }
        assert.strictEqual(completed(yield* Runner.run(approve, { ...asked, answer: "42" })), 42)
      })
  )

  rule("an answer that does not fit stands until a run has looked at it", () =>
    Effect.gen(function*() {
      const graph = Graph.make("g", overCount).node("a", () => askAs("a")).edge(Graph.START, "a").build()
      const runner = yield* Runner.forGraph(graph)
      yield* runner.start("x", zero)
      yield* runner.answer("x", { answer: "wrong" })
      yield* runner.answer("x", { answer: 5 })
      assert.deepStrictEqual(waitsFor(yield* runner.resume("x")), ["ask:a:ok"])
      assert.strictEqual(completed(yield* runner.resume("x", { answer: 5 })).n, 5)
    }))

  rule(
    "a question without a payload has null; one that is no JSON is a StepCodecError and asks nobody",
    () =>
      Effect.gen(function*() {
        const outcome = yield* Runner.run(Execution.ask("q", { answer: Schema.Null }), asked)
        assert.deepStrictEqual(outcome._tag === "Interrupted" && outcome.requests.map(({ payload }) => payload), [null])
        const lossy = Execution.ask("q", { question: new Map(), answer: Schema.Null })
        yield* failing("StepCodecError", Runner.run(lossy, { ...asked, executionId: "y" }))
      })
  )

  rule("two in one node are asked one after the other, and answered by their ids", () =>
    Effect.gen(function*() {
      const two = Effect.zip(
        Execution.ask("first", { answer: Schema.Int }),
        Execution.ask("second", { answer: Schema.Int })
      )
      assert.deepStrictEqual(waitsFor(yield* Runner.run(two, asked)), ["ask:p:first"])
      assert.deepStrictEqual(waitsFor(yield* Runner.run(two, { ...asked, answer: 1 })), ["ask:p:second"])
      yield* failing("NotWaiting", Runner.run(two, { ...asked, answer: 3, request: "ask:p:third" }))
      const last = yield* Runner.run(two, { ...asked, answer: 2, request: "ask:p:second" })
      assert.deepStrictEqual(completed(last), [1, 2])
    }))

  rule("those of branches are open together; a branch that is done is not repeated", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const graph = Graph.make("g", overCount)
        .node("a", () => Effect.zipRight(note("a"), askAs("a")))
        .node("b", () => Effect.as(note("b"), { log: ["b"] }))
        .node("c", () => Effect.zipRight(note("c"), askAs("c")))
        .edge(Graph.START, ["a", "b", "c"])
        .build()
      const runner = yield* Runner.forGraph(graph)
      assert.deepStrictEqual(waitsFor(yield* runner.start("x", zero)), ["ask:a:ok", "ask:c:ok"])
      const { requests, status } = yield* current(runner, "x")
      assert.deepStrictEqual([status, requests.map(({ id }) => id).toSorted()], ["waiting", [
        "ask:a:ok@1",
        "ask:c:ok@1"
      ]])
      yield* failing("NotWaiting", runner.resume("x", { answer: 1 }))
      assert.deepStrictEqual(waitsFor(yield* runner.resume("x", { answer: 3, request: "ask:c:ok" })), ["ask:a:ok"])
      const last = completed(yield* runner.resume("x", { answer: 1, request: "ask:a:ok" }))
      assert.deepStrictEqual(last, { n: 3, log: ["a", "b", "c"] })
      assert.deepStrictEqual(ran.filter((name) => name === "b"), ["b"])
    }))
}

const around: Readonly<Record<string, (ask: Asking) => Asking>> = {
  catchAll: Effect.catchAll(() => Effect.succeed("caught")),
  catchAllCause: Effect.catchAllCause(() => Effect.succeed("caught")),
  catchAllDefect: Effect.catchAllDefect(() => Effect.succeed("caught")),
  exit: Effect.exit,
  option: Effect.option,
  timeout: Effect.timeout("1 hour"),
  uninterruptible: Effect.uninterruptible,
  "uninterruptible catchAllCause": (ask) =>
    Effect.uninterruptible(Effect.catchAllCause(ask, () => Effect.succeed("caught"))),
  "retry for ever": Effect.retry({ while: () => true }),
  race: Effect.race(Effect.never),
  "a fiber": (ask) => Effect.flatMap(Effect.fork(ask), (fiber) => fiber.await),
  "fibers that nobody can interrupt": (ask) =>
    Effect.uninterruptible(Effect.all([ask, Effect.void], { concurrency: 2 })),
  "a step": (ask) => Execution.step("outer", Effect.orDie(ask), Schema.Unknown),
  "a finalizer": (ask) => Effect.onExit(Effect.void, () => Effect.orDie(ask))
}

const stopping = (rule: Rule) => {
  for (const [what, wrap] of Object.entries(around)) {
    rule(`${what} around it swallows nothing`, () =>
      Effect.gen(function*() {
        const plain = Execution.ask("ok", { answer: Schema.Int })
        const program = Effect.asVoid(wrap(plain))
        assert.deepStrictEqual(waitsFor(yield* Runner.run(program, asked)), ["ask:p:ok"])
        assert.deepStrictEqual(waitsFor(yield* Runner.run(program, asked)), ["ask:p:ok"])
        assert.strictEqual((yield* Runner.run(program, { ...asked, answer: 1 }))._tag, "Completed")
      }))
  }

  rule("a caller that cannot be interrupted changes nothing", () =>
    Effect.gen(function*() {
      const program = Effect.catchAllCause(approve, () => Effect.succeed("caught"))
      assert.deepStrictEqual(waitsFor(yield* Effect.uninterruptible(Runner.run(program, asked))), ["ask:p:ok"])
    }))

  rule("steps before it are not repeated, finalizers run, what is behind it does not", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const program = Effect.gen(function*() {
        const n = yield* Execution.step("before", Effect.as(note("step"), 1), Schema.Int)
        const m = yield* Effect.ensuring(Execution.ask("ok", { answer: Schema.Int }), note("finalizer"))
        yield* note("behind")
        return n + m
      })
      yield* Runner.run(program, asked)
      yield* Runner.run(program, asked)
      assert.deepStrictEqual(ran, ["step", "finalizer", "finalizer"])
      assert.strictEqual(completed(yield* Runner.run(program, { ...asked, answer: 2 })), 3)
      assert.deepStrictEqual(ran, ["step", "finalizer", "finalizer", "finalizer", "behind"])
    }))
}

export const asking = (rule: Rule) =>
  describe("ask", () => {
    for (const rules of [answering, stopping]) rules(rule)
  })
