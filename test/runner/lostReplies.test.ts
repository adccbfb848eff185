import { assert, describe } from "@effect/vitest"
import { Effect, Exit, Layer, Schedule, Schema, TestClock } from "effect"
import { CheckpointStore, Execution, Graph, type GraphRunner, Redis, Runner, TestMemory } from "effect-checkpoint"
import { type Count, failing, listed, noReply, notes, onMemory as rule, overCount, statusOf, zero } from "./Bench.js"

interface Kind {
  readonly last: Count
  /** What must happen once, whatever is lost. */
  readonly once: ReadonlyArray<string>
  readonly graph: (note: (what: string) => Effect.Effect<void>) => Graph.Graph<Count, string, string>
  readonly policy?: GraphRunner.Policy
}

const step = (note: (what: string) => Effect.Effect<void>, name: string) =>
  Execution.step(name, note(name), Schema.Void)

const charging = (note: (what: string) => Effect.Effect<void>) =>
  Graph.make("g", overCount)
    .node("a", () => Effect.as(Effect.zipRight(step(note, "s1"), step(note, "s2")), { log: ["a"] }), {
      retry: Schedule.recurs(1)
    })
    .node("b", () => Effect.as(Effect.orDie(step(note, "s3")), { log: ["b"] }))
    .edge(Graph.START, "a")
    .edge("a", "b")

const widened = <Names extends string, E>(graph: Graph.Graph<Count, Names, E>) =>
  graph as unknown as Graph.Graph<Count, string, string>

const kinds: Readonly<Record<string, Kind>> = {
  "steps and a chain": {
    last: { n: 0, log: ["a", "b"] },
    once: ["s1", "s2", "s3"],
    graph: (note) => widened(charging(note).build())
  },
  "commits kept back": {
    last: { n: 0, log: ["a", "b"] },
    once: ["s1", "s2", "s3"],
    graph: (note) => widened(charging(note).build()),
    policy: { autoSave: false }
  },
  "a fan-out": {
    last: { n: 3, log: ["a", "b"] },
    once: ["s1", "s2"],
    graph: (note) =>
      widened(
        Graph.make("g", overCount)
          .node("a", () => Effect.as(Effect.orDie(step(note, "s1")), { log: ["a"] }))
          .node("b", () => Effect.as(Effect.orDie(step(note, "s2")), { log: ["b"] }))
          .node("c", () => Effect.succeed({ n: 3 }))
          .edge(Graph.START, ["a", "b"])
          .edge("a", "c")
          .build()
      )
  },
  "a gate, a question and a sleep": {
    last: { n: 7, log: ["a"] },
    once: ["s1"],
    graph: (note) =>
      widened(
        Graph.make("g", overCount)
          .node("a", () =>
            Effect.gen(function*() {
              yield* step(note, "s1")
              const n = yield* Execution.ask("ok", { answer: Schema.Int })
              yield* Execution.sleep("nap", 0)
              return { n, log: ["a"] }
            }), { interruptBefore: true })
          .edge(Graph.START, "a")
          .build()
      )
  },
  "a child": {
    last: { n: 0, log: ["a", "b"] },
    once: ["s1", "s2", "s3"],
    graph: (note) =>
      widened(
        Graph.make("outer", overCount)
          .child("c", charging(note).build(), { input: () => zero, output: ({ log }) => ({ log }) })
          .edge(Graph.START, "c")
          .build()
      )
  }
}

type Runnable = GraphRunner.GraphRunner<Count, string, string, never>

/** Goes on, as a user would, until it is at its end; a lease that a lost reply left is taken. */
const driven = (runner: Runnable): Effect.Effect<{ readonly value: Count; readonly runs: number }> =>
  Effect.gen(function*() {
    for (let runs = 1; runs < 30; runs++) {
      const outcome = yield* Effect.exit(runner.start("x", zero, { steal: true }))
      if (outcome._tag === "Failure") continue
      if (outcome.value._tag === "Completed") return { value: outcome.value.value, runs }
      if (outcome.value._tag === "Sleeping") continue
      yield* Effect.ignore(runner.answer("x", { answer: 7 }))
    }
    return assert.fail("it does not end")
  })

