import { assert, describe } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { CheckpointStore, Graph, Runner } from "effect-checkpoint"
import { all, completed, current, failing, listed, type Rule } from "./Bench.js"

type Migrations = Graph.Options<Schema.Struct.Fields>["migrations"]

const parked = { interruptBefore: true } as const

const first = Graph.make("order", { state: Schema.Struct({ euro: Schema.Number }) })
  .node("pay", () => Effect.succeed({}), parked)
  .edge(Graph.START, "pay")
  .build()

const State3 = Schema.Struct({ cents: Schema.Int, currency: Schema.String })

const third = (migrations: Migrations) =>
  Graph.make("order", { state: State3, stateVersion: 3, migrations })
    .node("pay", ({ cents }) => Effect.succeed({ cents: cents + 1 }), parked)
    .edge(Graph.START, "pay")
    .build()

const steps = {
  1: (old: unknown) => ({ cents: (old as { readonly euro: number }).euro * 100 }),
  2: (old: unknown) => ({ ...old as object, currency: "EUR" })
}

/** As version 0.2.0 stored it: what these files say is read for ever. */
const fixture = {
  node_name: "__start__",
  state: { euro: 3 },
  metadata: {
    graph: "order",
    source: "input",
    step: 0,
    next: ["pay"],
    nodes: [],
    state_version: 1,
    epoch: 1,
    input: "5b1c8c2a",
    life: "57da216e"
  }
} as const

const old = (executionId: string) =>
  Effect.flatMap(CheckpointStore.CheckpointStore, (store) =>
    store.append(executionId, {
      nodeName: fixture.node_name,
      state: fixture.state,
      metadata: { ...fixture.metadata, nodes: [], next: ["pay"] }
    }))

/** A parent over a child, at once; its mapping is today's. */
const over = <Child, Names extends string>(
  child: Graph.Graph<Child, Names>,
  options: Graph.ChildOptions<Cents, Child>
) =>
  Graph.make("sale", { state: Schema.Struct({ cents: Schema.Int }) })
    .child("order", child, options)
    .edge(Graph.START, "order")
    .build()

interface Cents {
  readonly cents: number
}

const before = over(first, {
  input: ({ cents }) => ({ euro: cents / 100 }),
  output: ({ euro }) => ({ cents: euro * 100 })
})

const today = (migrations: Migrations, input = ({ cents }: Cents) => ({ cents, currency: "EUR" })) =>
  over(third(migrations), { input, output: ({ cents }) => ({ cents }) })

const children = (rule: Rule) => {
  rule(
    "a child that waits goes on in newer code, which maps and stores its state in another way",
    () =>
      Effect.gen(function*() {
        yield* (yield* Runner.forGraph(before)).start("x", { cents: 300 })
        const runner = yield* Runner.forGraph(today(steps))
        assert.strictEqual((yield* current(runner, "x")).status, "waiting")
        assert.deepStrictEqual(completed(yield* runner.resume("x", { answer: 1 })), { cents: 301 })
      })
  )

  rule("the input of a child that has begun is not looked at again", () =>
    Effect.gen(function*() {
      yield* (yield* Runner.forGraph(before)).start("x", { cents: 300 })
      const runner = yield* Runner.forGraph(today(steps, () => ({ cents: 0.5, currency: "EUR" })))
      assert.deepStrictEqual(completed(yield* runner.resume("x", { answer: 1 })), { cents: 301 })
    }))

  rule(
    "a child that cannot be migrated is a StateDecodeError of its parent, and leaves both as they were",
    () =>
      Effect.gen(function*() {
        yield* (yield* Runner.forGraph(before)).start("x", { cents: 300 })
        const runner = yield* Runner.forGraph(today({}))
        const error = yield* failing("StateDecodeError", runner.resume("x"))
        assert.match(error.message, /x\/.*\/order@.*no migration from version 1 to 2/)
        assert.deepStrictEqual<unknown>(yield* listed(runner), { x: "waiting" })
        const fixed = yield* Runner.forGraph(today(steps))
        assert.deepStrictEqual(completed(yield* fixed.resume("x", { answer: 1 })), { cents: 301 })
      })
  )
}

