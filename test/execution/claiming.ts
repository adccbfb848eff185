import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import type { ExecutionBusy, GraphMismatch } from "../../src/schema/ExecutionErrors.js"
import { failure } from "../conformance/Bench.js"
import { changesNothing, hour, isAbout, type Rule } from "./Bench.js"

const day = 24 * hour

export const claiming = (rule: Rule) =>
  describe("claim", () => {
    rule("takes a free execution, and says who has it, until when, and of which graph", (bench) =>
      Effect.gen(function*() {
        const { claims, epoch, now } = yield* bench.as("a").claim()
        assert.deepStrictEqual({ claims, epoch }, { claims: 1, epoch: 1 })
        assert.deepStrictEqual(yield* bench.run(), {
          epoch: "1",
          claims: "1",
          token: "a",
          until: String(now + hour),
          graph: "graph",
          status: "running"
        })
        assert.strictEqual(yield* bench.dueAt(), now + hour)
        assert.deepStrictEqual(yield* bench.due(), [])
        const [seconds] = (yield* bench.send("TIME")) as ReadonlyArray<string>
        assert.closeTo(now, Number(seconds) * 1000, 5000)
      }))

    rule("of one's own again gives the same counts, and a lease from now", (bench) =>
      Effect.gen(function*() {
        const first = yield* bench.as("a", { lease: 1000 }).claim()
        const again = yield* bench.as("a").claim()
        assert.deepInclude(again, { epoch: first.epoch, claims: first.claims })
        assert.strictEqual((yield* bench.run())["until"], String(again.now + hour))
        assert.strictEqual(yield* bench.dueAt(), again.now + hour)
        const stolen = yield* bench.as("a").claim({ steal: true })
        assert.deepInclude(stolen, { epoch: first.epoch, claims: first.claims })
      }))

    rule("of one's own again, after the lease ran out, is no new claim", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a", { lease: 20 }).claim()
        yield* bench.elapse(30)
        assert.deepInclude(yield* bench.as("a").claim(), { epoch: 1, claims: 1 })
      }))

    rule("of another's fails with the time that is left, and changes nothing", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        const error = yield* changesNothing(bench, "ExecutionBusy", bench.as("b").claim())
        const { executionId, remaining } = error as ExecutionBusy
        assert.strictEqual(executionId, "run")
        assert.isAbove(remaining, 0)
        isAbout(remaining, hour)
      }))

    rule("steals another's, also before the lease runs out", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        assert.deepInclude(yield* bench.as("b").claim({ steal: true }), { epoch: 2, claims: 2 })
        yield* failure("ExecutionBusy", bench.as("a").claim())
      }))

    rule("takes another's when its lease has run out, and not before", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a", { lease: 40 }).claim()
        yield* bench.elapse(50)
        assert.deepStrictEqual(yield* bench.due(), ["run"])
        assert.deepInclude(yield* bench.as("b").claim(), { epoch: 2, claims: 2 })
        assert.strictEqual((yield* bench.run())["token"], "b")
        yield* failure("ExecutionBusy", bench.as("a").claim())
      }))

    for (const options of [{}, { steal: true }]) {
      rule(`of another graph's fails with both names and changes nothing, ${JSON.stringify(options)}`, (bench) =>
        Effect.gen(function*() {
          yield* bench.as("a").claim()
          yield* bench.as("a").commit(1)
          for (const token of ["a", "b"]) {
            const other = bench.as(token, { graph: "other" })
            const error = yield* changesNothing(bench, "GraphMismatch", other.claim(options))
            const { actual, executionId, expected } = error as GraphMismatch
            assert.deepStrictEqual([executionId, expected, actual], ["run", "other", "graph"])
          }
          yield* bench.as("a").release({ status: "failed" })
          yield* changesNothing(bench, "GraphMismatch", bench.as("b", { graph: "other" }).claim(options))
        }))
    }

    rule("counts all claims, and those since it got on or was given back", (bench) =>
      Effect.gen(function*() {
        for (const [i, token] of ["a", "b", "c"].entries()) {
          assert.deepInclude(yield* bench.as(token).claim({ steal: true }), { epoch: i + 1, claims: i + 1 })
        }
        yield* bench.as("c").commit(1)
        assert.deepInclude(yield* bench.as("c").claim(), { epoch: 3, claims: 0 })
        assert.deepInclude(yield* bench.as("d").claim({ steal: true }), { epoch: 4, claims: 1 })
        yield* bench.as("d").memo(1, "step", "1")
        assert.deepInclude(yield* bench.as("d").claim(), { epoch: 4, claims: 0 })
        assert.deepInclude(yield* bench.as("e").claim({ steal: true }), { epoch: 5, claims: 1 })
        yield* bench.as("e").memo(1, "step", "2")
        yield* bench.answer(1, "asked", "yes")
        assert.deepInclude(yield* bench.as("f").claim({ steal: true }), { epoch: 6, claims: 2 })
        for (const [i, release] of ([{ status: "waiting" }, { status: "restore", delay: 0 }] as const).entries()) {
          yield* bench.as("f").release(release)
          assert.deepInclude(yield* bench.as("f").claim(), { epoch: 7 + i, claims: 1 })
        }
      }))

    rule("says how the execution stood before, also when it is sent again", (bench) =>
      Effect.gen(function*() {
        const was = (token: string) =>
          Effect.map(bench.as(token).claim({ steal: true }), ({ was }) =>
            was)
        assert.deepStrictEqual([yield* was("a"), yield* was("a")], ["", ""])
        assert.strictEqual(yield* was("b"), "running")
        for (const status of ["waiting", "failed"] as const) {
          yield* bench.as("b").release({ status })
          assert.deepStrictEqual([yield* was("b"), yield* was("b")], [status, status])
        }
        yield* bench.as("b").commit(1)
        yield* bench.as("b").release({ status: "waiting" })
        yield* bench.answer(1, "asked", "yes")
        assert.strictEqual(yield* was("c"), "answered")
        yield* bench.as("c").release({ status: "completed" })
        assert.strictEqual(yield* was("d"), "")
      }))

    rule("of an execution without checkpoints is kept for a day behind its lease", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        isAbout(yield* bench.pttl(bench.keys().run), day + hour)
      }))

    rule("lives as long as checkpoints that never expire", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        yield* bench.as("a").commit(1)
        yield* bench.as("b").claim({ steal: true })
        assert.strictEqual(yield* bench.pttl(bench.keys().run), -1)
      }))

    rule("expires with the checkpoints, but not before its lease", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        yield* bench.as("a").commit(1, { ttl: 3 * hour })
        yield* bench.as("b").claim({ steal: true })
        isAbout(yield* bench.pttl(bench.keys().run), 3 * hour)
        yield* bench.as("c", { lease: 5 * hour }).claim({ steal: true })
        isAbout(yield* bench.pttl(bench.keys().run), 5 * hour)
      }))

    rule("sees two executions as two", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        yield* bench.as("b", { executionId: "run2" }).claim()
        assert.strictEqual((yield* bench.run())["token"], "a")
        assert.strictEqual((yield* bench.run("run2"))["token"], "b")
      }))

    rule("lets one of many at once win", (bench) =>
      Effect.gen(function*() {
        const all = Array.from({ length: 20 }, (_, i) =>
          Effect.either(bench.as(`t${i}`).claim()))
        const exits = yield* Effect.all(all, { concurrency: "unbounded" })
        assert.strictEqual(
          exits.filter(({ _tag }) =>
            _tag === "Right"
          ).length,
          1
        )
      }))
  })

