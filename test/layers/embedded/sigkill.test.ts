import { KeyValueStore } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Random } from "effect"
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import { tmpdir } from "node:os"
import * as path from "node:path"
import * as EmbeddedLive from "../../../src/layers/EmbeddedLive.js"
import { Redis } from "../../../src/services/Redis.js"
import * as RedisProgram from "../../../src/services/RedisProgram.js"
import { killOnExit } from "../../support/ChildProcesses.js"
import { send } from "./workload.js"

const directory = Effect.acquireRelease(
  Effect.sync(() => fs.mkdtempSync(path.join(tmpdir(), "effect-checkpoint-sigkill-"))),
  (dir) => Effect.sync(() => fs.rmSync(dir, { recursive: true, force: true }))
)

const writer = path.join(import.meta.dirname, "writer.ts")

/** Lets a writer run for a while after its first acknowledgement, kills it, and gives the last number it printed. */
const killedWriter = (dir: string, patience: number) =>
  Effect.async<number>((resume) => {
    const child = killOnExit(
      spawn(process.execPath, ["--import", "tsx", writer, dir], { stdio: ["ignore", "pipe", "inherit"] })
    )
    let printed = ""
    child.stdout.once("data", () => setTimeout(() => child.kill("SIGKILL"), patience))
    child.stdout.on("data", (chunk) => printed += chunk)
    child.once("close", () => {
      const complete = printed.split("\n").slice(0, -1)
      resume(Effect.succeed(Number(complete.at(-1) ?? 0)))
    })
  })

const read = RedisProgram.all([
  send("MGET", "a", "b", "c", "counter"),
  send("ZSCORE", "index", "member")
])

const folder = (dir: string) =>
  EmbeddedLive.redis().pipe(
    Layer.provide(KeyValueStore.layerFileSystem(dir)),
    Layer.provide(NodeContext.layer)
  )

const reopened = (dir: string) => Effect.provide(Effect.flatMap(Redis, (redis) => redis.pipeline(read)), folder(dir))

/** Five kills, or as many as fit in: a child takes seconds to start on a busy machine. */
const survives = Effect.gen(function*() {
  const dir = yield* directory
  const end = Date.now() + 30_000
  for (let kill = 1; kill <= 5 && Date.now() < end; kill++) {
    const acknowledged = yield* killedWriter(dir, yield* Random.nextIntBetween(0, 300))
    const [strings, score] = yield* reopened(dir)
    const numbers = new Set([...(strings as ReadonlyArray<string>), score].map(Number))
    assert.strictEqual(numbers.size, 1, `after kill ${kill}: ${[...numbers]}`)
    const [found] = numbers
    assert.include([acknowledged, acknowledged + 1], found, `after kill ${kill}`)
  }
})

describe("EmbeddedLive.redis in a process that is killed", () => {
  it.scopedLive(
    "loses nothing that it acknowledged, and holds no program in part",
    () => Effect.replicateEffect(survives, 3, { concurrency: "unbounded", discard: true }),
    180_000
  )
})
