/** The server's own load generator on one connection: what no client can beat. */
import { Effect } from "effect"
import { execFile, spawnSync } from "node:child_process"
import type { Contender } from "../case.js"
import { url } from "../world.js"

const binary = process.env["REDIS_BENCHMARK_BIN"] ?? "redis-benchmark"

export const installed = spawnSync(binary, ["--version"]).status === 0

const largestPipeline = 256

const requestsPerSecond = (csv: string): number => {
  const last = csv.trim().split("\n").at(-1) ?? ""
  return Number(/^"(?:[^"]|"")*","([0-9.]+)"/.exec(last)?.[1] ?? NaN)
}

const ran = (args: ReadonlyArray<string>, input: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = execFile(
      binary,
      args,
      // It waits for ever for a server that is gone.
      { timeout: 60_000, killSignal: "SIGKILL" },
      (error, out) => error === null ? resolve(requestsPerSecond(out)) : reject(error)
    )
    // What it does not read any more is in the other error.
    child.stdin?.on("error", () => {})
    child.stdin?.end(input)
  })

/** The command with `__rand_int__` for a number, and `payload` behind it; so many bytes go there or come back. */
export const floor = (
  name: string,
  command: ReadonlyArray<string>,
  payload: string,
  bytes = payload.length
): Contender => {
  // It counts milliseconds: few requests would be over in one.
  const pipelines = Math.ceil(20_000_000 / Math.max(1_000, bytes) / largestPipeline)
  const count = Math.max(4, pipelines) * largestPipeline
  return {
    name: `redis-benchmark ${name}`,
    count,
    outside: true,
    run: (requests, fibers) => {
      const connection = ["-h", url.hostname, "-p", url.port, "-c", "1", "-P", String(fibers)]
      const args = [...connection, "-n", String(requests), "-r", "10000", "--csv", ...(payload === "" ? [] : ["-x"])]
      const once = Effect.tryPromise(() => ran([...args, ...command], payload))
      // Now and then it loses count of its connections at the end.
      return Effect.map(Effect.orDie(Effect.retry(once, { times: 3 })), (rate) => requests * 1000 / rate)
    }
  }
}
