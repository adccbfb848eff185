import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import type { RedisCommandError } from "../../src/schema/Errors.js"
import * as CheckpointProgram from "../../src/services/CheckpointProgram.js"
import * as P from "../../src/services/RedisProgram.js"
import * as R from "../../src/services/RedisReply.js"
import { inspect } from "../races/invariants.js"
import { open, openMany } from "../races/stores.js"
import * as Proxy from "../support/Proxy.js"
import { RedisServer } from "../support/RedisServer.js"

const small = "after"
const large = "a".repeat(9 * 1024)

const entry = (id: string, executionId: string, version: number, state: unknown) => ({
  id,
  executionId,
  nodeName: "n",
  state,
  version
})

/** The commands of a program, each as a program of its own. */
const parts = (program: P.RedisProgram<unknown, unknown>): ReadonlyArray<P.RedisProgram<unknown, RedisCommandError>> =>
  P.compile(program).commands.map((command) =>
    command._tag === "Command"
      ? P.command(command.name, command.args, R.raw)
      : P.script(command.script, command.keys, command.args, R.array(R.raw))
  )

describe("a compare-and-set that is sent again", () => {
  it.scopedLive("stays won when others went on meanwhile", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const proxy = yield* Proxy.make({ target: server.port })
      const { store } = yield* open({ port: proxy.port })
      const direct = (yield* open({ port: server.port })).store
      for (const [name, state] of Object.entries({ small, large })) {
        yield* direct.save(entry(`${name}-base`, name, 1, "before"))
        yield* store.ping
        yield* proxy.arm({ _tag: "CutBeforeReply" })
        yield* proxy.refuse()
        const saving = yield* Effect.fork(store.save(entry(`${name}-2`, name, 2, state), { expectedVersion: 1 }))
        yield* proxy.struck()
        yield* direct.append(name, { nodeName: "n", state: small, after: { version: 2 } })
        yield* proxy.accept()
        yield* Fiber.join(saving)
        assert.deepStrictEqual((yield* direct.list(name)).map(({ version }) => version), [1, 2, 3])
      }
      const report = yield* inspect(yield* server.connect, direct.layout)
      assert.deepStrictEqual([report.violations, report.staged], [[], 0])
    }))

  it.scopedLive("is won by both sendings when a slow network lets them overlap", () =>
    Effect.gen(function*() {
      const server = yield* RedisServer.make()
      const [first, second] = yield* openMany(2, { port: server.port })
      const { layout } = first!.store
      const payload = JSON.stringify({
        id: "x",
        node_name: "n",
        state: large,
        metadata: { execution_id: "e", write_id: "w" },
        timestamp: "2026-01-01T00:00:00.000Z",
        version: 1
      })
      const written = { id: "x", executionId: "e", version: 1, payload, writeId: "w" }
      const [stage, commit] = parts(CheckpointProgram.save(layout, written, { expectedVersion: 0 }))
      yield* first!.redis.pipeline(stage!)
      yield* second!.redis.pipeline(stage!)
      assert.deepStrictEqual(yield* first!.redis.pipeline(commit!), ["ok", 0])
      assert.deepStrictEqual(yield* second!.redis.pipeline(commit!), ["ok", 0, "again"])
    }))
})
