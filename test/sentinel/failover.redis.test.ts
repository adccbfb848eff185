/** A master that is replaced under load: typed errors, and no acknowledged write is lost without a word. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Fiber, Layer, Logger, Schedule } from "effect"
import { CheckpointStore, RedisLive } from "effect-checkpoint"
import * as Sentinels from "../support/Sentinels.js"
import { notesOf, write } from "./writer.js"

const patience = Schedule.spaced("50 millis").pipe(Schedule.upTo("45 seconds"))

const open = (sentinels: ReadonlyArray<string>, options: Partial<RedisLive.SentinelStoreOptions> = {}) =>
  Layer.build(RedisLive.layerSentinel({ sentinels, name: Sentinels.name, prefix: "f:", retry: patience, ...options }))
    .pipe(Effect.map(Context.get(CheckpointStore.CheckpointStore)))

const silent = Effect.provide(Logger.remove(Logger.defaultLogger))

type Group = Effect.Effect.Success<ReturnType<typeof Sentinels.make>>

const kill = ({ master }: Group) => master.kill()

const command = ({ sentinels: [first] }: Group) => first!.cli("SENTINEL", "FAILOVER", Sentinels.name)

const grown = (counts: () => ReadonlyArray<number>, least: number) =>
  Effect.sleep("20 millis").pipe(
    Effect.repeat({ until: () => counts().every((count) => count >= least) }),
    Effect.timeout("40 seconds")
  )

interface Failover {
  readonly name: string
  readonly failOver: (group: Group) => Effect.Effect<unknown, unknown>
  /** Of the servers. */
  readonly config?: ReadonlyArray<string>
  readonly durability?: CheckpointStore.Durability
}

/** Writers that retry by the layer, and writers that are told everything, before, during and after a failover. */
const loaded = (group: Group, { durability = "memory", failOver }: Failover) =>
  Effect.gen(function*() {
    const patient = yield* open(group.addresses, { durability })
    const told = yield* open(group.addresses, { durability, retry: Schedule.stop, timeout: "2 seconds" })
    const notes = ["p1", "p2", "p3", "t1", "t2", "t3"].map(notesOf)
    const storeOf = (id: string) => id.startsWith("p") ? patient : told
    const acknowledged = () => notes.map((note) => note.acknowledged)
    const writers = yield* Effect.fork(
      Effect.all(notes.map((note) => write(storeOf(note.executionId), note)), { concurrency: "unbounded" })
    )
    yield* grown(acknowledged, 20)
    yield* failOver(group)
    yield* Sentinels.successor(group.sentinels[1]!, group.master, group.replicas)
    const before = acknowledged()
    // Where nothing counts before two replicas have it, nothing counts while one is gone.
    if (durability === "memory") yield* grown(() => acknowledged().map((count, i) => count - before[i]!), 20)
    yield* Fiber.interrupt(writers)
    const stored = yield* Effect.forEach(notes, ({ executionId }) =>
      Effect.map(patient.list(executionId), (all) => new Set(all.map(({ version }) => version))))
    return { notes, stored }
  })

const cases: ReadonlyArray<Failover> = [
  { name: "kill -9 of the master", failOver: kill },
  { name: "SENTINEL FAILOVER", failOver: command },
  { name: "SENTINEL FAILOVER, min-replicas-to-write 1 of 2", failOver: command, config: ["min-replicas-to-write 1"] },
  { name: "SENTINEL FAILOVER, min-replicas-to-write 2 of 2", failOver: command, config: ["min-replicas-to-write 2"] },
  {
    name: "SENTINEL FAILOVER, durability of 2 of 2 replicas",
    failOver: command,
    durability: { to: "replicas", replicas: 2, timeout: "100 millis" }
  }
]

type Loaded = Effect.Effect.Success<ReturnType<typeof loaded>>

/** Every acknowledged version is there, or was reported as lost; every other conflict is explained. */
const nothingUntold = ({ notes, stored }: Loaded) => {
  for (const [i, { executionId, held, unexplained }] of notes.entries()) {
    assert.deepStrictEqual(unexplained, [], executionId)
    const missing = [...held].filter((version) => !stored[i]!.has(version))
    assert.deepStrictEqual(missing, [], `acknowledged, not there and not reported: ${executionId}`)
  }
}