export const migrating = (rule: Rule) =>
  describe("migrations", () => {
    children(rule)

    rule("an old state is read through the chain; the next commit writes the new version", () =>
      Effect.gen(function*() {
        yield* (yield* Runner.forGraph(first)).start("x", { euro: 3 })
        const runner = yield* Runner.forGraph(third(steps))
        const { state, stateVersion } = yield* current(runner, "x")
        assert.deepStrictEqual([state, stateVersion], [{ cents: 300, currency: "EUR" }, 1])
        assert.deepStrictEqual(completed(yield* runner.resume("x", { answer: 1 })), { cents: 301, currency: "EUR" })
        const history = yield* all(runner.history("x"))
        assert.deepStrictEqual(history.map(({ state, stateVersion }) => [state.cents, stateVersion]), [[301, 3], [
          300,
          1
        ]])
      }))

    rule("a checkpoint as it was stored by older code is read, edited, forked and run", () =>
      Effect.gen(function*() {
        const runner = yield* Runner.forGraph(third(steps))
        yield* old("x")
        assert.deepStrictEqual((yield* current(runner, "x")).state, { cents: 300, currency: "EUR" })
        yield* runner.resumeFrom("x@0000000000000001", { into: "y" })
        assert.deepInclude(yield* current(runner, "y"), { stateVersion: 3, state: { cents: 300, currency: "EUR" } })
        yield* runner.updateState("x", { currency: "CHF" })
        assert.deepStrictEqual(completed(yield* runner.resume("x", { answer: 1 })), { cents: 301, currency: "CHF" })
      }))

    rule("start again after a new version goes on, whatever the input; within a version it is compared", () =>
      Effect.gen(function*() {
        const before = yield* Runner.forGraph(first)
        for (const id of ["x", "y"]) {
          yield* before.start(id, { euro: 3 })
        }
        yield* failing("InputMismatch", before.start("x", { euro: 4 }))
        const runner = yield* Runner.forGraph(third(steps))
        for (const [id, cents] of [["x", 300], ["y", 7]] as const) {
          assert.strictEqual((yield* runner.start(id, { cents, currency: "EUR" }))._tag, "Interrupted")
          assert.strictEqual((yield* current(runner, id)).state.cents, 300)
          yield* runner.resume(id, { answer: 1 })
          completed(yield* runner.start(id, { cents, currency: "EUR" }))
        }
        yield* runner.start("z", { cents: 7, currency: "EUR" })
        yield* failing("InputMismatch", runner.start("z", { cents: 8, currency: "EUR" }))
      }))

    const broken: ReadonlyArray<readonly [string, Migrations, RegExp]> = [
      ["a migration that is missing", { 1: steps[1] }, /no migration from version 2 to 3/],
      ["one that throws", {
        ...steps,
        2: () => {
          throw new Error("secret")
        }
      }, /from version 2 to 3 threw/],
      ["one that gives what does not fit", {
        ...steps,
        2: (old) =>
          old
      }, /currency/]
    ]
    for (const [what, migrations, issue] of broken) {
      rule(`${what} is a StateDecodeError that says which, and leaves it as it is`, () =>
        Effect.gen(function*() {
          yield* old("x")
          const runner = yield* Runner.forGraph(third(migrations))
          const verbs: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
            runner.resume("x"),
            runner.getState("x"),
            runner.updateState("x", {}),
            runner.answer("x", { answer: 1 }),
            runner.resumeFrom("x@0000000000000001"),
            runner.loadCheckpoint("x@0000000000000001"),
            all(runner.history("x"))
          ]
          for (const verb of verbs) {
            const error = yield* failing("StateDecodeError", verb)
            assert.deepInclude(error, { checkpointId: "x@0000000000000001", storedVersion: 1, currentVersion: 3 })
            assert.match(error.message, issue)
            assert.notInclude(error.message, "secret")
          }
          assert.deepStrictEqual(yield* all(runner.history("x", { onDecodeError: "skip" })), [])
          const fixed = yield* Runner.forGraph(third(steps))
          assert.strictEqual(completed(yield* fixed.resume("x", { answer: 1 })).cents, 301)
        }))
    }

    rule("a newer state than the code knows is refused", () =>
      Effect.gen(function*() {
        yield* (yield* Runner.forGraph(third(steps))).start("x", { cents: 1, currency: "EUR" })
        const runner = yield* Runner.forGraph(first)
        const error = yield* failing("StateDecodeError", runner.resume("x", { answer: 1 }))
        assert.deepInclude(error, { storedVersion: 3, currentVersion: 1 })
        assert.strictEqual((yield* (yield* Runner.forGraph(third(steps))).listCheckpoints("x")).length, 1)
      }))

    rule("one old checkpoint that cannot be read does not hide the newer ones", () =>
      Effect.gen(function*() {
        yield* old("x")
        yield* (yield* Runner.forGraph(third(steps))).updateState("x", { cents: 5 })
        const runner = yield* Runner.forGraph(third({}))
        const read = yield* all(runner.history("x", { onDecodeError: "skip" }))
        assert.deepStrictEqual(
          read.map(({ state }) =>
            state.cents
          ),
          [5]
        )
        assert.strictEqual(completed(yield* runner.resume("x", { answer: 1 })).cents, 6)
      }))
  })
