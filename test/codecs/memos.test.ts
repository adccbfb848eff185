import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, Schedule, Schema } from "effect"
import { CheckpointStore, Errors, Execution, Graph, KeyLayout, Runner, StateCodec, TestMemory } from "effect-checkpoint"
import { inspect } from "node:util"
import {
  completed,
  current,
  idsOf,
  layout,
  noReply,
  notes,
  onMemory,
  send,
  statusOf,
  waitsFor
} from "../runner/Bench.js"
import { codecs, encrypted } from "./Codecs.js"
import { secret } from "./Stored.js"

const codec = StateCodec.json.pipe(encrypted)

const required = { store: { codec } }

const layouts = Object.entries({ "one server": required, "a cluster": { store: { codec, cluster: true } } })

const memos = (executionId: string) =>
  Effect.gen(function*() {
    const key = KeyLayout.memosKey(yield* layout, executionId)
    const flat = (yield* send("HGETALL", key)) as ReadonlyArray<string>
    const fields = flat.filter((_, i) => i % 2 === 0)
    return { key, fields: new Map(fields.map((field, i) => [field, flat[i * 2 + 1] ?? ""])) }
  })

const nowhere = Effect.gen(function*() {
  const { snapshot } = yield* TestMemory.TestMemory
  const all = inspect(yield* snapshot, { depth: 9, maxArrayLength: null, maxStringLength: null })
  for (const form of ["utf8", "base64", "hex"] as const) {
    assert.notInclude(all, Buffer.from(secret).toString(form).slice(0, 16))
  }
})

const State = Schema.Struct({ texts: Schema.Array(Schema.String) })

type Texts = typeof State.Type["texts"]

const work = (name: string) => Execution.step(name, Effect.succeed(secret), Schema.String)

const graph = Graph.make("secrets", {
  state: State,
  reducers: { texts: (a: Texts, b: Texts) => [...a, ...b] }
})
  .node("done", () => Effect.map(work("a"), (text) => ({ texts: [text] })))
  .node("asks", () =>
    Effect.gen(function*() {
      const text = yield* work("b")
      const answer = yield* Execution.ask("ok", { question: { secret }, answer: Schema.Tuple(Schema.String) })
      return { texts: [text, ...answer] }
    }))
  .edge(Graph.START, ["done", "asks"])
  .build()

type Note = (what: string) => Effect.Effect<void>

/** One branch is done; the other has a step before its question and one behind it. */
const waiting = (note: Note) => {
  const noted = (name: string) => Execution.step(name, Effect.as(note(name), name), Schema.String)
  return Graph.make("waiting", {
    state: State,
    reducers: { texts: (a: Texts, b: Texts) => [...a, ...b] }
  })
    .node("done", () => Effect.map(noted("done"), (text) => ({ texts: [text] })))
    .node("asks", () =>
      Effect.gen(function*() {
        const text = yield* noted("b")
        const answer = yield* Execution.ask("ok", { question: { secret }, answer: Schema.Tuple(Schema.String) })
        return { texts: [text, ...answer, yield* noted("late")] }
      }))
    .edge(Graph.START, ["done", "asks"])
    .build()
}

/** Fails behind each of its steps, once. */
const failsOnce = (note: Note) => {
  const failed = new Set<string>()
  const step = (name: string) =>
    Effect.tap(Execution.step(name, Effect.as(note(name), name), Schema.String), () => {
      if (failed.has(name)) return Effect.void
      failed.add(name)
      return Effect.fail("broken" as const)
    })
  return Graph.make("fails", {
    state: State,
    reducers: { texts: (a: Texts, b: Texts) => [...a, ...b] }
  })
    .node("one", () => Effect.map(Effect.all([step("a"), step("b")]), (texts) => ({ texts })))
    .edge(Graph.START, "one")
    .build()
}

/** Two steps, and a failure behind them unless told otherwise. */
const twoSteps = (fails: boolean) =>
  Runner.run(
    Effect.gen(function*() {
      const a = yield* work("a")
      const b = yield* Execution.step("b", Effect.succeed("b"), Schema.String)
      return fails ? yield* Effect.fail("broken" as const) : [a, b]
    }),
    { executionId: "x", name: "p", success: Schema.Array(Schema.String) }
  )

