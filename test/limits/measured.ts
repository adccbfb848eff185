/** What a call asks of a server, counted by the server itself. */
import { Effect } from "effect"
import type * as Proxy from "../support/Proxy.js"
import type { RawRedis } from "../support/RawRedis.js"

export interface Measured<A> {
  readonly value: A
  readonly roundTrips: number
  /** Commands that the server ran, those inside of scripts too. */
  readonly calls: number
  /** Microseconds of the server, of each command that took long enough to be noted. */
  readonly micros: ReadonlyArray<number>
}

/** What the measuring itself sends. */
const ours = /^(config|slowlog|info)/

/** Microseconds. Most commands inside of a script take less: there would be a million of them. */
const notedFrom = 100

const callsIn = (stats: string): number =>
  [...stats.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)]
    .reduce((sum, [, name = "", calls]) => ours.test(name) ? sum : sum + Number(calls), 0)

type Entry = readonly [id: number, time: number, micros: number, args: ReadonlyArray<string>]

const microsIn = (entries: unknown): ReadonlyArray<number> =>
  (entries as ReadonlyArray<Entry>)
    .filter(([, , , [name = ""]]) => !ours.test(name.toLowerCase()))
    .map(([, , micros]) => micros)

const mostEntries = 10_000

/** Runs a call through a proxy while nobody else uses the server. */
export const measured = <A, E>(raw: RawRedis, proxy: Proxy.Proxy, call: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    yield* raw.send("CONFIG", "SET", "slowlog-log-slower-than", notedFrom)
    yield* raw.send("CONFIG", "SET", "slowlog-max-len", mostEntries)
    yield* raw.send("SLOWLOG", "RESET")
    yield* raw.send("CONFIG", "RESETSTAT")
    proxy.resetStats()
    const value = yield* call
    const { roundTrips } = proxy.stats()
    const calls = callsIn(String(yield* raw.send("INFO", "commandstats")))
    const micros = microsIn(yield* raw.send("SLOWLOG", "GET", mostEntries))
    return { value, roundTrips, calls, micros } satisfies Measured<A>
  })

export const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
