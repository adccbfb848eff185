import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer, Option } from "effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { open } from "../races/stores.js"
import { RedisServer } from "../support/RedisServer.js"
import { report } from "./figures.js"

const mebibyte = 1024 * 1024

/** 64 MiB, all different, so that no two are one string. */
const stateOf = (n: number) => ({ n, text: String.fromCharCode(97 + n).repeat(64 * mebibyte) })

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

const held = () => {
  collect()
  const { external, heapUsed } = process.memoryUsage()
  return heapUsed + external
}

const input = (n: number) => ({
  id: `e@${String(n).padStart(16, "0")}`,
  executionId: "e",
  nodeName: "n",
  state: stateOf(n),
  version: n
})

class Large extends Context.Tag("test/Large")<Large, Effect.Effect.Success<typeof opened>>() {}

const opened = Effect.gen(function*() {
  const server = yield* RedisServer.make()
  const raw = yield* server.connect
  const { store } = yield* open({ port: server.port, timeout: "60 seconds" })
  const strict = (yield* open({ port: server.port }, { maxBytes: 64 * mebibyte })).store
  const memory = (field: string) =>
    Effect.map(
      raw.send("INFO", "memory"),
      (info) => Number(new RegExp(`${field}:(\\d+)`).exec(String(info))?.[1] ?? NaN)
    )
  /** What connections hold now, each asked: the sum that INFO gives is of the last tick of the server's timer. */
  const connections = Effect.map(
    raw.send("CLIENT", "LIST"),
    (list) => [...String(list).matchAll(/ tot-mem=(\d+)/g)].reduce((sum, [, bytes]) => sum + Number(bytes), 0)
  )
  /** Without the buffers of connections, which shrink in time. */
  const data = Effect.zipWith(memory("used_memory"), connections, (all, clients) => all - clients)
  return { raw, store, strict, memory, data }
})

const isState = (state: unknown, n: number): boolean => {
  const { n: found, text } = state as ReturnType<typeof stateOf>
  return found === n && text === stateOf(n).text
}

layer(Layer.scoped(Large, opened), { timeout: "300 seconds", excludeTestServices: true })("states of 64 MiB", (it) => {
  it.effect("are saved past the scripts: the server keeps one copy of each, and Lua none", () =>
    Effect.gen(function*() {
      const { data, memory, raw, store } = yield* Large
      const before = yield* data
      yield* store.save(input(1))
      yield* store.save(input(2), { expectedVersion: 1 })
      yield* store.append("e", { nodeName: "n", state: stateOf(3), after: { version: 2 } })
      const states = 3 * 64 * mebibyte
      const after = yield* data
      const lua = yield* memory("used_memory_lua")
      report("states", "3 saved", {
        "server, MiB": Math.round((after - before) / mebibyte),
        "Lua, KiB": Math.round(lua / 1024)
      })
      assert.isAtMost(after - before, states * 1.5)
      assert.isBelow(lua, mebibyte)
      assert.deepStrictEqual(yield* raw.send("KEYS", "*staged*"), [])
    }))

  it.effect("come back whole by load, loadAll, latest and list", () =>
    Effect.gen(function*() {
      const { store } = yield* Large
      assert.isTrue(isState((yield* store.load(input(1).id)).state, 1))
      assert.isTrue(isState((yield* store.loadAll([input(2).id])).get(input(2).id)?.state, 2))
      const latest = yield* store.latest("e")
      assert.isTrue(Option.isSome(latest) && isState(latest.value.state, 3))
      const listed = yield* store.list("e")
      assert.deepStrictEqual(listed.map(({ state }, i) => isState(state, i + 1)), [true, true, true])
    }))

  it.effect("are not held any longer than they are used, by the client or by scripts", () =>
    Effect.gen(function*() {
      const { memory, store } = yield* Large
      const round = Effect.zipRight(
        store.save(input(4)),
        Effect.all([store.load(input(4).id), store.latest("e")], { discard: true })
      )
      yield* round
      const before = held()
      yield* Effect.repeatN(round, 4)
      const grown = held() - before
      const lua = yield* memory("used_memory_lua")
      report("states", "5 rounds of save, load and latest", {
        "Lua, KiB": Math.round(lua / 1024),
        "client holds more, MiB": Math.round(grown / mebibyte)
      })
      assert.strictEqual(yield* store.clear("e"), 4)
      // The last reply may still be held. A state kept in each round would be 320 MiB.
      assert.isBelow(grown, 2.5 * 64 * mebibyte)
      // `latest` hands one state through Lua, which collects it when it wants to.
      assert.isBelow(lua, 256 * mebibyte)
    }))

  it.effect("beyond maxBytes, or what JavaScript can hold, are refused before anything is sent", () =>
    Effect.gen(function*() {
      const { raw, store, strict } = yield* Large
      assert.strictEqual((yield* Effect.flip(strict.save(input(1))))._tag, "CheckpointEncodeError")
      // Six bytes of JSON for each of these.
      const beyond = { ...input(1), state: "\u0001".repeat(90 * mebibyte) }
      assert.strictEqual((yield* Effect.flip(store.save(beyond)))._tag, "CheckpointEncodeError")
      assert.strictEqual(yield* raw.send("DBSIZE"), 0)
    }))

  it.effect("beyond proto-max-bulk-len are refused by the server, change nothing, and the connection comes back", () =>
    Effect.gen(function*() {
      const { raw, store } = yield* Large
      yield* store.save({ ...input(1), state: "small" })
      yield* raw.send("CONFIG", "SET", "proto-max-bulk-len", 32 * mebibyte)
      const error = yield* Effect.flip(store.save(input(1)))
      assert.include(["RedisCommandError", "RedisConnectionError"], error._tag)
      assert.isBelow(error.message.length, 1_000)
      assert.strictEqual((yield* store.load(input(1).id)).state, "small")
      yield* raw.send("CONFIG", "SET", "proto-max-bulk-len", 512 * mebibyte)
      yield* store.save(input(1))
    }))
})
