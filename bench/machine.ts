/** The line that has to stand beside any number. */
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { availableParallelism, cpus, loadavg } from "node:os"

const redisVersion = (): string => {
  const shown = execFileSync(process.env["REDIS_SERVER_BIN"] ?? "redis-server", ["--version"], { encoding: "utf8" })
  return /v=(\S+)/.exec(shown)?.[1] ?? "unknown"
}

const ioredisVersion = (): string => JSON.parse(readFileSync("node_modules/ioredis/package.json", "utf8")).version

/** Date, Node and processor, with what else counts in between. */
export const machine = (...parts: ReadonlyArray<string>): string => {
  const date = new Date().toISOString().slice(0, 10)
  const cores = `${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? "an unknown kind"}`
  return [date, `Node ${process.versions.node}`, ...parts, cores].join(", ")
}

/** With a server. A load above the cores says not to believe times. */
export const machineWithServer = (): string => {
  const server = machine(`ioredis ${ioredisVersion()}`, `redis-server ${redisVersion()} on loopback`)
  return `${server}, load average ${loadavg()[1]?.toFixed(1)}`
}
