/** What was measured, for the tools that make something of it, and where. */
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { availableParallelism, cpus } from "node:os"

const folder = ".tmp/bench"

const redisVersion = (): string => {
  const shown = execFileSync(process.env["REDIS_SERVER_BIN"] ?? "redis-server", ["--version"], { encoding: "utf8" })
  return /v=(\S+)/.exec(shown)?.[1] ?? "unknown"
}

const ioredisVersion = (): string => JSON.parse(readFileSync("node_modules/ioredis/package.json", "utf8")).version

/** The line that has to stand beside any number. */
export const machine = (): string =>
  `${
    new Date().toISOString().slice(0, 10)
  }, Node ${process.versions.node}, ioredis ${ioredisVersion()}, redis-server ` +
  `${redisVersion()} on loopback, ${availableParallelism()} cores of ${
    cpus()[0]?.model.trim() ?? "an unknown processor"
  }`

export const writeResults = (name: string, results: object): Effect.Effect<void> =>
  Effect.sync(() => {
    mkdirSync(folder, { recursive: true })
    const text = JSON.stringify({ machine: machine(), command: process.argv.slice(2), ...results }, undefined, 2)
    writeFileSync(`${folder}/${name}.json`, `${text}\n`)
  })

export const readResults = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(`${folder}/${name}.json`, "utf8"))
