import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, Ref, Schedule } from "effect"
import { CheckpointStore, Redis, RedisLive, RedisProgram, RedisReply } from "effect-checkpoint"
import { slotOf } from "../../src/internal/slot.js"
import { RedisCluster } from "../support/RedisCluster.js"
import { moveSlot } from "./reshard.js"

const executionId = "moved"

const slot = slotOf(`{${executionId}}`)

const moves = 6

/** A slot that is being moved refuses for as long as that takes, which on a busy machine can be long. */
const patient = Schedule.spaced("20 millis").pipe(Schedule.upTo("1 minute"))

const incr = (name: string) => RedisProgram.command("INCR", [`{${executionId}}${name}`], RedisReply.integer)

/** Does something again and again until it is told to stop; gives what came of it. */
const busily = <A, E, R>(stop: Ref.Ref<boolean>, effect: (i: number) => Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const done: Array<A> = []
    while (!(yield* Ref.get(stop))) {
      done.push(yield* effect(done.length))
      yield* Effect.sleep("5 millis")
    }
    return done
  })

/** Appends, each with a state of its own; every third is staged. */
const append = (writer: number) => (i: number) =>
  Effect.flatMap(CheckpointStore.CheckpointStore, (store) => {
    const state = { by: `${writer}-${i}`, text: i % 3 === 0 ? "x".repeat(9_000) : "" }
    return Effect.map(
      store.append(executionId, { nodeName: "n", state }),
      ({ version }) => [version, state.by] as const
    )
  })

/** Whoever reads drops what seems to have expired: nothing has. */
const read = Effect.gen(function*() {
  const store = yield* CheckpointStore.CheckpointStore
  const listed = yield* store.list(executionId, { order: "desc", limit: 20 })
  const latest = yield* store.latest(executionId)
  yield* store.count(executionId)
  return Math.max(0, ...listed.map(({ version }) => version), ...Option.toArray(latest).map(({ version }) => version))
})

const stored = Effect.gen(function*() {
  const store = yield* CheckpointStore.CheckpointStore
  const all = yield* store.list(executionId)
  return all.map(({ state, version }) => [version, (state as { readonly by: string }).by] as const)
})

describe("moving a slot", () => {
  it.scopedLive("under load loses nothing and repeats nothing", () =>
    Effect.gen(function*() {
      const cluster = yield* RedisCluster.make({ replicas: 0 })
      yield* Effect.gen(function*() {
        const redis = yield* Redis.Redis
        const stop = yield* Ref.make(false)
        const writers = yield* Effect.forEach([1, 2, 3], (writer) => Effect.fork(busily(stop, append(writer))))
        const readers = yield* Effect.forEach([1, 2], () => Effect.fork(busily(stop, () => read)))
        const both = RedisProgram.all([incr("one"), incr("one")])
        const counters = yield* Effect.forEach(
          [redis.pipeline(both), redis.transaction(both)],
          (program) => Effect.fork(busily(stop, () => program))
        )
        let keys = 0
        for (let i = 0; i < moves; i++) {
          const owner = yield* cluster.ownerOf(slot)
          const next = cluster.masters[(cluster.masters.indexOf(owner) + 1) % cluster.masters.length]!
          keys += yield* moveSlot(cluster, slot, next)
        }
        yield* Ref.set(stop, true)
        const acknowledged = (yield* Fiber.joinAll(writers)).flat().toSorted(([a], [b]) => a - b)
        const seen = (yield* Fiber.joinAll(readers)).flat()
        const counted = (yield* Fiber.joinAll(counters)).flat().length
        assert.isAbove(keys, 10, "the slot was moved without keys")
        assert.isAbove(acknowledged.length, 10)
        assert.deepStrictEqual(yield* stored, acknowledged)
        assert.deepStrictEqual(acknowledged.map(([version]) => version), acknowledged.map((_, i) => i + 1))
        assert.isAtMost(Math.max(...seen), acknowledged.length)
        assert.strictEqual(yield* redis.pipeline(incr("one")), 2 * counted + 1)
      }).pipe(Effect.provide(RedisLive.layerCluster({ nodes: cluster.nodes, retry: patient })))
    }), 180_000)
})
