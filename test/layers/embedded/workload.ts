/** Programs that change several keys each, with what they must leave behind. */
import { Clock, Effect, TestClock } from "effect"
import * as journal from "../../../src/internal/journal.js"
import type { Store } from "../../../src/internal/journalStore.js"
import type { Line } from "../../../src/internal/keyspace/dump.js"
import { Keyspace } from "../../../src/internal/keyspace/Keyspace.js"
import * as memoryRedis from "../../../src/internal/memoryRedis.js"
import { Redis } from "../../../src/services/Redis.js"
import * as RedisProgram from "../../../src/services/RedisProgram.js"
import * as RedisReply from "../../../src/services/RedisReply.js"
import * as RedisScript from "../../../src/services/RedisScript.js"

export const send = (name: string, ...args: ReadonlyArray<RedisProgram.Argument>) =>
  RedisProgram.command(name, args, RedisReply.raw)

export const pipeline = <A, E>(program: RedisProgram.RedisProgram<A, E>) =>
  Effect.flatMap(Redis, (redis) => redis.pipeline(program))

const script = RedisScript.make({
  name: "stamp",
  lua: "",
  model: (redis, [key = ""]) => {
    const [seconds] = redis.call("TIME") as ReadonlyArray<string>
    redis.call("HSET", key, "at", seconds ?? "")
    return redis.call("HINCRBY", key, "times", 1)
  }
})

const program = (i: number) =>
  RedisProgram.all([
    send("SET", "counter", i),
    send("ZADD", "index", i, `checkpoint:${i}`, i * 2, "moving"),
    send("SET", `volatile:${i % 3}`, "grüße\u0000\ufeff", "PX", 250),
    RedisProgram.script(script, ["stamps"], [], RedisReply.raw),
    send("RPUSH", "list", `${i}`),
    send("LTRIM", "list", -3, -1),
    send("GET", `volatile:${(i + 1) % 3}`)
  ])

export const programs = Array.from({ length: 9 }, (_, i) => program(i))

const step = TestClock.adjust("100 millis")

/** Runs programs until one fails; gives the number of those that succeeded. */
export const runAll = Effect.gen(function*() {
  let acknowledged = 0
  for (const each of programs) {
    yield* step
    if ((yield* Effect.exit(pipeline(each)))._tag === "Failure") break
    acknowledged++
  }
  return acknowledged
})

/** What a keyspace holds at `now` after the first `count` programs, which began at `start`. */
export const expected = (start: number, count: number, now: number): ReadonlyArray<Line> => {
  const keyspace = new Keyspace()
  for (const [i, each] of programs.slice(0, count).entries()) {
    memoryRedis.run(keyspace, start + (i + 1) * 100, RedisProgram.compile(each).commands)
  }
  return [...keyspace.dump(now)]
}

/** What the next process would find in a store, read without changing it. */
export const contents = (store: Store) =>
  Effect.gen(function*() {
    const keyspace = new Keyspace()
    yield* journal.load({ ...store, remove: () => Effect.void }, ({ lines, now }) => {
      for (const [name, ...args] of lines) keyspace.execute(now, name, args)
    })
    return [...keyspace.dump(yield* Clock.currentTimeMillis)]
  })