describe("a failover under load", () => {
  for (const failover of cases) {
    it.scopedLive(`${failover.name}: errors are typed and say if a retry helps, losses are reported as such`, () =>
      Effect.gen(function*() {
        const group = yield* Sentinels.make({ server: { config: failover.config } })
        const outcome = yield* loaded(group, failover)
        nothingUntold(outcome)
        const errors = outcome.notes.flatMap((note) => note.errors)
        for (const error of errors) {
          assert.strictEqual(error.retryable, !kindOf(error).includes("NOTDURABLE"), String(error))
        }
        const sum = (count: (note: typeof outcome.notes[number]) => number) =>
          outcome.notes.reduce((all, note) => all + count(note), 0)
        const lost = sum((note) => note.lost)
        if (failover.durability !== undefined) assert.strictEqual(lost, 0)
        console.log(
          `${failover.name}: ${sum((note) => note.acknowledged)} acknowledged, ${lost} of them lost and reported, ` +
            `${errors.length} errors: ${[...new Set(errors.map(kindOf))].join(", ")}`
        )
      }).pipe(silent))
  }
})

const kindOf = (error: object) =>
  [Reflect.get(error, "reason"), Reflect.get(error, "outcome"), Reflect.get(error, "code")].filter(Boolean).join(" ")

/** From now on the master acknowledges alone: its replicas are cut off and not let in again. */
const isolate = ({ master }: Group) =>
  Effect.gen(function*() {
    const admin = yield* master.connect
    yield* admin.send("CONFIG", "SET", "requirepass", "closed")
    yield* admin.send("CLIENT", "KILL", "TYPE", "replica")
    yield* admin.send("CLIENT", "KILL", "TYPE", "slave")
  })

const two = Effect.fnUntraced(function*(store: CheckpointStore.Service) {
  yield* store.append("e", { nodeName: "n", state: 1 })
  return yield* store.append("e", { nodeName: "n", state: 2 })
})

/** Both replicas have what was written so far. */
const replicated = ({ master }: Group) =>
  Effect.repeat(master.cli("WAIT", 2, 1000), { until: (count) => count === 2, times: 20 })

describe("writes that only the old master has", () => {
  it.scopedLive("are a loss at the next compare-and-set, by a patient layer too", () =>
    Effect.gen(function*() {
      const group = yield* Sentinels.make()
      const store = yield* open(group.addresses)
      yield* two(store)
      yield* replicated(group)
      yield* isolate(group)
      const last = yield* Effect.iterate({ version: 2 }, {
        while: ({ version }) => version < 5,
        body: (after) => store.append("e", { nodeName: "n", state: 0, after })
      })
      yield* group.master.kill()
      const error = yield* Effect.flip(store.append("e", { nodeName: "n", state: 6, after: last }))
      assert.deepInclude(error, { _tag: "CheckpointConflict", expected: 5, actual: 2, isLoss: true })
      assert.match(error.message, /acknowledged checkpoints are gone/)
      const again = yield* store.append("e", { nodeName: "n", state: 3, after: { version: 2 } })
      assert.strictEqual(again.version, 3)
    }).pipe(silent))

  it.scopedLive("are not made with min-replicas-to-write: NOREPLICAS, which can be retried", () =>
    Effect.gen(function*() {
      const group = yield* Sentinels.make({ server: { config: ["min-replicas-to-write 1"] } })
      const store = yield* open(group.addresses)
      const after = yield* two(store)
      yield* replicated(group)
      yield* isolate(group)
      const refused = yield* Effect.flip(store.append("e", { nodeName: "n", state: 3, after }))
      assert.deepInclude(refused, { _tag: "RedisCommandError", code: "NOREPLICAS", retryable: true })
      yield* group.master.kill()
      yield* store.append("e", { nodeName: "n", state: 3, after })
    }).pipe(silent))

  it.scopedLive("are told by durability: NOTDURABLE, before the failover", () =>
    Effect.gen(function*() {
      const group = yield* Sentinels.make()
      const durability = { to: "replicas", timeout: "100 millis" } as const
      const store = yield* open(group.addresses, { durability })
      const after = yield* two(store)
      yield* replicated(group)
      yield* isolate(group)
      const told = yield* Effect.flip(store.append("e", { nodeName: "n", state: 3, after }))
      assert.deepInclude(told, { _tag: "RedisCommandError", code: "NOTDURABLE" })
      yield* group.master.kill()
      assert.strictEqual((yield* store.append("e", { nodeName: "n", state: 3, after })).version, 3)
    }).pipe(silent))
})
