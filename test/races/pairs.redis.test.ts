import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { RedisServer } from "../support/RedisServer.js"
import type { Arena } from "./checks.js"
import { deleteAgainstSave, moveAgainstClear, oneWinner, small, staged } from "./checks.js"
import { openMany } from "./stores.js"

const arena = Effect.gen(function*() {
  const server = yield* RedisServer.make()
  const raw = yield* server.connect
  const opened = yield* openMany(4, { port: server.port })
  const made: Arena = { stores: opened.map(({ store }) => store), raw, layout: opened[0]!.store.layout }
  return made
})

describe.each([["small", small], ["staged", staged]] as const)("%s payloads", (_, state) => {
  it.scopedLive("delete against save leaves a whole checkpoint or nothing", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* deleteAgainstSave(yield* arena, 60, state), [])
    }))

  it.scopedLive("clear never destroys what has moved to another execution", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* moveAgainstClear(yield* arena, 30, state), [])
    }))

  it.scopedLive("of 32 writers with one expected version one wins, under one id or under 32", () =>
    Effect.gen(function*() {
      const contenders = yield* arena
      assert.deepStrictEqual(yield* oneWinner(contenders, 6, state, true), [])
      assert.deepStrictEqual(yield* oneWinner(contenders, 6, state, false), [])
    }))
})