/** A memory whose program at a place, counted from 0, is lost. */
const losing = (at: number, applied: boolean) =>
  Layer.effect(
    Redis.Redis,
    Effect.gen(function*() {
      const redis = yield* Redis.Redis
      const control = yield* TestMemory.TestMemory
      let sent = 0
      const lost = Effect.suspend(() => sent++ === at ? control.failNext(noReply, { applied }) : Effect.void)
      return Redis.Redis.of({
        ...redis,
        pipeline: (program) => Effect.zipRight(lost, redis.pipeline(program)),
        transaction: (program) => Effect.zipRight(lost, redis.transaction(program))
      })
    })
  ).pipe(Layer.provideMerge(TestMemory.redis()))

const runs = ({ graph, policy }: Kind, at: number, applied: boolean) =>
  Effect.gen(function*() {
    const control = yield* TestMemory.TestMemory
    const { all: ran, note } = notes()
    const runner = yield* Runner.forGraph(graph(note), policy)
    const { value } = yield* driven(runner)
    const roundTrips = (yield* control.commands).length
    return { ran, value, roundTrips, status: yield* statusOf(runner, "x") }
  }).pipe(Effect.provide(
    Runner.layer().pipe(Layer.provide(CheckpointStore.layer()), Layer.provideMerge(losing(at, applied)))
  ))

for (const [what, kind] of Object.entries(kinds)) {
  describe(`losing one reply of ${what}`, () => {
    for (const applied of [true, false]) {
      rule(
        `${
          applied ? "after it was applied" : "with the request"
        }, wherever: the end is the same and no recorded step runs twice`,
        () =>
          Effect.gen(function*() {
            const whole = yield* runs(kind, -1, applied)
            assert.deepStrictEqual([whole.value, whole.ran], [kind.last, kind.once])
            for (let at = 0; at < whole.roundTrips; at++) {
              const { ran, status, value } = yield* runs(kind, at, applied)
              assert.deepStrictEqual([at, value, status], [at, kind.last, "completed"])
              const repeats = ran.length - kind.once.length
              assert.deepStrictEqual([at, [...new Set(ran)].toSorted()], [at, kind.once.toSorted()])
              // What was done and not recorded is done again; what was recorded is not.
              assert.isAtMost(repeats, applied ? 0 : 1)
            }
          })
      )
    }
  })
}

describe("losing a reply", () => {
  rule("of a commit fails the run with what happened, and the commit counts", () =>
    Effect.gen(function*() {
      const { failNext } = yield* TestMemory.TestMemory
      const graph = Graph.make("g", overCount)
        .node("a", () => Effect.as(failNext(noReply, { applied: true }), { n: 1 }))
        .edge(Graph.START, "a")
        .build()
      const runner = yield* Runner.forGraph(graph)
      yield* failing("RedisConnectionError", runner.start("x", zero))
      assert.deepStrictEqual([(yield* runner.listCheckpoints("x")).length, yield* statusOf(runner, "x")], [
        2,
        "completed"
      ])
    }))

  for (const applied of [true, false]) {
    rule(
      `of an edit's commit, ${applied ? "" : "not "}applied, revives no execution that has failed`,
      () =>
        Effect.gen(function*() {
          const graph = Graph.make("g", overCount).node("a", () => Effect.fail("boom")).edge(Graph.START, "a").build()
          const runner = yield* Runner.forGraph(graph)
          yield* failing("boom", runner.start("x", zero))
          yield* failing("RedisConnectionError", runner.updateState("x", { n: 1 }))
          yield* TestClock.adjust("1 hour")
          assert.deepStrictEqual(yield* listed(runner), { x: "failed" })
        }).pipe(Effect.provide(
          // Start: claim, input, release; then the claim of the edit.
          Runner.layer().pipe(Layer.provide(CheckpointStore.layer()), Layer.provideMerge(losing(4, applied)))
        ))
    )
  }

  rule("of the release costs no result", () =>
    Effect.gen(function*() {
      const { failNext } = yield* TestMemory.TestMemory
      const graph = Graph.make("g", overCount).node("a", () => Effect.succeed({ n: 1 })).edge(Graph.START, "a").build()
      const runner = yield* Runner.forGraph(graph, { onStep: () => failNext(noReply) })
      assert.isTrue(Exit.isSuccess(yield* Effect.exit(runner.start("x", zero))))
    }))
})
