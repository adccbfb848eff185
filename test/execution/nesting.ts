import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import type { ExecutionBusy } from "../../src/schema/ExecutionErrors.js"
import { type Bench, changesNothing, hour, type Rule } from "./Bench.js"

const child = { executionId: "child", graph: "other" } as const
const deep = { executionId: "deep", graph: "graph" } as const

const underRun = (token: string) => ({ under: { executionId: "run", graph: "graph", token } })
const underChild = (token: string) => ({ under: { ...child, token } })

/** A parent, its child and a child of that, each held by who holds the one above. */
const family = (bench: Bench) =>
  Effect.gen(function*() {
    yield* bench.as("a").claim()
    yield* bench.as("b", child).claim(underRun("a"))
    yield* bench.as("c", deep).claim(underChild("b"))
  })

const dueTimes = (bench: Bench) =>
  Effect.all([bench.dueAt("child", "other"), bench.dueAt("deep", "graph"), bench.due(100, "other")])

export const nesting = (rule: Rule) =>
  describe("claim under a parent", () => {
    rule("is given to who holds the parent, also when the lease of the child is another's", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        assert.deepInclude(yield* bench.as("b", child).claim(underRun("a")), { claims: 1, epoch: 1, was: "" })
        const next = yield* bench.as("c", child).claim({ ...underRun("a"), steal: true })
        assert.deepInclude(next, { claims: 2, epoch: 2, was: "running" })
        assert.deepInclude(yield* bench.as("c", child).claim(underRun("a")), { claims: 2, epoch: 2 })
      }))

    rule("is busy for 0 ms to who does not hold it, and changes nothing", (bench) =>
      Effect.gen(function*() {
        const refused = (token: string) =>
          Effect.map(
            changesNothing(
              bench,
              "ExecutionBusy",
              bench.as("b", child).claim({ ...underRun(token), steal: true }),
              "run",
              "child"
            ),
            (error) =>
              (error as ExecutionBusy).remaining
          )
        assert.strictEqual(yield* refused("a"), 0)
        yield* bench.as("a").claim()
        assert.strictEqual(yield* refused("z"), 0)
        yield* bench.as("b", child).claim(underRun("a"))
        yield* bench.as("z").claim({ steal: true })
        assert.strictEqual(yield* refused("a"), 0)
        yield* bench.as("z").release({ status: "waiting" })
        assert.strictEqual(yield* refused("z"), 0)
      }))

    rule("keeps the root, whatever is between", (bench) =>
      Effect.gen(function*() {
        yield* family(bench)
        for (const id of ["child", "deep"]) {
          const { root, root_graph } = yield* bench.run(id)
          assert.deepStrictEqual([root, root_graph], ["run", "graph"])
        }
        assert.notProperty(yield* bench.run(), "root")
      }))

    rule("is never due: its time is kept beside its lease", (bench) =>
      Effect.gen(function*() {
        yield* family(bench)
        const none: unknown = [null, null, []]
        const { until } = yield* bench.run("child")
        assert.deepStrictEqual([yield* dueTimes(bench), (yield* bench.run("child"))["at"]], [none, until])
        yield* bench.as("b", child).renew
        assert.deepStrictEqual(yield* dueTimes(bench), none)
        const at = Number(until) + hour
        const later = [["waiting", "inf"], ["failed", "inf"], ["sleeping", String(at)]] as const
        for (const [status, expected] of later) {
          yield* bench.as("b", child).release(status === "sleeping" ? { status, at } : { status })
          assert.deepInclude(yield* bench.run("child"), { status, at: expected, root: "run" })
          assert.deepStrictEqual(yield* dueTimes(bench), none)
          yield* bench.as("b", child).claim(underRun("a"))
        }
        yield* bench.as("b", child).release({ status: "restore", delay: 0 })
        assert.deepInclude(yield* bench.run("child"), { status: "sleeping", at: String(at) })
        assert.deepStrictEqual(yield* dueTimes(bench), none)
      }))

    rule("an answer to it leaves it out of the due; at its end nothing of it is kept", (bench) =>
      Effect.gen(function*() {
        yield* family(bench)
        yield* bench.as("b", child).commit(1)
        yield* bench.as("b", child).release({ status: "waiting" })
        yield* bench.answer(1, "asked", "yes", child)
        assert.deepInclude(yield* bench.run("child"), { status: "answered", root: "run" })
        assert.deepStrictEqual(yield* dueTimes(bench), [null, null, []])
        yield* bench.as("b", child).claim(underRun("a"))
        yield* bench.as("b", child).release({ status: "completed" })
        assert.deepStrictEqual(yield* bench.run("child"), {})
      }))

    rule("one that was due for itself is so no more", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        yield* bench.as("b", child).claim()
        assert.isNotNull(yield* bench.dueAt("child", "other"))
        yield* bench.as("b", child).claim(underRun("a"))
        assert.isNull(yield* bench.dueAt("child", "other"))
      }))
  })

export const waking = (rule: Rule) =>
  describe("wake", () => {
    rule("has what waits, sleeps or was answered looked at now", (bench) =>
      Effect.gen(function*() {
        for (const release of [{ status: "waiting" }, { status: "sleeping", at: 9e15 }] as const) {
          yield* bench.as("a").claim()
          yield* bench.as("a").release(release)
          assert.deepStrictEqual(yield* bench.due(), [])
          yield* bench.wake()
          yield* bench.wake()
          assert.deepStrictEqual([yield* bench.due(), (yield* bench.run())["status"]], [["run"], "answered"])
        }
      }))

    rule("has what runs looked at when it is given back to wait or to sleep", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        const before = yield* bench.dueAt()
        yield* bench.wake()
        assert.deepStrictEqual([yield* bench.dueAt(), yield* bench.due()], [before, []])
        yield* bench.as("a").release({ status: "waiting" })
        assert.deepStrictEqual(yield* bench.due(), ["run"])
      }))

    rule("leaves what failed, and what is at its end", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a").claim()
        yield* bench.as("a").release({ status: "failed" })
        yield* bench.wake()
        assert.deepStrictEqual([yield* bench.dueAt(), (yield* bench.run())["status"]], [Infinity, "failed"])
        yield* bench.as("a").claim()
        yield* bench.as("a").release({ status: "completed" })
        yield* bench.wake()
        assert.deepStrictEqual([yield* bench.dueAt(), yield* bench.run()], [null, {}])
      }))
  })

export const mistaking = (rule: Rule) =>
  describe("claim from a graph that held it by mistake", () => {
    rule("takes it from that graph alone, when its lease has run out or by stealing", (bench) =>
      Effect.gen(function*() {
        yield* bench.as("a", { graph: "other" }).claim()
        const mine = bench.as("b")
        yield* changesNothing(bench, "ExecutionBusy", mine.claim({ mistaken: "other" }))
        yield* changesNothing(bench, "GraphMismatch", mine.claim({ mistaken: "third", steal: true }))
        const claimed = yield* mine.claim({ mistaken: "other", steal: true })
        assert.deepInclude(claimed, { was: "" })
        assert.deepInclude(yield* bench.run(), { graph: "graph", token: "b", status: "running" })
      }))
  })
