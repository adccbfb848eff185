/** What our own side refuses, and what is stored in another way than it is read. */
import { Effect, Option, Schema, Stream } from "effect"
import { CheckpointStore, Execution, Graph, Recovery, Runner } from "effect-checkpoint"
import { payload } from "./marks.js"
import type { Scenario } from "./refusing.js"

const Text = Schema.Struct({ text: Schema.String })
const Numbered = Schema.Struct({ text: Schema.Number })

const checkpoint = (state: unknown, rest: object = {}) => ({
  id: "a",
  executionId: "e",
  nodeName: "n",
  state: state as never,
  version: 1,
  ...rest
})

const store = CheckpointStore.CheckpointStore

const cyclic: { text: string; self?: unknown } = { text: payload }
cyclic.self = cyclic

const unencodable = [{ text: payload, n: 1n }, cyclic, { [payload.slice(0, 3)]: NaN, text: payload }, [
  payload,
  undefined
], new Date(payload)]

const encoding: Scenario = {
  name: "states and options that cannot be stored",
  failures: ["CheckpointEncodeError"],
  options: () => Effect.succeed({ maxBytes: 100_000 }),
  programs: [
    ...unencodable.map((state) => Effect.flatMap(store, (store) => store.save(checkpoint(state)))),
    Effect.flatMap(CheckpointStore.forSchema(Numbered), (store) => store.save(checkpoint({ text: payload }))),
    Effect.flatMap(
      CheckpointStore.forSchema(Text),
      (store) => store.save(checkpoint({ text: payload, excess: payload }))
    ),
    Effect.flatMap(store, (store) => store.save(checkpoint(payload.repeat(10_000)))),
    Effect.flatMap(store, (store) => store.save(checkpoint(payload), { ttl: -1 })),
    Effect.flatMap(store, (store) => store.save(checkpoint(payload, { metadata: { write_id: payload } }))),
    Effect.flatMap(store, (store) => store.append("e", { nodeName: "n", state: payload, metadata: { n: 1n as never } }))
  ]
}

const reads = Effect.map(
  CheckpointStore.forSchema(Numbered),
  (store): ReadonlyArray<Effect.Effect<unknown, unknown>> => [
    store.load("a"),
    store.latest("e"),
    store.list("e"),
    Stream.runDrain(store.stream("e")),
    store.loadAll(["a"]),
    store.list("e", { onDecodeError: "skip" }),
    store.copy("e", "f")
  ]
)

const readEach = Effect.gen(function*() {
  for (const read of yield* reads) yield* Effect.either(read)
  for (const read of yield* reads) yield* read
})

const forged = [
  payload,
  JSON.stringify(payload),
  JSON.stringify({ id: payload, state: payload }),
  JSON.stringify({ id: "a", node_name: payload, state: 1, metadata: payload, timestamp: payload, version: payload })
]

const decoding = [
  { name: "states of another shape", value: undefined },
  ...forged.map((value, i) => ({ name: `forged checkpoint ${i}`, value }))
].map(({ name, value }): Scenario => ({
  name,
  failures: ["CheckpointDecodeError"],
  prepare: (server) =>
    Effect.gen(function*() {
      if (value !== undefined) {
        yield* server.cli("SET", "shop:checkpoint:a", value)
        yield* server.cli("ZADD", "shop:execution:e:checkpoints", 1, "a")
      }
    }),
  programs: [
    ...(value === undefined ? [Effect.flatMap(store, (store) => store.save(checkpoint({ text: payload })))] : []),
    readEach
  ]
}))

const conflicting: Scenario = {
  name: "a compare-and-set that loses",
  failures: ["CheckpointConflict"],
  programs: [Effect.flatMap(store, (store) => store.save(checkpoint(payload, { version: 9 }), { expectedVersion: 7 }))]
}

class Declined extends Schema.TaggedError<Declined>()("Declined", { text: Schema.String }) {}

const asking = (answer: Schema.Schema<string> | Schema.Schema<number>, result: Schema.Schema<never, never>) =>
  Graph.make("asking", { state: Text })
    .node("ask", () =>
      Effect.gen(function*() {
        yield* Effect.asVoid(Execution.step("recorded", Effect.succeed(payload as never), result))
        const given = yield* Execution.ask("text", { question: { payload }, answer: answer as Schema.Schema<string> })
        return { text: given }
      }))
    .edge(Graph.START, "ask")
    .build()

// Stored as one schema has it, and read as another.
const text = Schema.String as unknown as Schema.Schema<never, never>
const number = Schema.Number as unknown as Schema.Schema<never, never>

const running = Effect.gen(function*() {
  const runner = yield* Runner.forGraph(asking(Schema.String, text))
  const strict = yield* Runner.forGraph(asking(Schema.Number, number))
  const wrong = yield* Runner.forGraph(asking(Schema.String, number))
  yield* runner.start("e", { text: payload })
  yield* Effect.forEach(
    [
      runner.start("e", { text: `${payload} again` }),
      runner.start("f", { text: 1 as never }),
      strict.answer("e", { answer: payload }),
      wrong.resume("e"),
      strict.resume("e", { answer: payload }),
      runner.answer("e", { answer: { payload } }),
      runner.resume("e", { answer: payload, request: "other" }),
      runner.updateState("e", { text: 1 as never }),
      runner.updateState("none", { text: payload }),
      runner.resume("none")
    ],
    (effect) => Effect.either(Effect.withSpan(Effect.asVoid(effect as Effect.Effect<unknown, unknown>), "tried")),
    {
      discard: true
    }
  )
  yield* wrong.resume("e")
}).pipe(Effect.provide(Runner.layer()))

/** A node's own error is the program's: it stands in its span and, at level Debug, where its fiber ends. */
const recovering = Effect.gen(function*() {
  const graph = Graph.make("failing", { state: Text })
    .node("fail", () => new Declined({ text: payload }))
    .edge(Graph.START, "fail")
    .build()
  const runner = yield* Runner.forGraph(graph, { leaseTtl: "50 millis" })
  yield* Effect.either(runner.start("e", { text: payload }))
  yield* Effect.timeoutOption(Recovery.daemon(runner, { interval: "20 millis" }), "300 millis")
  return yield* runner.resume("none")
}).pipe(
  Effect.provide(Runner.layer()),
  Effect.withTracerEnabled(false),
  Effect.withUnhandledErrorLogLevel(Option.none())
)

export const damaged: ReadonlyArray<Scenario> = [
  encoding,
  ...decoding,
  conflicting,
  { name: "a runner's refusals", failures: ["StepCodecError"], programs: [running] },
  { name: "a node that fails", failures: ["ExecutionNotFound"], programs: [recovering] },
  {
    name: "expirations of a server that does not publish them",
    failures: ["RedisCommandError NOTIFY"],
    programs: [Effect.flatMap(store, (store) => Stream.runDrain(store.expirations))]
  }
]
