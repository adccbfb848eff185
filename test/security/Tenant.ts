/** A user with an ACL, and what runs as that user. */
import { assert } from "@effect/vitest"
import { Effect, Exit, type Layer, Redacted, Schedule } from "effect"
import { type CheckpointStore, type Redis, RedisLive } from "effect-checkpoint"
import type { RedisServer } from "../support/RedisServer.js"
import { line } from "./documented.js"

type Server = typeof RedisServer.Service

export const password = "tenant-password"

/** The user of the line, with these commands and keys instead of the line's. */
export const grant = (server: Server, rules: ReadonlyArray<string>, keys = "~shop:*") => {
  const [, , user = "", ...first] = line.filter((word) => !word.startsWith("+") && !word.startsWith("~"))
  const fixed = first.map((word) => word.startsWith(">") ? `>${password}` : word)
  return server.cli("ACL", "SETUSER", user, ...fixed, keys, ...rules)
}

export const credentials = { username: line[2] ?? "", password: Redacted.make(password) }

type Provided = CheckpointStore.CheckpointStore | Redis.Redis

export type Tour = Effect.Effect<unknown, unknown, Provided>

/** A fresh connection as that user, without retries. */
export const as = (server: Server, options: RedisLive.StoreOptions = {}): Layer.Layer<Provided, unknown> =>
  RedisLive.layer({ ...credentials, port: server.port, prefix: "shop:", retry: Schedule.stop, ...options })

/** What `expirations` asks for and does without: the configuration holds passwords. */
const tolerated = ["config|get", "config"]

const denials = (server: Server) =>
  Effect.map(
    server.cli("ACL", "LOG"),
    (reply) =>
      (reply as ReadonlyArray<ReadonlyArray<unknown>>).filter((entry) =>
        !tolerated.some((name) => entry.includes(name))
      ).length
  )

/** Whether a tour is refused anything: it fails, or the server has noted a denial that it did without. */
export const refuses = (server: Server, tour: Tour, options: RedisLive.StoreOptions = {}) =>
  Effect.gen(function*() {
    yield* server.cli("FLUSHALL")
    yield* server.cli("ACL", "LOG", "RESET")
    const exit = yield* Effect.exit(Effect.provide(tour, as(server, options)))
    return { exit, denied: yield* denials(server) }
  })

export interface Granted {
  /** Without these nothing of the tour works. */
  readonly rules: ReadonlyArray<string>
  /** Each of these is to be needed. */
  readonly checked: ReadonlyArray<string>
  readonly tour: Tour
  readonly options?: RedisLive.StoreOptions | undefined
}

/** The tour succeeds with all rules, and is refused something without any one of those that are checked. */
export const needsEach = (server: Server, { checked, options, rules, tour }: Granted) =>
  Effect.gen(function*() {
    yield* grant(server, [...rules, ...checked])
    const whole = yield* refuses(server, tour, options)
    if (Exit.isFailure(whole.exit)) return assert.fail(String(whole.exit))
    assert.strictEqual(whole.denied, 0)
    for (const rule of checked) {
      yield* grant(server, [...rules, ...checked.filter((other) => other !== rule)])
      const { denied, exit } = yield* refuses(server, tour, options)
      assert.isTrue(Exit.isFailure(exit) || denied > 0, `${rule} is not needed`)
    }
  })
