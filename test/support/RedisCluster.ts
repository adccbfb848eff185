/**
 * A Redis Cluster of its own on loopback: three masters, each with a replica, gone with the scope.
 */
import { Clock, Context, Data, Effect, Layer, Schedule } from "effect"
import type * as RawRedis from "./RawRedis.js"
import { RedisServer } from "./RedisServer.js"

export type Node = typeof RedisServer.Service

/** The nodes did not become a cluster in time. */
export class RedisClusterError extends Data.TaggedError("RedisClusterError")<{ readonly message: string }> {}

const last = 16_383

const config = [
  "cluster-enabled yes",
  "cluster-config-file nodes.conf",
  "cluster-node-timeout 2000",
  "cluster-replica-validity-factor 0",
  "repl-diskless-sync-delay 0"
]

/** One answers for its id; MEET makes the others known to the first. */
const idOf = (node: Node) => Effect.map(node.cli("CLUSTER", "MYID"), String)

const info = (node: Node) => Effect.map(node.cli("CLUSTER", "INFO"), String)

/** Waits, in real time, until a question has the answer that is wanted. */
const until = <E>(what: string, ask: Effect.Effect<boolean, E>) =>
  ask.pipe(
    Effect.repeat({ until: (yes) => yes, schedule: Schedule.spaced("50 millis") }),
    Effect.timeoutFail({ duration: "60 seconds", onTimeout: () => new RedisClusterError({ message: what }) }),
    Effect.withClock(Clock.make())
  )

const shares = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    from: Math.ceil((i * (last + 1)) / count),
    to: Math.ceil(((i + 1) * (last + 1)) / count) - 1
  }))

const form = (masters: ReadonlyArray<Node>, replicas: ReadonlyArray<Node>) =>
  Effect.gen(function*() {
    const all = [...masters, ...replicas]
    for (const [i, node] of all.entries()) yield* node.cli("CLUSTER", "SET-CONFIG-EPOCH", i + 1)
    for (const [i, { from, to }] of shares(masters.length).entries()) {
      const slots = Array.from({ length: to - from + 1 }, (_, n) => from + n)
      yield* masters[i]!.cli("CLUSTER", "ADDSLOTS", ...slots)
    }
    for (const node of all.slice(1)) yield* all[0]!.cli("CLUSTER", "MEET", "127.0.0.1", node.port)
    for (const node of all) {
      yield* until(
        "not all nodes know each other",
        Effect.map(info(node), (text) => text.includes(`cluster_known_nodes:${all.length}\r\n`))
      )
    }
    for (const [i, node] of replicas.entries()) yield* node.cli("CLUSTER", "REPLICATE", yield* idOf(masters[i]!))
    for (const node of all) {
      yield* until("a node has no cluster", Effect.map(info(node), (text) => text.includes("cluster_state:ok")))
    }
    for (const node of replicas) {
      yield* until(
        "a replica is not in step",
        Effect.map(node.cli("INFO", "replication"), (text) => String(text).includes("master_link_status:up"))
      )
    }
  })

/** Where a slot is, by the word of a node. */
const ownerOf = (nodes: ReadonlyArray<Node>, slot: number) =>
  Effect.map(nodes[0]!.cli("CLUSTER", "SLOTS"), (reply) => {
    const ranges = reply as ReadonlyArray<ReadonlyArray<RawRedis.Reply>>
    const range = ranges.find(([from, to]) => Number(from) <= slot && slot <= Number(to))
    const [, port] = (range?.[2] ?? []) as ReadonlyArray<RawRedis.Reply>
    return nodes.find((node) => node.port === Number(port))!
  })

const start = (count: number) =>
  Effect.all(Array.from({ length: count }, () => RedisServer.make({ config })), { concurrency: 3 })

export class RedisCluster extends Context.Tag("test/RedisCluster")<RedisCluster, {
  readonly masters: ReadonlyArray<Node>
  readonly replicas: ReadonlyArray<Node>
  /** `host:port` of every node. */
  readonly nodes: ReadonlyArray<string>
  readonly ownerOf: (slot: number) => Effect.Effect<Node, RawRedis.RawRedisError>
}>() {
  static readonly make = (options: { readonly replicas?: number } = {}) =>
    Effect.gen(function*() {
      const masters = yield* start(3)
      const replicas = yield* start(options.replicas ?? 3)
      yield* form(masters, replicas)
      const all = [...masters, ...replicas]
      return RedisCluster.of({
        masters,
        replicas,
        nodes: all.map(({ port }) => `127.0.0.1:${port}`),
        ownerOf: (slot) => ownerOf(masters, slot)
      })
    })

  static readonly layer = (options: { readonly replicas?: number } = {}) =>
    Layer.scoped(RedisCluster, RedisCluster.make(options))
}
