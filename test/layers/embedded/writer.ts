/**
 * Writes to the folder it is given until it is killed: each program sets all
 * keys to the next number. Prints the numbers that were acknowledged.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as fs from "node:fs"
import * as EmbeddedLive from "../../../src/layers/EmbeddedLive.js"
import { Redis } from "../../../src/services/Redis.js"
import * as RedisProgram from "../../../src/services/RedisProgram.js"
import * as RedisReply from "../../../src/services/RedisReply.js"

const layer = EmbeddedLive.redis({ journalBytes: 30_000 }).pipe(
  Layer.provide(KeyValueStore.layerFileSystem(process.argv[2] ?? "")),
  Layer.provide(NodeContext.layer)
)

const set = (n: number) =>
  RedisProgram.all([
    ...["a", "b", "c"].map((key) => RedisProgram.command("SET", [key, `${n}`.padStart(2000, " ")], RedisReply.ignored)),
    RedisProgram.command("INCR", ["counter"], RedisReply.ignored),
    RedisProgram.command("ZADD", ["index", n, "member"], RedisReply.ignored)
  ])

await Effect.gen(function*() {
  const redis = yield* Redis
  const last = yield* redis.pipeline(RedisProgram.command("GET", ["counter"], RedisReply.nullable(RedisReply.string)))
  for (let n = Number(last ?? 0) + 1;; n++) {
    yield* redis.pipeline(set(n))
    fs.writeSync(1, `${n}\n`)
  }
}).pipe(Effect.provide(layer), Effect.runPromise)
