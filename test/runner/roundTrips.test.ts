import { assert, describe } from "@effect/vitest"
import { Effect, Option, Schema, TestClock } from "effect"
import { Execution, Graph, Runner } from "effect-checkpoint"
import { afterAll } from "vitest"
import { all, type Count, onMemory as rule, overCount, sent, zero } from "./Bench.js"
import { inner, nestedIn } from "./children.js"

type At = (name: string) => Effect.Effect<unknown, unknown, Execution.Execution>

const nodes = (at: At) => {
  const run = (name: string) => () => Effect.as(Effect.orDie(at(name)), { log: [name] })
  return Graph.make("g", overCount).node("a", run("a")).node("b", run("b")).node("c", run("c"))
}

const chain = (at: At = () => Effect.void) => nodes(at).edge(Graph.START, "a").edge("a", "b").edge("b", "c").build()

const wide = (at: At = () => Effect.void) => nodes(at).edge(Graph.START, ["a", "b", "c"]).build()

const only = (operation: Effect.Effect<unknown, unknown, Execution.Execution>) => (name: string) =>
  name === "a" ? operation : Effect.void

const step = (name: string) => Execution.step(name, Effect.void, Schema.Void)
const ask = Execution.ask("ok", { answer: Schema.Int })

const rows: Array<readonly [string, ReadonlyArray<string>]> = []

const open = "claim latest HSCAN"

/** What is sent by what is measured, and not before. */
const measured = <R>(
  name: string,
  expected: ReadonlyArray<string>,
  prepare: Effect.Effect<Effect.Effect<unknown, unknown, R>, unknown, R>
) =>
  Effect.gen(function*() {
    const run = yield* prepare
    const before = (yield* sent).length
    yield* Effect.exit(run)
    const found = (yield* sent).slice(before)
    rows.push([name, found])
    assert.deepStrictEqual(found, expected)
  })

const runnerOf = <Names extends string, E, R>(graph: Graph.Graph<Count, Names, E, R>) => Runner.forGraph(graph)

/** Runs a child in the middle of its way. */
const cycle = <Names extends string>(child: Graph.Graph<Count, Names>) =>
  Graph.make("cycle", overCount)
    .node("add", ({ n }) => Effect.succeed({ n: n + 1 }))
    .child("child", child, { input: () => zero, output: () => ({}) })
    .edge(Graph.START, "add")
    .branch("add", ["add", "child", Graph.END], ({ n }) => (n === 5 ? "child" : n < 8 ? "add" : Graph.END))
    .edge("child", "add")
    .build()

/** The input, and so many supersteps. */
const stored = (supersteps: number) => Array.from({ length: supersteps + 1 }, () => "commit")

