/**
 * Programs that together send every command that the library has, and fail
 * when one of them is refused.
 */
import { Effect, Schema, Stream } from "effect"
import {
  CheckpointProgram,
  CheckpointStore,
  Execution,
  ExecutionProgram,
  Graph,
  KeyLayout,
  Redis,
  RedisProgram,
  RedisReply,
  Runner
} from "effect-checkpoint"

/** What the tours store: their states, metadata, results and answers are this text, or hold it. */
export interface Marked {
  readonly text: string
}

const input = (id: string, version: number, text: string) => ({
  id,
  executionId: "e",
  nodeName: "n",
  state: { text },
  metadata: { note: text },
  version
})

const long = (text: string) => text.repeat(Math.ceil(20_000 / text.length))

/** Every verb of a store, small and large, with and without a time to live. */
export const writing = ({ text }: Marked) =>
  Effect.gen(function*() {
    const store = yield* CheckpointStore.CheckpointStore
    yield* store.save(input("a", 1, text))
    yield* store.save(input("a", 1, text))
    yield* store.save(input("b", 2, long(text)), { ttl: "1 hour" })
    yield* store.save(input("c", 3, long(text)))
    yield* store.save(input("d", 4, text), { expectedVersion: 3, maxCheckpoints: 3 })
    yield* store.append("e", { nodeName: "n", state: { text } })
    yield* store.append("e", { nodeName: "n", state: { text }, after: { version: 5 } })
    yield* store.saveAll([input("f", 7, text), input("g", 8, long(text))])
    yield* store.copy("e", "copied")
  })

export const reading = Effect.gen(function*() {
  const store = yield* CheckpointStore.CheckpointStore
  yield* store.load("g")
  yield* store.loadAll(["f", "g"])
  yield* store.latest("e")
  yield* store.list("e", { after: { version: 4, id: "d" }, before: { version: 9, id: "z" } })
  yield* Stream.runDrain(store.stream("e", { order: "desc" }))
  yield* store.count("e")
  yield* store.exists("g")
  yield* Stream.runDrain(store.executions())
  yield* store.ping
})

export const removing = Effect.gen(function*() {
  const store = yield* CheckpointStore.CheckpointStore
  yield* store.delete("g")
  yield* store.clear("e")
  yield* store.clear("copied")
})

/** What has something to tidy up: an entry whose checkpoint has gone, the place of one that moves, the last one. */
const tidying = ({ text }: Marked) =>
  Effect.gen(function*() {
    const { delete: remove, layout, save, saveAll } = yield* CheckpointStore.CheckpointStore
    const redis = yield* Redis.Redis
    yield* saveAll([input("p", 1, text), input("q", 2, text)])
    yield* redis.pipeline(RedisProgram.command("UNLINK", [KeyLayout.checkpointKey(layout, "p")], RedisReply.ignored))
    yield* save(input("r", 3, text), { ttl: "1 hour" })
    yield* save({ ...input("q", 2, text), executionId: "elsewhere" })
    yield* save({ ...input("r", 3, text), executionId: "elsewhere" }, { ttl: "1 hour" })
    yield* remove("q")
    yield* remove("r")
  })

export const storeTour = (marked: Marked) =>
  Effect.all([tidying(marked), writing(marked), reading, removing], { discard: true })

/** Guards, copies and retention need the sorted set. */
export const setTour = ({ text }: Marked) =>
  Effect.gen(function*() {
    const store = yield* CheckpointStore.CheckpointStore
    const redis = yield* Redis.Redis
    yield* store.saveAll([input("f", 1, text), input("g", 2, long(text))])
    yield* reading
    yield* store.delete("g")
    yield* store.saveAll([input("h", 3, text), input("i", 4, text)])
    // As of more than 1,000.
    yield* redis.pipeline(CheckpointProgram.clear(store.layout, "e", 1))
    yield* store.clear("e")
  })

const State = Schema.Struct({ text: Schema.String })

/** Two branches at once, of which one records a step, sleeps and asks. */
const graphOf = (text: string) =>
  Graph.make("tour", { state: State })
    .node("ask", () =>
      Effect.gen(function*() {
        yield* Execution.step("recorded", Effect.succeed(text), Schema.String)
        yield* Execution.sleep("nap", "1 millis")
        return { text: yield* Execution.ask("really", { question: { text }, answer: Schema.String }) }
      }))
    .node("beside", () => Effect.succeed({}))
    .node("last", () => Effect.succeed({}), { interruptBefore: true })
    .edge(Graph.START, ["ask", "beside"])
    .edge("ask", "last")
    .edge("beside", "last")
    .build()

/** Every verb of a runner. */
export const runnerTour = ({ text }: Marked) =>
  Effect.gen(function*() {
    const { layout } = yield* CheckpointStore.CheckpointStore
    const redis = yield* Redis.Redis
    const runner = yield* Runner.forGraph(graphOf(text))
    yield* runner.start("e", { text })
    yield* Stream.runDrain(runner.unfinished)
    yield* runner.answer("e", { answer: text })
    yield* runner.getState("e")
    yield* redis.pipeline(ExecutionProgram.due(layout, "tour", 10))
    yield* Stream.runDrain(runner.events("e"))
    yield* runner.updateState("e", { text }, { asNode: "beside" })
    const saved = yield* runner.saveCheckpoint("e", { text })
    yield* runner.loadCheckpoint(saved.checkpointId)
    yield* Stream.runDrain(runner.history("e"))
    yield* runner.resumeFrom(saved.checkpointId, { into: "forked" })
    yield* runner.resume("forked", { answer: text })
    yield* Effect.forEach(["e", "forked"], (id) => runner.clearCheckpoints(id, { steal: true }))
  }).pipe(Effect.provide(Runner.layer()))
