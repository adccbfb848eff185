import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import * as ExecutionProgram from "../../src/services/ExecutionProgram.js"
import { failure, range } from "../conformance/Bench.js"
import { type Bench, hour, isAbout, minute, type Rule } from "./Bench.js"

const begun = (bench: Bench, versions = 1) =>
  Effect.gen(function*() {
    const { now } = yield* bench.as("a").claim()
    for (const version of range(versions)) yield* bench.as("a").commit(version)
    return now
  })

export const releasing = (rule: Rule) =>
  describe("release", () => {
    rule("of a completed one keeps nothing but the checkpoints", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.as("a").release({ status: "completed" })
        assert.deepStrictEqual(yield* bench.run(), {})
        assert.isNull(yield* bench.dueAt())
        assert.deepStrictEqual(yield* bench.ids("run"), ["run@1"])
        assert.strictEqual(yield* bench.send("EXISTS", bench.keys().run, bench.keys().due), 0)
      }))

    for (const status of ["waiting", "failed"] as const) {
      rule(`of a ${status} one is due never, and has no holder`, (bench) =>
        Effect.gen(function*() {
          yield* begun(bench)
          yield* bench.as("a").release({ status })
          assert.deepStrictEqual(yield* bench.run(), { epoch: "1", claims: "0", graph: "graph", status })
          assert.strictEqual(yield* bench.dueAt(), Infinity)
          assert.deepStrictEqual(yield* bench.due(), [])
        }))
    }

    rule("of a stopped one is due after its delay", (bench) =>
      Effect.gen(function*() {
        const now = yield* begun(bench)
        yield* bench.as("a").release({ status: "stopped", delay: hour })
        assert.deepStrictEqual(yield* bench.run(), { epoch: "1", claims: "0", graph: "graph", status: "stopped" })
        const at = (yield* bench.dueAt())!
        assert.isAtLeast(at, now + hour)
        assert.isAtMost(at, now + hour + minute)
        assert.deepStrictEqual(yield* bench.due(), [])
      }))

    rule("of a stopped one without delay is due at once", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.as("a").release({ status: "stopped", delay: 0 })
        assert.deepStrictEqual(yield* bench.due(), ["run"])
      }))

    rule("of a sleeping one is due at its time, in the past too", (bench) =>
      Effect.gen(function*() {
        const now = yield* begun(bench)
        yield* bench.as("a").release({ status: "sleeping", at: now + hour })
        assert.strictEqual((yield* bench.run())["status"], "sleeping")
        assert.strictEqual(yield* bench.dueAt(), now + hour)
        assert.deepStrictEqual(yield* bench.due(), [])
        yield* bench.as("b").claim()
        yield* bench.as("b").release({ status: "sleeping", at: now })
        assert.strictEqual(yield* bench.dueAt(), now)
        assert.deepStrictEqual(yield* bench.due(), ["run"])
      }))

    rule("of a sleeping one is due when its time has come", (bench) =>
      Effect.gen(function*() {
        const now = yield* begun(bench)
        yield* bench.as("a").release({ status: "sleeping", at: now + 2000 })
        assert.deepStrictEqual(yield* bench.due(), [])
        yield* bench.as("b").claim()
        const { now: later } = yield* bench.as("b").claim()
        yield* bench.as("b").release({ status: "sleeping", at: later + 20 })
        yield* bench.elapse(30)
        assert.deepStrictEqual(yield* bench.due(), ["run"])
      }))

    for (
      const release of [
        { status: "completed" },
        { status: "waiting" },
        { status: "failed" },
        { status: "stopped", delay: hour },
        { status: "sleeping", at: 1 }
      ] as const
    ) {
      rule(`lets anybody claim at once what is ${release.status}`, (bench) =>
        Effect.gen(function*() {
          yield* begun(bench)
          yield* bench.as("a").release(release)
          const epoch = release.status === "completed" ? 1 : 2
          assert.deepInclude(yield* bench.as("b").claim(), { epoch, claims: 1 })
          assert.strictEqual((yield* bench.run())["status"], "running")
        }))

      rule(`as ${release.status} changes nothing when it is no longer one's own, or released twice`, (bench) =>
        Effect.gen(function*() {
          yield* begun(bench)
          yield* bench.as("b").claim({ steal: true })
          const before = yield* bench.keyspace("run")
          yield* bench.as("a").release(release)
          assert.deepStrictEqual(yield* bench.keyspace("run"), before)
          yield* bench.as("b").release(release)
          const released = yield* bench.keyspace("run")
          yield* bench.as("b").release(release)
          yield* bench.as("b").release({ status: "completed" })
          assert.deepStrictEqual(yield* bench.keyspace("run"), released)
        }))

      rule(`as ${release.status} fences what its runner writes later`, (bench) =>
        Effect.gen(function*() {
          yield* begun(bench)
          yield* bench.as("a").release(release)
          const before = yield* bench.keyspace("run")
          yield* failure("Fenced", bench.as("a").commit(2))
          yield* failure("Fenced", bench.as("a").memo(1, "step", "1"))
          assert.isFalse(yield* bench.as("a").renew)
          assert.deepStrictEqual(yield* bench.keyspace("run"), before)
        }))
    }
  })