export const renewing = (rule: Rule) =>
  describe("renew", () => {
    rule("prolongs a lease from now, and the time of its recovery", (bench) =>
      Effect.gen(function*() {
        const { now } = yield* bench.as("a", { lease: 1000 }).claim()
        assert.isTrue(yield* bench.as("a").renew)
        const until = Number((yield* bench.run())["until"])
        assert.isAtLeast(until, now + hour)
        assert.strictEqual(yield* bench.dueAt(), until)
        assert.strictEqual((yield* bench.run())["status"], "running")
        yield* failure("ExecutionBusy", bench.as("b").claim())
      }))

    rule("prolongs a lease that has run out, when nobody else has claimed it", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a", { lease: 20 }).claim()
        yield* bench.elapse(30)
        assert.isTrue(yield* bench.as("a").renew)
        assert.deepStrictEqual(yield* bench.due(), [])
        yield* failure("ExecutionBusy", bench.as("b").claim())
      }))

    rule("keeps the token alive for the lease, and takes nothing from what outlives it", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        yield* bench.as("a").commit(1, { ttl: 2 * hour })
        yield* bench.as("a").renew
        isAbout(yield* bench.pttl(bench.keys().run), 2 * hour)
        yield* bench.as("a", { lease: 4 * hour }).renew
        isAbout(yield* bench.pttl(bench.keys().run), 4 * hour)
        yield* bench.as("a").commit(2)
        yield* bench.as("a").renew
        assert.strictEqual(yield* bench.pttl(bench.keys().run), -1)
      }))

    rule("tells who has lost it, and changes nothing", (bench) =>
      Effect.gen(function*() {
        const lost = Effect.gen(function*() {
          const before = yield* bench.keyspace("run")
          assert.isFalse(yield* bench.as("a").renew)
          assert.deepStrictEqual(yield* bench.keyspace("run"), before)
        })
        yield* lost
        yield* bench.as("a").claim()
        yield* bench.as("b").claim({ steal: true })
        yield* lost
        yield* bench.as("b").release({ status: "waiting" })
        yield* lost
      }))
  })
