/** Where executions live: a private server, a connection beside the library, the bundled child, a directory for logs. */
import { Effect } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { RedisServer, type RedisServerOptions } from "../../support/RedisServer.js"
import { bundled } from "../bundle.js"
import type { Job, WorkName } from "./job.js"

/** Executions a scenario. */
export const runs = (otherwise: number): number => Number(process.env["CRASH_RUNS"] ?? otherwise)

/** Fixed, so that every run draws the same; printed. */
export const seedOf = (scenario: string): number => {
  const seed = Number(process.env["SEED"] ?? 20_261_123)
  console.log(`${scenario}: SEED=${seed}`)
  return seed
}

export const size: Record<WorkName, number> = { graph: 100, program: 100, "fan-out": 15, nap: 400, nested: 20 }

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-checkpoint-crash-"))),
  (dir) => Effect.sync(() => rmSync(dir, { recursive: true, force: true }))
)

let clients = 0

export const open = (options: RedisServerOptions = {}) =>
  Effect.gen(function*() {
    const server = yield* RedisServer.make(options)
    const bundle = yield* bundled(new URL("./child.ts", import.meta.url))
    const dir = yield* directory
    const raw = yield* server.connect
    const job = (executionId: string, work: WorkName, more: Partial<Job> = {}): Job => ({
      port: server.port,
      client: `c${clients++}`,
      executionId,
      work,
      size: size[work],
      log: join(dir, `${executionId}.log`),
      pause: 1,
      behind: 1,
      lease: 250,
      patient: true,
      ...more
    })
    return { server, raw, bundle, job }
  })

export type Place = Effect.Effect.Success<ReturnType<typeof open>>