describe("round trips", () => {
  rule("of a start: claim, input, 1 a superstep, release", () =>
    measured(
      "start, 3 supersteps",
      [open, "commit", "commit", "commit", "commit", "release"],
      Effect.map(runnerOf(chain()), (runner) => runner.start("x", zero))
    ))

  rule("of a fan-out: 1 more for each branch", () =>
    measured(
      "start, fan-out of 3",
      [open, "commit", "memo", "memo", "memo", "commit", "release"],
      Effect.map(runnerOf(wide()), (runner) => runner.start("x", zero))
    ))

  rule("of steps: 1 each, none when they are recorded", () =>
    measured(
      "start, 2 steps in a node of 3",
      [open, "commit", "memo", "memo", "commit", "commit", "commit", "release"],
      Effect.map(runnerOf(chain(only(Effect.zip(step("s"), step("t"))))), (runner) => runner.start("x", zero))
    ))

  rule("of steps that are recorded: none", () =>
    measured(
      "resume, 2 recorded steps",
      [open, "commit", "commit", "commit", "release"],
      Effect.gen(function*() {
        let left = 1
        const steps = Effect.zip(step("s"), step("t"))
        const breaking = Effect.tap(steps, () => left-- > 0 ? Effect.die("stop") : Effect.void)
        const runner = yield* runnerOf(chain(only(breaking)))
        yield* Effect.exit(runner.start("x", zero))
        return runner.resume("x")
      })
    ))

  rule("of a resume that still waits: claim, the question, release", () =>
    measured(
      "resume, waiting",
      [open, "memo", "release"],
      Effect.gen(function*() {
        const runner = yield* runnerOf(chain(only(ask)))
        yield* runner.start("x", zero)
        return runner.resume("x")
      })
    ))

  rule("of an answer: 2; with a resume those of the resume besides", () =>
    Effect.gen(function*() {
      const look = "latest HSCAN HMGET ZSCORE TIME"
      const runner = yield* runnerOf(chain(only(ask)))
      yield* runner.start("x", zero)
      yield* runner.start("y", zero)
      yield* measured("answer", [look, "answer"], Effect.succeed(runner.answer("x", { answer: 1 })))
      yield* measured(
        "resume with an answer, 3 supersteps",
        [look, "answer", open, "commit", "commit", "commit", "release"],
        Effect.succeed(runner.resume("y", { answer: 1 }))
      )
    }))

  rule("of an ask and of a sleep: 1 each, of an idempotency key none", () =>
    measured(
      "start, an ask behind a key",
      [open, "commit", "memo", "release"],
      Effect.map(runnerOf(chain(only(Effect.zip(Execution.idempotencyKey("k"), ask)))), (runner) =>
        runner.start("x", zero))
    ))

  rule("of one that is at its end: claim and release", () =>
    measured(
      "start again, at its end",
      [open, "release"],
      Effect.gen(function*() {
        const runner = yield* runnerOf(chain())
        yield* runner.start("x", zero)
        return runner.start("x", zero)
      })
    ))

  rule(
    "of children: none for what never ran; for those whose checkpoint is pruned 1, with theirs 3",
    () =>
      Effect.gen(function*() {
        const own = inner(() => Effect.succeed({ n: 1 }))
        const childs = [open, "commit", "commit", "release"]
        const nested = [open, "commit", ...childs, "commit", "release"]
        const never = yield* Runner.forGraph(cycle(own), { maxCheckpoints: 2 })
        yield* measured(
          "start, 3 supersteps, 2 checkpoints kept, no child",
          [open, ...stored(3), "release"],
          Effect.succeed(never.start("x", { ...zero, n: 5 }))
        )
        const once = yield* Runner.forGraph(cycle(own), { maxCheckpoints: 2 })
        yield* measured(
          "start, 9 supersteps and a child, 2 checkpoints kept",
          [open, ...stored(5), ...childs, "commit", "commit", "clear", "commit", "commit", "release"],
          Effect.succeed(once.start("y", zero))
        )
        const deep = yield* Runner.forGraph(cycle(nestedIn(own)), { maxCheckpoints: 2 })
        yield* measured(
          "the same, a child with a child",
          [
            open,
            ...stored(5),
            ...nested,
            "commit",
            "commit",
            "latest",
            "clear",
            "clear",
            "commit",
            "commit",
            "release"
          ],
          Effect.succeed(deep.start("z", zero))
        )
        yield* measured(
          "clearCheckpoints, nothing below",
          [open, "release clear", "release"],
          Effect.succeed(never.clearCheckpoints("x"))
        )
      })
  )

  rule("of the reading verbs, and of edits", () =>
    Effect.gen(function*() {
      const runner = yield* runnerOf(chain(only(ask)))
      yield* runner.start("x", zero)
      const verbs: ReadonlyArray<readonly [string, ReadonlyArray<string>, Effect.Effect<unknown, unknown>]> = [
        ["getState", ["latest HSCAN HMGET ZSCORE TIME"], Effect.map(runner.getState("x"), Option.getOrThrow)],
        ["loadCheckpoint", ["GET"], runner.loadCheckpoint("x@0000000000000001")],
        ["updateState", [open, "commit", "release"], runner.updateState("x", { n: 1 })],
        ["saveCheckpoint", [open, "commit", "release"], runner.saveCheckpoint("x", zero)],
        ["unfinished", ["ZRANGE", "HMGET TIME"], all(runner.unfinished)]
      ]
      for (const [name, expected, verb] of verbs) yield* measured(name, expected, Effect.succeed(verb))
      assert.strictEqual((yield* sent).filter((commands) => commands.startsWith("due")).length, 0)
    }))

  rule(
    "of thousands of executions: unfinished is paged by 100, the longest overdue first, each once",
    () =>
      Effect.gen(function*() {
        const runner = yield* runnerOf(chain(only(Execution.sleep("nap", "1 hour"))))
        const ids = Array.from({ length: 250 }, (_, i) => `x${i}`)
        for (const [i, id] of ids.entries()) {
          if (i % 50 === 0) yield* TestClock.adjust("1 second")
          yield* runner.start(id, zero)
        }
        const before = (yield* sent).length
        const found = (yield* all(runner.unfinished)).map(({ executionId }) => executionId)
        assert.deepStrictEqual(found.toSorted(), ids.toSorted())
        assert.deepStrictEqual(found.slice(0, 50).toSorted(), ids.slice(0, 50).toSorted())
        assert.strictEqual((yield* sent).length - before, 6)
      })
  )

  afterAll(() => {
    const table = rows.map(([name, sent]) =>
      `${name.padEnd(40)}${String(sent.length).padStart(3)}   ${sent.join(", ")}`
    )
    process.stdout.write(`\nRound trips:\n\n${table.join("\n")}\n\n`)
  })
})