const refused = <A, E, R>(run: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const exit = yield* Effect.exit(run)
    const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
    assert.instanceOf(error, Errors.CheckpointDecodeError, String(exit))
    assert.notInclude(inspect(error, { depth: 9 }) + JSON.stringify(error), secret)
    assert.strictEqual(error.key, (yield* memos("x")).key)
    return error.issue
  })

describe("what a runner records, encrypted", () => {
  for (const [where, options] of layouts) {
    onMemory(
      `results, questions, refused answers and patches are nowhere in Redis, with keys for ${where}`,
      () =>
        Effect.gen(function*() {
          const runner = yield* Runner.forGraph(graph)
          assert.deepStrictEqual(waitsFor(yield* runner.start("x", { texts: [secret] })), ["ask:asks:ok"])
          const { fields } = yield* memos("x")
          const kinds = Array.from(fields.keys(), (field) => field.split("\"")[1])
          assert.deepStrictEqual(kinds.toSorted(), ["ask", "node", "step", "step"])
          yield* nowhere
          assert.deepStrictEqual(waitsFor(yield* runner.resume("x", { answer: secret })), ["ask:asks:ok"])
          yield* nowhere
          yield* runner.answer("x", { answer: [secret] })
          yield* nowhere
          const { texts } = completed(yield* runner.resume("x"))
          assert.deepStrictEqual(texts, [secret, secret, secret, secret])
          yield* nowhere
        }),
      options
    )

    onMemory(`an edit leaves it as it is, and readable, with keys for ${where}`, () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const runner = yield* Runner.forGraph(waiting(note))
        const asked = idsOf(yield* runner.start("x", { texts: [] }))
        const { fields } = yield* memos("x")
        yield* runner.updateState("x", { texts: [secret] })
        assert.deepStrictEqual((yield* memos("x")).fields, fields)
        const { requests, status } = yield* current(runner, "x")
        assert.deepStrictEqual([status, requests.map(({ id }) => id)], ["waiting", asked])
        assert.deepStrictEqual(requests[0]?.payload, { secret })
        yield* runner.answer("x", { answer: [secret] })
        yield* runner.updateState("x", { texts: ["edit"] })
        assert.deepStrictEqual([(yield* memos("x")).fields.size, yield* statusOf(runner, "x")], [5, "ready"])
        yield* nowhere
        const { texts } = completed(yield* runner.resume("x"))
        assert.deepStrictEqual(texts, [secret, "edit", "done", "b", secret, "late"])
        assert.deepStrictEqual(ran, ["done", "b", "late"])
        yield* nowhere
      }), options)

    onMemory(`results behind an edit are under the same visit, with keys for ${where}`, () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const runner = yield* Runner.forGraph(failsOnce(note))
        yield* Effect.exit(runner.start("x", { texts: [] }))
        yield* runner.updateState("x", { texts: ["edit"] })
        yield* Effect.exit(runner.resume("x"))
        const { fields } = yield* memos("x")
        assert.deepStrictEqual(Array.from(fields.keys(), (field) => field.split(":")[0]), ["1", "1"])
        yield* nowhere
        assert.deepStrictEqual(completed(yield* runner.resume("x")).texts, ["edit", "a", "b"])
        assert.deepStrictEqual(ran, ["a", "b"])
      }), options)
  }

  onMemory(
    "a result that was recorded under a lost reply is read back, whatever bytes it is by then",
    () =>
      Effect.gen(function*() {
        const { failNext } = yield* TestMemory.TestMemory
        let runs = 0
        const lost = Effect.suspend(() => {
          runs++
          return Effect.as(failNext(noReply, { applied: true }), secret)
        })
        const one = Graph.make("lost", { state: State, reducers: {} })
          .node("one", () => Effect.map(Execution.step("a", lost, Schema.String), (text) => ({ texts: [text] })), {
            retry: Schedule.recurs(3)
          })
          .edge(Graph.START, "one")
          .build()
        const runner = yield* Runner.forGraph(one)
        assert.deepStrictEqual(completed(yield* runner.start("x", { texts: [] })).texts, [secret])
        assert.strictEqual(runs, 1)
      }),
    required
  )

  onMemory("is refused in the place of another step, and is right again in its own", () =>
    Effect.gen(function*() {
      yield* Effect.flip(twoSteps(true))
      const { fields, key } = yield* memos("x")
      const [[a, inA] = ["", ""], [b, inB] = ["", ""]] = [...fields]
      yield* send("HSET", key, a, inB, b, inA)
      assert.include(yield* refused(twoSteps(false)), "does not decrypt")
      yield* send("HSET", key, a, inA, b, inB)
      assert.deepStrictEqual(completed(yield* twoSteps(false)), [secret, "b"])
    }), required)

  onMemory(
    "is refused where somebody planted it in the clear, which clearing does not mind",
    () =>
      Effect.gen(function*() {
        yield* Effect.flip(twoSteps(true))
        const { fields, key } = yield* memos("x")
        const [a = ""] = fields.keys()
        yield* send("HSET", key, a, `+"${secret}"`)
        assert.include(yield* refused(twoSteps(false)), "is not encrypted")
        const runner = yield* Runner.forGraph(graph)
        assert.include(String(yield* Effect.flip(runner.clearCheckpoints("x"))), "GraphMismatch")
      }),
    required
  )

  onMemory("damaged, does not keep an execution from being cleared", () =>
    Effect.gen(function*() {
      const runner = yield* Runner.forGraph(graph)
      yield* runner.start("x", { texts: [] })
      const { fields, key } = yield* memos("x")
      for (const field of fields.keys()) yield* send("HSET", key, field, "{\"~codec\":")
      assert.include(yield* refused(runner.resume("x")), "is not JSON")
      assert.include(yield* refused(runner.getState("x")), "is not JSON")
      assert.strictEqual(yield* runner.clearCheckpoints("x"), 1)
    }), required)
})

