/** What one save costs, beside three pipelined commands on bare ioredis, and which part of it is whose. */
import { Effect, ParseResult, Schema } from "effect"
import { CheckpointProgram, CheckpointStore, KeyLayout, RedisLive, RedisProgram } from "effect-checkpoint"
import { Redis } from "ioredis"
import { median, pipelineOfThree, stateOf, timed } from "./baselines.js"

const url = new URL(process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379")
const rounds = 7
const width = 64

const State = Schema.Struct({ n: Schema.Number, text: Schema.String })

/** Microseconds a call of something synchronous. */
const each = (call: (i: number) => unknown): number => {
  const calls = 20_000
  const times = Array.from({ length: rounds }, () => {
    const started = performance.now()
    for (let i = 0; i < calls; i++) call(i)
    return (performance.now() - started) * 1000 / calls
  })
  return median(times)
}

const parts = (bytes: number, total: number) => {
  const encode = ParseResult.encodeSync(State)
  const layout = KeyLayout.make()
  const entry = { id: "a", executionId: "b", version: 1, payload: JSON.stringify(stateOf(1, bytes)), writeId: "c" }
  const state = stateOf(1, bytes)
  const rows = {
    "Schema: encode the state": each(() => encode(state)),
    "JSON.stringify": each(() => JSON.stringify(state)),
    "program: build and compile": each(() =>
      RedisProgram.compile(CheckpointProgram.save(layout, entry, { ttl: 1000 }))
    ),
    "Effect: ten steps in a fiber": each((i) => Effect.runSync(tenSteps(i)))
  }
  console.log(`\nparts of one save of ${bytes} bytes (${total.toFixed(0)} us of this process and the server)`)
  for (const [part, micros] of Object.entries(rows)) {
    console.log(
      `  ${part.padEnd(30)} ${micros.toFixed(1).padStart(6)} us ${(100 * micros / total).toFixed(0).padStart(3)} %`
    )
  }
}

const tenSteps = (i: number) => {
  let effect: Effect.Effect<number> = Effect.succeed(i)
  for (let step = 0; step < 10; step++) effect = Effect.map(effect, (n) => n + 1)
  return effect
}

const compare = (bytes: number, count: number, naive: Redis) =>
  Effect.gen(function*() {
    const store = yield* CheckpointStore.forSchema(State)
    const save = (i: number) =>
      store.save(
        { id: `ours-${i}`, executionId: String(i % 100), nodeName: "bench", state: stateOf(i, bytes), version: i },
        { ttl: "100 seconds" }
      )
    const runtime = yield* Effect.runtime<never>()
    const run = (i: number) => Effect.runPromise(Effect.provide(save(i), runtime))
    const silent = (i: number) => Effect.runPromise(Effect.provide(Effect.withTracerEnabled(save(i), false), runtime))
    const times: Record<string, Array<number>> = { naive: [], ours: [], silent: [] }
    for (let round = 0; round < rounds; round++) {
      times["naive"]?.push(yield* Effect.promise(() => timed(count, width, pipelineOfThree(naive, bytes))))
      times["ours"]?.push(yield* Effect.promise(() => timed(count, width, run)))
      times["silent"]?.push(yield* Effect.promise(() => timed(count, width, silent)))
    }
    const [base, ours, untraced] = ["naive", "ours", "silent"].map((name) => median(times[name] ?? []) * 1000 / count)
    console.log(
      `save of ${bytes} bytes, ${width} at a time: bare pipeline of three ${base?.toFixed(0)} us, ` +
        `store ${ours?.toFixed(0)} us (throughput ${((base ?? 0) / (ours ?? 1)).toFixed(2)} of it), ` +
        `without tracing ${untraced?.toFixed(0)} us (${((base ?? 0) / (untraced ?? 1)).toFixed(2)})`
    )
    parts(bytes, untraced ?? 0)
  })

const naive = new Redis({ host: url.hostname, port: Number(url.port), maxRetriesPerRequest: 0 })
const program = Effect.gen(function*() {
  yield* compare(1024, 5000, naive)
  yield* compare(100 * 1024, 500, naive)
})
const live = RedisLive.layer({ host: url.hostname, port: Number(url.port), prefix: "bench:" })
await Effect.runPromise(program.pipe(Effect.provide(live)))
naive.disconnect()
