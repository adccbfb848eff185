/** What was measured, for the tools that make something of it, and where. */
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { availableParallelism, cpus, loadavg } from "node:os"
import type { BulkRow } from "./bulk/bulk.js"
import type { MemoryRow } from "./memory.js"
import type { Row } from "./race.js"

export interface Results {
  /** Date, versions and processor. */
  readonly machine: string
  readonly rows: ReadonlyArray<Row>
  readonly bulk: ReadonlyArray<BulkRow>
  readonly memory: ReadonlyArray<MemoryRow>
}

const folder = ".tmp/bench"

const redisVersion = (): string => {
  const shown = execFileSync(process.env["REDIS_SERVER_BIN"] ?? "redis-server", ["--version"], { encoding: "utf8" })
  return /v=(\S+)/.exec(shown)?.[1] ?? "unknown"
}

const ioredisVersion = (): string => JSON.parse(readFileSync("node_modules/ioredis/package.json", "utf8")).version

/** The line that has to stand beside any number; a load above the cores says not to believe times. */
export const machine = (): string =>
  `${
    new Date().toISOString().slice(0, 10)
  }, Node ${process.versions.node}, ioredis ${ioredisVersion()}, redis-server ` +
  `${redisVersion()} on loopback, ${availableParallelism()} cores of ${
    cpus()[0]?.model.trim() ?? "an unknown kind"
  }, ` +
  `load average ${loadavg()[1]?.toFixed(1)}`

export const writeResults = (name: string, results: object): Effect.Effect<void> =>
  Effect.sync(() => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(`${folder}/${name}.json`, `${JSON.stringify(results, undefined, 2)}\n`)
  })

export const readResults = (): Results => {
  try {
    return JSON.parse(readFileSync(`${folder}/results.json`, "utf8"))
  } catch (cause) {
    throw new Error("There are no results to compute from: run npm run bench first", { cause })
  }
}