describe("what a runner recorded before its layer had another codec", () => {
  const all = StateCodec.alsoReading(...Object.values(codecs))
  const pairs = Object.entries(codecs).flatMap(([before, from]) =>
    Object.entries(codecs).map(([after, to]) => ({ before, from, after, to }))
  )
  it.effect.each(pairs)("$before goes on with $after", ({ from, to }) =>
    Effect.gen(function*() {
      let runs = 0
      const counted = Effect.sync(() => `${secret} ${++runs}`)
      const program = (fails: boolean) =>
        Effect.gen(function*() {
          const text = yield* Execution.step("a", counted, Schema.String)
          return fails ? yield* Effect.fail("broken" as const) : text
        })
      const run = (fails: boolean, codec: StateCodec.StateCodec) =>
        Runner.run(program(fails), { executionId: "x", name: "p", success: Schema.String }).pipe(
          Effect.provide(Runner.layer().pipe(Layer.provideMerge(CheckpointStore.layer({ codec }))))
        )
      yield* Effect.flip(run(true, from))
      // Encryption is required no more: only then is what lies there in the clear read.
      const outcome = yield* run(false, { ...to.pipe(all), required: false })
      assert.strictEqual(completed(outcome), `${secret} 1`)
    }).pipe(Effect.provide(TestMemory.redis())))
})

describe("an answer that looks coded", () => {
  for (const [name, codec] of Object.entries({ default: undefined, ...codecs })) {
    onMemory(`is the user's own with ${name}`, () =>
      Effect.gen(function*() {
        const forged = { "~codec": "json", data: "\"other\"" }
        const asked = { executionId: "x", name: "p", success: Schema.Unknown } as const
        const ask = Execution.ask("ok", { question: forged, answer: Schema.Unknown })
        const outcome = yield* Runner.run(ask, asked)
        assert.deepStrictEqual(outcome._tag === "Interrupted" && outcome.requests[0]?.payload, forged)
        assert.deepStrictEqual(completed(yield* Runner.run(ask, { ...asked, answer: forged })), forged)
      }), { store: { codec } })
  }
})