const asItWas: Readonly<Record<string, ReleaseOf>> = {
  waiting: () => ({ status: "waiting" }),
  failed: () => ({ status: "failed" }),
  stopped: () => ({ status: "stopped", delay: hour }),
  sleeping: (now) => ({ status: "sleeping", at: now + hour })
}

type ReleaseOf = (now: number) => Parameters<ReturnType<Bench["as"]>["release"]>[0]

export const restoring = (rule: Rule) =>
  describe("release as restore", () => {
    for (const [status, release] of Object.entries(asItWas)) {
      rule(`makes one that was ${status} what it was, and due when it was`, (bench) =>
        Effect.gen(function*() {
          yield* bench.as("a").release(release(yield* begun(bench)))
          const [run, dueAt] = [yield* bench.run(), yield* bench.dueAt()]
          yield* bench.as("b").claim()
          yield* bench.as("b").claim()
          yield* bench.as("b").renew
          yield* bench.as("b").release({ status: "restore", delay: minute })
          assert.deepStrictEqual(yield* bench.run(), { ...run, epoch: "2" })
          assert.strictEqual(yield* bench.dueAt(), dueAt)
          yield* failure("Fenced", bench.as("b").memo(1, "step", "1"))
        }))
    }

    rule("of one that was overdue is due after the delay", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.as("a").release({ status: "stopped", delay: 0 })
        const { now } = yield* bench.as("b").claim()
        yield* bench.as("b").release({ status: "restore", delay: hour })
        isAbout((yield* bench.dueAt())!, now + hour + 9000)
        assert.strictEqual((yield* bench.run())["status"], "stopped")
      }))

    rule("of one that did not exist, or was completed, keeps nothing", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        yield* bench.as("a").release({ status: "restore", delay: 0 })
        assert.deepStrictEqual(yield* bench.keyspace("run"), [])
        yield* begun(bench)
        yield* bench.as("a").release({ status: "completed" })
        const before = yield* bench.keyspace("run")
        yield* bench.as("b").claim()
        yield* bench.as("b").release({ status: "restore", delay: 0 })
        assert.deepStrictEqual(yield* bench.keyspace("run"), before)
      }))

    rule("of one that another left running is due when its lease ends, and after the delay", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        const until = yield* bench.dueAt()
        yield* bench.as("b").claim({ steal: true })
        yield* bench.as("b").release({ status: "restore", delay: minute })
        assert.strictEqual(yield* bench.dueAt(), until)
        const { now } = yield* bench.as("c").claim()
        yield* bench.as("c").release({ status: "restore", delay: 2 * hour })
        isAbout((yield* bench.dueAt())!, now + 2 * hour + 9000)
        assert.notProperty(yield* bench.run(), "token")
      }))

    for (const status of ["waiting", "sleeping"]) {
      rule(`of one that was ${status} and was answered since is due at once`, (bench) =>
        Effect.gen(function*() {
          yield* bench.as("a").release(asItWas[status]!(yield* begun(bench)))
          yield* bench.as("b").claim()
          yield* bench.answer(1, "asked", "yes")
          yield* bench.as("b").release({ status: "restore", delay: hour })
          assert.deepStrictEqual(yield* bench.due(), ["run"])
          assert.strictEqual((yield* bench.run())["status"], "answered")
        }))

      rule(`of one that was ${status} and answered before is due after the delay, as answered`, (bench) =>
        Effect.gen(function*() {
          yield* bench.as("a").release(asItWas[status]!(yield* begun(bench)))
          yield* bench.answer(1, "asked", "yes")
          const { now } = yield* bench.as("b").claim()
          yield* bench.as("b").release({ status: "restore", delay: hour })
          isAbout((yield* bench.dueAt())!, now + hour + 9000)
          assert.strictEqual((yield* bench.run())["status"], "answered")
        }))
    }

    rule("lets a restored one wait for its answer", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.as("a").release({ status: "waiting" })
        yield* bench.as("b").claim()
        yield* bench.as("b").release({ status: "restore", delay: 0 })
        assert.deepStrictEqual(yield* bench.due(), [])
        yield* bench.answer(1, "asked", "yes")
        assert.deepStrictEqual(yield* bench.due(), ["run"])
      }))

    rule("changes nothing when it is no longer one's own", (bench) =>
      Effect.gen(function*() {
        yield* begun(bench)
        yield* bench.as("b").claim({ steal: true })
        const before = yield* bench.keyspace("run")
        yield* bench.as("a").release({ status: "restore", delay: 0 })
        assert.deepStrictEqual(yield* bench.keyspace("run"), before)
      }))
  })

