import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as ExecutionProgram from "../../src/services/ExecutionProgram.js"
import { range } from "../conformance/Bench.js"
import * as Random from "../races/random.js"
import { openMany } from "../races/stores.js"
import { RedisServer } from "../support/RedisServer.js"
import { entry, hour, large } from "./Bench.js"
import { race, violations } from "./race.js"

const arena = Effect.gen(function*() {
  const server = yield* RedisServer.make()
  const raw = yield* server.connect
  const opened = yield* openMany(4, { port: server.port })
  const { layout } = opened[0]!.store
  return { raw, layout, opened, clients: opened.map(({ redis }) => redis) }
})

const together = (...effects: ReadonlyArray<Effect.Effect<unknown, unknown>>) =>
  Effect.all(effects.map(Effect.either), { concurrency: "unbounded" })

describe("many runners at once", () => {
  it.scopedLive("write in the order of their claims, and lose nothing that they were told", () =>
    Effect.gen(function*() {
      const { clients, layout, raw } = yield* arena
      const random = Random.make(Random.seedOf("runners"))
      const plan = { clients, layout, raw, random, millis: 4000, fibersPerClient: 5, executions: ["x", "y", "z"] }
      const outcome = yield* race(plan)
      const { claims, commits, memos, refused } = outcome.story
      const counts = { claims: claims.length, commits: commits.length, memos: memos.length, ...refused }
      console.log("runners:", JSON.stringify(counts))
      assert.deepStrictEqual((yield* violations(plan, outcome)).slice(0, 20), [])
      for (const count of [claims.length, commits.length, memos.length, refused["Fenced"], refused["ExecutionBusy"]]) {
        assert.isAbove(count ?? 0, 0)
      }
    }))

  it.scopedLive("leave nothing of an execution that is cleared under them", () =>
    Effect.gen(function*() {
      const { clients, layout, opened, raw } = yield* arena
      for (const round of range(150)) {
        const executionId = `cleared-${round}`
        const claim = { executionId, graph: "graph", token: "a", lease: hour }
        const commit = (version: number, state: string) =>
          ExecutionProgram.commit(layout, claim, entry(executionId, version, state, `${round}-${version}`), {
            expectedVersion: version - 1
          })
        const memo = (base: number) =>
          ExecutionProgram.memo(layout, "a", { executionId, base, field: "step", value: "1" })
        yield* clients[0]!.pipeline(ExecutionProgram.claim(layout, claim))
        yield* clients[0]!.pipeline(commit(1, "first"))
        yield* together(
          clients[0]!.pipeline(commit(2, round % 2 === 0 ? large : "small")),
          clients[1]!.pipeline(memo(1)),
          opened[2]!.store.clear(executionId),
          clients[3]!.pipeline(memo(2))
        )
        const left = (yield* raw.send("KEYS", `*cleared-${round}*`)) as ReadonlyArray<string>
        assert.deepStrictEqual(left.filter((key) => !key.startsWith(layout.stagedPrefix)), [])
        assert.isNull(yield* raw.send("ZSCORE", layout.executions, executionId))
      }
    }))

  it.scopedLive("are woken by an answer that meets their release", () =>
    Effect.gen(function*() {
      const { clients, layout } = yield* arena
      for (const round of range(200)) {
        const executionId = `asked-${round}`
        const claim = { executionId, graph: `g${round}`, token: "a", lease: hour }
        yield* clients[0]!.pipeline(ExecutionProgram.claim(layout, claim))
        yield* clients[0]!.pipeline(
          ExecutionProgram.commit(layout, claim, entry(executionId, 1, "s", `${round}`), { expectedVersion: "none" })
        )
        const answer = { executionId, base: 1, field: "asked", value: "yes" }
        yield* together(
          clients[round % 2]!.pipeline(ExecutionProgram.release(layout, claim, { status: "waiting" })),
          clients[(round + 1) % 2]!.pipeline(ExecutionProgram.answer(layout, `g${round}`, answer))
        )
        assert.deepStrictEqual(yield* clients[2]!.pipeline(ExecutionProgram.due(layout, `g${round}`, 1)), [executionId])
      }
    }))

  it.scopedLive("that claim at once get it one by one, each epoch once", () =>
    Effect.gen(function*() {
      const { clients, layout } = yield* arena
      const claims = range(200).map((i) =>
        clients[i % 4]!.pipeline(
          ExecutionProgram.claim(layout, { executionId: "run", graph: "graph", token: `t${i}`, lease: hour }, {
            steal: true
          })
        )
      )
      const all = yield* Effect.all(claims, { concurrency: "unbounded" })
      assert.deepStrictEqual(all.map(({ epoch }) => epoch).toSorted((a, b) => a - b), range(200))
    }))
})
