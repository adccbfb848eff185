/** Three sentinels, the master that they watch, and its two replicas, all real. */
import { Effect, Schedule } from "effect"
import { RedisServer, type RedisServerOptions } from "./RedisServer.js"

export type Server = typeof RedisServer.Service

export interface GroupOptions {
  /** Of the sentinels. */
  readonly sentinelPassword?: string | undefined
  /** Of the three servers. */
  readonly server?: RedisServerOptions | undefined
}

export const name = "orders"

const polled = <A, E, R>(effect: Effect.Effect<A, E, R>, until: (a: A) => boolean) =>
  effect.pipe(
    Effect.repeat({ until, schedule: Schedule.spaced("50 millis") }),
    Effect.timeout("40 seconds")
  )

const replicaOf = (master: Server, options: RedisServerOptions = {}) =>
  RedisServer.make({ ...options, config: [...options.config ?? [], `replicaof 127.0.0.1 ${master.port}`] })

const sentinelOf = (master: Server, { sentinelPassword, server }: GroupOptions) =>
  RedisServer.make({
    args: ["--sentinel"],
    requirepass: sentinelPassword,
    config: [
      `sentinel monitor ${name} 127.0.0.1 ${master.port} 2`,
      `sentinel down-after-milliseconds ${name} 2000`,
      `sentinel failover-timeout ${name} 3000`,
      ...(server?.requirepass === undefined ? [] : [`sentinel auth-pass ${name} ${server.requirepass}`]),
      ...(sentinelPassword === undefined ? [] : [`sentinel sentinel-pass ${sentinelPassword}`])
    ]
  })

const record = (flat: unknown): ReadonlyMap<string, string> => {
  const list = flat as ReadonlyArray<string>
  return new Map(list.flatMap((field, i) => i % 2 === 0 ? [[field, list[i + 1] ?? ""] as const] : []))
}

/** What a sentinel knows of the master: both replicas and both other sentinels, and that it is up. */
const isWhole = (sentinel: Server) =>
  Effect.map(sentinel.cli("SENTINEL", "MASTER", name), (reply) => {
    const known = record(reply)
    return known.get("num-slaves") === "2" && known.get("num-other-sentinels") === "2" &&
      known.get("flags") === "master"
  })

const isOnline = (master: Server) =>
  Effect.map(master.cli("INFO", "replication"), (info) => String(info).match(/state=online/g)?.length === 2)

/** They know each other, and both replicas have all that the master has. */
export const make = (options: GroupOptions = {}) =>
  Effect.gen(function*() {
    const master = yield* RedisServer.make({
      ...options.server,
      config: ["repl-diskless-sync-delay 0", ...options.server?.config ?? []]
    })
    const replicas = [yield* replicaOf(master, options.server), yield* replicaOf(master, options.server)]
    yield* polled(isOnline(master), (yes) => yes)
    const sentinels = yield* Effect.all([1, 2, 3].map(() => sentinelOf(master, options)))
    yield* Effect.forEach(sentinels, (sentinel) => polled(isWhole(sentinel), (yes) => yes))
    return { master, replicas, sentinels, addresses: sentinels.map(({ port }) => `127.0.0.1:${port}`) }
  })

/** Waits until a sentinel names another master than this, and gives that one. */
export const successor = (sentinel: Server, old: Server, candidates: ReadonlyArray<Server>) =>
  polled(
    Effect.map(
      sentinel.cli("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name),
      (reply) => Number((reply as ReadonlyArray<string>)[1])
    ),
    (port) => port !== old.port
  ).pipe(Effect.map((port) => candidates.find((server) => server.port === port)!))
