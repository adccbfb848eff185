/** What the server says that it did. */
import { Effect } from "effect"
import type { Redis } from "ioredis"

/** Sums since the server started. */
export interface Counters {
  /** Microseconds of execution by command. */
  readonly micros: ReadonlyMap<string, number>
  /** Microseconds of its main thread, with what it takes to read requests and write replies. */
  readonly cpu: number
  readonly bytesIn: number
  readonly bytesOut: number
  /** Requests as they came from the sockets: what came together counts once. */
  readonly reads: number
}

const number = (info: string, field: string): number =>
  Number(new RegExp(`^${field}:([0-9.]+)`, "m").exec(info)?.[1] ?? NaN)

const parse = (info: string): Counters => ({
  micros: new Map(
    [...info.matchAll(/^cmdstat_([^:]+):calls=\d+,usec=(\d+)/gm)].map(([, name = "", usec]) => [name, Number(usec)])
  ),
  cpu: (number(info, "used_cpu_user_main_thread") + number(info, "used_cpu_sys_main_thread")) * 1e6,
  bytesIn: number(info, "total_net_input_bytes"),
  bytesOut: number(info, "total_net_output_bytes"),
  reads: number(info, "total_reads_processed")
})

export const counters = (redis: Redis): Effect.Effect<Counters> =>
  Effect.map(Effect.promise(() => redis.info("all")), parse)

/** What happened between two readings. */
export interface Work {
  readonly execution: number
  readonly cpu: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly reads: number
}

const scripts = ["evalsha", "eval"]

/**
 * Commands inside a script count twice: for themselves and within the script. With
 * scripts around, only those are taken that the library sends beside them.
 */
const executionOf = (before: Counters, after: Counters): number => {
  const spent = new Map(
    [...after.micros].map(([name, usec]) => [name, usec - (before.micros.get(name) ?? 0)] as const)
      .filter(([name, usec]) => usec > 0 && name !== "info")
  )
  const staged = spent.has("rename") ? ["set"] : []
  const sent = scripts.some((name) => spent.has(name)) ? [...scripts, "mget", ...staged] : [...spent.keys()]
  return sent.reduce((sum, name) => sum + (spent.get(name) ?? 0), 0)
}

export const workBetween = (before: Counters, after: Counters): Work => ({
  execution: executionOf(before, after),
  cpu: after.cpu - before.cpu,
  bytesIn: after.bytesIn - before.bytesIn,
  bytesOut: after.bytesOut - before.bytesOut,
  reads: after.reads - before.reads
})

/** What reading the counters adds to them. */
export const idle = (redis: Redis): Effect.Effect<Work> =>
  Effect.map(
    Effect.replicateEffect(Effect.zipWith(counters(redis), counters(redis), workBetween), 20),
    (all) => all.toSorted((a, b) => a.cpu - b.cpu)[all.length >> 1]!
  )

export const minus = (work: Work, other: Work): Work => ({
  execution: work.execution,
  cpu: Math.max(0, work.cpu - other.cpu),
  bytesIn: work.bytesIn - other.bytesIn,
  bytesOut: work.bytesOut - other.bytesOut,
  reads: work.reads - other.reads
})
