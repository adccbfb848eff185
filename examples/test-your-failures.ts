/** Your program under test: time, lost replies and refused commands on command, with no server. */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schema, TestClock, TestContext } from "effect"
import { CheckpointStore, Errors, TestMemory } from "effect-checkpoint"

const Job = Schema.Struct({ done: Schema.Int })

/** What is under test: it must not count a batch twice when a reply is lost. */
const finishBatch = (executionId: string) =>
  Effect.gen(function*() {
    const jobs = yield* CheckpointStore.forSchema(Job)
    const latest = yield* jobs.latest(executionId)
    const done = latest._tag === "Some" ? latest.value.state.done : 0
    const version = latest._tag === "Some" ? latest.value.version : 0
    return yield* jobs.append(executionId, { nodeName: "batch", state: { done: done + 1 }, after: { version } })
  })

const lostReply = new Errors.RedisConnectionError({ reason: "Closed", outcome: "Unknown", address: "memory" })

const test = Effect.gen(function*() {
  const memory = yield* TestMemory.TestMemory
  const jobs = yield* CheckpointStore.forSchema(Job)
  yield* finishBatch("job-1")

  // The save is applied, its reply is lost: the program fails, and a new run sees what was saved.
  const save = { id: "lost", executionId: "job-1", nodeName: "batch", state: { done: 2 }, version: 2 }
  yield* memory.failNext(lostReply, { applied: true })
  const error = yield* Effect.flip(jobs.save(save, { expectedVersion: 1 }))
  const next = yield* finishBatch("job-1")
  yield* Console.log(`${error._tag}, and the next batch is number ${next.state.done}`)

  yield* TestClock.adjust("2 hours")
  yield* Console.log(`after its time to live: ${yield* jobs.count("job-1")} checkpoints`)
  yield* Console.log(`round trips so far: ${(yield* memory.commands).length}`)
})

test.pipe(
  Effect.provide(Layer.merge(TestMemory.layer({ ttl: "1 hour" }), TestContext.TestContext)),
  NodeRuntime.runMain
)
