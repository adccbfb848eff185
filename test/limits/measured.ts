/** What a call asks of a server, counted by the server itself. */
import { Effect } from "effect"
import type * as Proxy from "../support/Proxy.js"
import type { RawRedis } from "../support/RawRedis.js"

export interface Measured<A> {
  readonly value: A
  readonly roundTrips: number
  /** Commands that the server ran, those inside of scripts too. */
  readonly calls: number
  /** Milliseconds on a processor; others on the machine do not count. */
  readonly cpu: number
  /** Milliseconds by the clock, of the command that took the longest. */
  readonly longest: number
}

/** What the measuring itself sends. */
const ours = /^(config|slowlog|info)/

/** Microseconds. Most commands inside of a script take less: there would be a million of them. */
const notedFrom = 100

const callsIn = (stats: string): number =>
  [...stats.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)]
    .reduce((sum, [, name = "", calls]) => ours.test(name) ? sum : sum + Number(calls), 0)

type Entry = readonly [id: number, time: number, micros: number, args: ReadonlyArray<string>]

const longestIn = (entries: unknown): number =>
  (entries as ReadonlyArray<Entry>)
    .filter(([, , , [name = ""]]) => !ours.test(name.toLowerCase()))
    .reduce((longest, [, , micros]) => Math.max(longest, micros / 1_000), 0)

const mostEntries = 10_000

const fields = ["used_cpu_user_main_thread", "used_cpu_sys_main_thread"]

const cpuOf = (raw: RawRedis) =>
  Effect.map(
    raw.send("INFO", "cpu"),
    (info) =>
      fields.reduce((sum, field) => sum + 1_000 * Number(new RegExp(`${field}:([\\d.]+)`).exec(String(info))?.[1]), 0)
  )

/** Runs a call through a proxy while nobody else uses the server. */
export const measured = <A, E>(raw: RawRedis, proxy: Proxy.Proxy, call: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    yield* raw.send("CONFIG", "SET", "slowlog-log-slower-than", notedFrom)
    yield* raw.send("CONFIG", "SET", "slowlog-max-len", mostEntries)
    yield* raw.send("SLOWLOG", "RESET")
    yield* raw.send("CONFIG", "RESETSTAT")
    proxy.resetStats()
    const before = yield* cpuOf(raw)
    const value = yield* call
    const cpu = (yield* cpuOf(raw)) - before
    const { roundTrips } = proxy.stats()
    const calls = callsIn(String(yield* raw.send("INFO", "commandstats")))
    const longest = longestIn(yield* raw.send("SLOWLOG", "GET", mostEntries))
    return { value, roundTrips, calls, longest, cpu } satisfies Measured<A>
  })