const due = (executionId: string, due: number): ExecutionProgram.Due => ({ executionId, due })

export const listingDue = (rule: Rule) =>
  describe("due", () => {
    rule("gives the longest overdue first, up to the limit, of one graph", (bench) =>
      Effect.gen(function*() {
        const { now } = yield* bench.as("a").claim()
        const later: Readonly<Record<string, number>> = { c: -1, a: -3, b: -2, never: hour }
        for (const [executionId, by] of Object.entries(later)) {
          const runner = bench.as("a", { executionId })
          yield* runner.claim()
          yield* runner.release({ status: "sleeping", at: now + by })
        }
        const other = bench.as("a", { executionId: "d", graph: "other" })
        yield* other.claim()
        yield* other.release({ status: "stopped", delay: 0 })
        assert.deepStrictEqual(yield* bench.due(), ["a", "b", "c"])
        assert.deepStrictEqual(yield* bench.due(2), ["a", "b"])
        assert.deepStrictEqual(yield* bench.due(0), [])
        assert.deepStrictEqual(yield* bench.due(10, "other"), ["d"])
        assert.deepStrictEqual(yield* bench.due(10, "none"), [])
      }))

    rule("does not change what it gives", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        yield* bench.as("a").release({ status: "stopped", delay: 0 })
        const before = yield* bench.keyspace("run")
        assert.deepStrictEqual(yield* bench.due(), ["run"])
        assert.deepStrictEqual(yield* bench.due(), ["run"])
        assert.deepStrictEqual(yield* bench.keyspace("run"), before)
      }))

    rule("comes with all that are not at their end, in pages, those due never last", (bench) =>
      Effect.gen(function*() {
        const { now } = yield* bench.as("a").claim()
        yield* bench.as("a").release({ status: "completed" })
        const soon = ["s2", "s1", "s3"]
        const never = ["n2", "n1", "n3"]
        for (const executionId of [...soon, ...never]) {
          const runner = bench.as("a", { executionId })
          yield* runner.claim()
          const at = executionId === "s3" ? now + 5 : now
          yield* runner.release(soon.includes(executionId) ? { status: "sleeping", at } : { status: "waiting" })
        }
        const page = (limit: number, after?: ExecutionProgram.Due) =>
          bench.redis.pipeline(ExecutionProgram.unfinished(bench.layout, "graph", { limit, after }))
        const all = [
          due("s1", now),
          due("s2", now),
          due("s3", now + 5),
          ...never.toSorted().map((id) => due(id, Infinity))
        ]
        assert.deepStrictEqual(yield* page(100), all)
        for (const size of [1, 2, 4]) {
          const seen: Array<ExecutionProgram.Due> = []
          for (let next = yield* page(size); next.length > 0; next = yield* page(size, seen.at(-1))) seen.push(...next)
          assert.deepStrictEqual(seen, all)
        }
        assert.deepStrictEqual(
          yield* page(100, due("gone", now)),
          all.filter(({ executionId, due }) => due > now || executionId > "gone")
        )
      }))
  })
