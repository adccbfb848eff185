import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { readHead, snapshotKey } from "../../../src/internal/journalHead.js"
import { Disk, session } from "./Disk.js"
import { contents, expected, pipeline, programs, runAll, send } from "./workload.js"

/** Small, so that there are snapshots among the nine programs. */
const options = { journalBytes: 2500 }

const open = (disk: Disk) => session(disk.store, options)

/** Runs the workload on a store that dies. */
const crashed = (disk: Disk) =>
  Effect.gen(function*() {
    const start = yield* Clock.currentTimeMillis
    const acknowledged = yield* Effect.orElseSucceed(open(disk)(runAll), () => 0)
    return { start, acknowledged }
  })

const isOneOf = (state: unknown, states: ReadonlyArray<unknown>) =>
  states.some((it) => JSON.stringify(it) === JSON.stringify(state))

/** The state after the last acknowledged program, or that and the one in flight. */
const isIntact = (disk: Disk, { acknowledged, start }: { readonly acknowledged: number; readonly start: number }) =>
  Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    const state = yield* contents(disk.store)
    return isOneOf(state, [acknowledged, acknowledged + 1].map((count) => expected(start, count, now)))
  })

/** Entries that the head has replaced, or does not know. */
const leftOver = (disk: Disk) =>
  Effect.map(readHead(disk.store), ({ first, generation }) =>
    [...disk.files.keys()].filter((key) => {
      const [kind, number] = key.split("-")
      if (kind === "journal") return Number(number) < first
      return kind === "snapshot" && (generation === 0 || key !== snapshotKey(generation))
    }))

const countOperations = Effect.gen(function*() {
  const disk = new Disk()
  yield* crashed(disk)
  return disk.operations
})

const dones = [0, 0.6, 1]

describe("EmbeddedLive.redis on a store that dies", () => {
  it.effect("compacts in this workload", () =>
    Effect.gen(function*() {
      const disk = new Disk()
      const { acknowledged } = yield* crashed(disk)
      assert.strictEqual(acknowledged, programs.length)
      assert.isTrue(disk.files.has("head-0") && disk.files.has("head-1"))
      assert.deepStrictEqual(yield* leftOver(disk), [])
    }))

  it.effect(
    "holds each program entirely or not at all, and all acknowledged ones, wherever it dies",
    () =>
      Effect.gen(function*() {
        const operations = yield* countOperations
        for (let operation = 1; operation <= operations; operation++) {
          for (const done of dones) {
            const disk = new Disk(new Map(), { operation, done })
            const run = yield* crashed(disk)
            assert.isTrue(disk.isDead)
            const after = disk.reboot()
            yield* open(after)(Effect.void)
            assert.isTrue(yield* isIntact(after, run), `died in operation ${operation}, ${done} done`)
            assert.deepStrictEqual(yield* leftOver(after), [], `left over from operation ${operation}, ${done} done`)
          }
        }
      }),
    180_000
  )

  it.effect("dies again while it recovers, and still holds everything", () =>
    Effect.gen(function*() {
      const operations = yield* countOperations
      for (let operation = 1; operation <= operations; operation++) {
        const disk = new Disk(new Map(), { operation, done: 0.5 })
        const run = yield* crashed(disk)
        for (let again = 1;; again++) {
          const second = disk.reboot({ operation: again, done: 0.5 })
          yield* Effect.ignore(open(second)(Effect.void))
          if (!second.isDead) break
          const third = second.reboot()
          yield* open(third)(Effect.void)
          assert.isTrue(yield* isIntact(third, run), `died in operation ${operation}, then in ${again}`)
          assert.deepStrictEqual(yield* leftOver(third), [], `left over from operation ${operation}, then ${again}`)
        }
      }
    }), 180_000)

  it.effect("goes on after a crash as if nothing had been lost", () =>
    Effect.gen(function*() {
      const operations = yield* countOperations
      for (let operation = 1; operation <= operations; operation++) {
        const disk = new Disk(new Map(), { operation, done: 0.5 })
        yield* crashed(disk)
        const after = disk.reboot()
        const before = yield* open(after)(pipeline(send("LLEN", "list")))
        for (let i = 1; i <= 5; i++) yield* open(after)(pipeline(send("RPUSH", "list", "more")))
        const length = yield* open(after)(pipeline(send("LLEN", "list")))
        assert.strictEqual(length, Number(before) + 5, `died in operation ${operation}`)
      }
    }), 180_000)

  it.effect("survives a head that is cut off at any byte", () =>
    Effect.gen(function*() {
      let tested = 0
      const operations = yield* countOperations
      for (let operation = 1; operation <= operations; operation++) {
        const whole = new Disk(new Map(), { operation, done: 1 })
        const none = new Disk(new Map(), { operation, done: 0 })
        const run = yield* crashed(whole)
        yield* crashed(none)
        for (const key of ["head-0", "head-1"]) {
          const text = whole.files.get(key) ?? ""
          if (text === "" || none.files.get(key) !== "") continue
          for (let length = 0; length <= text.length; length++) {
            const disk = new Disk(new Map(whole.files).set(key, text.slice(0, length)))
            yield* open(disk)(Effect.void)
            assert.isTrue(yield* isIntact(disk, run), `${key} of ${length} characters`)
            tested++
          }
        }
      }
      assert.isAbove(tested, 100)
    }))
})
