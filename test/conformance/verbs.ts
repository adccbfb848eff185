/**
 * Calls of each verb, and what each may cost.
 */
import { Effect, Stream } from "effect"
import type * as CheckpointStore from "../../src/services/CheckpointStore.js"
import { input, range } from "./Bench.js"

type Store = CheckpointStore.Service

export interface Call {
  readonly name: string
  readonly roundTrips: number
  /** Names of commands and scripts, in order. */
  readonly commands: ReadonlyArray<string>
  /** What must be there, made anew before each measured call. */
  readonly prepare?: ((store: Store) => Effect.Effect<unknown, unknown>) | undefined
  readonly run: (store: Store) => Effect.Effect<unknown, unknown>
}

const times = (count: number, ...names: ReadonlyArray<string>): ReadonlyArray<string> =>
  range(count).flatMap(() => names)

const history = (length: number) => (store: Store) =>
  Effect.zipRight(store.clear("e"), store.saveAll(range(length).map((version) => input(`c${version}`, "e", version))))

const saveMany = (count: number) => (store: Store) =>
  store.saveAll(range(count).map((version) => input(`s${version}`, "e", version)))

const manyExecutions = (count: number) => (store: Store) =>
  store.saveAll(range(count).map((i) => input(`of${i}`, `e${i}`, 1)))

const ids = (count: number) => range(count).map((i) => `c${i}`)
const next = { nodeName: "n", state: 1 }
const large = "x".repeat(20_000)

export const calls: ReadonlyArray<Call> = [
  { name: "save", roundTrips: 1, commands: ["save"], run: (s) => s.save(input("a", "e", 1)) },
  {
    name: "save, 20 KiB",
    roundTrips: 1,
    commands: ["SET", "save"],
    run: (s) => s.save(input("a", "e", 1, { state: large }))
  },
  {
    name: "save, expectedVersion",
    roundTrips: 1,
    commands: ["save"],
    prepare: history(1),
    run: (s) => s.save(input("b", "e", 2), { expectedVersion: 1 })
  },
  {
    name: "save, all options",
    roundTrips: 1,
    commands: ["save"],
    prepare: history(50),
    run: (s) => s.save(input("b", "e", 51), { expectedVersion: 50, maxCheckpoints: 3, ttl: "1 hour" })
  },
  {
    name: "append",
    roundTrips: 2,
    commands: ["ZREVRANGE", "save"],
    prepare: history(3),
    run: (s) => s.append("e", next)
  },
  {
    name: "append, after",
    roundTrips: 1,
    commands: ["save"],
    prepare: history(3),
    run: (s) => s.append("e", { ...next, after: { version: 3 } })
  },
  { name: "saveAll of 100", roundTrips: 1, commands: times(100, "save"), run: saveMany(100) },
  { name: "saveAll of 250", roundTrips: 3, commands: times(250, "save"), run: saveMany(250) },
  { name: "load", roundTrips: 1, commands: ["GET"], prepare: history(1), run: (s) => s.load("c1") },
  {
    name: "loadAll of 500",
    roundTrips: 1,
    commands: ["MGET"],
    prepare: history(500),
    run: (s) => s.loadAll(ids(500))
  },
  {
    name: "loadAll of 1,200",
    roundTrips: 1,
    commands: times(3, "MGET"),
    prepare: history(1200),
    run: (s) => s.loadAll(ids(1200))
  },
  { name: "latest of 10", roundTrips: 1, commands: ["latest"], prepare: history(10), run: (s) => s.latest("e") },
  { name: "latest of 1,000", roundTrips: 1, commands: ["latest"], prepare: history(1000), run: (s) => s.latest("e") },
  { name: "list of none", roundTrips: 1, commands: ["ZRANGE"], run: (s) => s.list("none") },
  { name: "list of 10", roundTrips: 2, commands: ["ZRANGE", "MGET"], prepare: history(10), run: (s) => s.list("e") },
  {
    name: "list of 1,000",
    roundTrips: 2,
    commands: ["ZRANGE", "MGET", "MGET"],
    prepare: history(1000),
    run: (s) => s.list("e")
  },
  {
    name: "list, limit 5 of 1,000",
    roundTrips: 2,
    commands: ["ZREVRANGE", "MGET"],
    prepare: history(1000),
    run: (s) => s.list("e", { limit: 5, order: "desc" })
  },
  {
    name: "stream of 1,200: 3 pages",
    roundTrips: 6,
    commands: ["ZRANGE", "MGET", ...times(2, "page", "MGET")],
    prepare: history(1200),
    run: (s) => Stream.runDrain(s.stream("e"))
  },
  { name: "count of 1,000", roundTrips: 1, commands: ["count"], prepare: history(1000), run: (s) => s.count("e") },
  { name: "exists", roundTrips: 1, commands: ["EXISTS"], run: (s) => s.exists("c1") },
  {
    name: "executions, 150: 2 pages",
    roundTrips: 4,
    commands: ["ZREVRANGE", ...times(100, "alive"), "page", ...times(50, "alive")],
    prepare: (s) => Effect.zipRight(s.clear("e"), manyExecutions(150)(s)),
    run: (s) => Stream.runDrain(s.executions())
  },
  { name: "delete", roundTrips: 1, commands: ["delete"], prepare: history(1), run: (s) => s.delete("c1") },
  { name: "clear of 1,000", roundTrips: 1, commands: ["clear"], prepare: history(1_000), run: (s) => s.clear("e") },
  {
    name: "copy of 100",
    roundTrips: 4,
    commands: ["ZRANGE", "MGET", ...times(100, "save")],
    prepare: (s) => Effect.zipRight(s.clear("to"), history(100)(s)),
    run: (s) => s.copy("e", "to")
  },
  { name: "ping", roundTrips: 1, commands: ["PING"], run: (s) => s.ping }
]
