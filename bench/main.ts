/** What one save costs, beside bare ioredis with the same commands and with three that are not atomic. */
import { Effect, ParseResult, Schema } from "effect"
import { CheckpointProgram, CheckpointStore, KeyLayout, RedisLive, RedisProgram } from "effect-checkpoint"
import { Redis } from "ioredis"
import { bareCommands, median, pipelineOfThree, stateOf, timed } from "./baselines.js"

const url = new URL(process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379")
const rounds = 7
const width = 64

const State = Schema.Struct({ n: Schema.Number, text: Schema.String })

/** Microseconds a call of something synchronous. */
const each = (call: (i: number) => unknown): number => {
  const calls = 5_000
  const times = Array.from({ length: rounds }, () => {
    const started = performance.now()
    for (let i = 0; i < calls; i++) call(i)
    return (performance.now() - started) * 1000 / calls
  })
  return median(times)
}

const parts = (bytes: number) => {
  const encode = ParseResult.encodeSync(State)
  const layout = KeyLayout.make()
  const entry = { id: "a", executionId: "b", version: 1, payload: JSON.stringify(stateOf(1, bytes)), writeId: "c" }
  const state = stateOf(1, bytes)
  return {
    "Schema encodes the state": each(() => encode(state)),
    "JSON.stringify": each(() => JSON.stringify(state)),
    "program built and compiled": each(() => RedisProgram.compile(CheckpointProgram.save(layout, entry, { ttl: 1000 })))
  }
}

/** Microseconds of wall time for each contender, in interleaved rounds. */
const race = (bytes: number, count: number, bare: Redis) =>
  Effect.gen(function*() {
    const store = yield* CheckpointStore.forSchema(State)
    const save = (i: number) =>
      store.save(
        { id: `ours-${i}`, executionId: String(i % 100), nodeName: "bench", state: stateOf(i, bytes), version: i },
        { ttl: "100 seconds" }
      )
    const saves = Effect.forEach(Array.from({ length: count }, (_, i) => i), save, {
      concurrency: width,
      discard: true
    })
    const contenders = {
      "bare pipeline of three": Effect.promise(() => timed(count, width, pipelineOfThree(bare, bytes))),
      "bare, the store's commands": Effect.promise(() => timed(count, width, bareCommands(bare, bytes))),
      "store, tracing off": Effect.withTracerEnabled(saves, false),
      store: saves
    }
    // The server learns the script.
    yield* save(0)
    const times = new Map(Object.keys(contenders).map((name) => [name, new Array<number>()]))
    for (let round = 0; round < rounds; round++) {
      for (const [name, contender] of Object.entries(contenders)) {
        const started = performance.now()
        yield* contender
        times.get(name)?.push((performance.now() - started) * 1000 / count)
      }
    }
    return new Map([...times].map(([name, values]) => [name, median(values)]))
  })

const report = (bytes: number, count: number, bare: Redis) =>
  Effect.gen(function*() {
    const times = yield* race(bytes, count, bare)
    const base = times.get("bare pipeline of three") ?? NaN
    console.log(`\none save of ${bytes} bytes, ${width} at a time, median of ${rounds} rounds of ${count}`)
    for (const [name, micros] of times) {
      console.log(`  ${name.padEnd(28)} ${micros.toFixed(0).padStart(5)} us   throughput ${(base / micros).toFixed(2)}`)
    }
    for (const [part, micros] of Object.entries(parts(bytes))) {
      console.log(`    ${part.padEnd(28)} ${micros.toFixed(1).padStart(6)} us`)
    }
  })

const place = { host: url.hostname, port: Number(url.port) }
const bare = new Redis({ ...place, maxRetriesPerRequest: 0 })
const program = Effect.zipRight(report(1024, 5000, bare), report(100 * 1024, 500, bare))
await Effect.runPromise(program.pipe(Effect.provide(RedisLive.layer({ ...place, prefix: "bench:" }))))
bare.disconnect()
