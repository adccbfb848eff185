/** A script that Redis refuses, in its middle too, has changed nothing. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Either, Exit, Layer, Schedule } from "effect"
import { CheckpointStore, type Redis, RedisLive, RedisProgram, type RedisReply } from "effect-checkpoint"
import type { Command } from "../../src/services/RedisCommand.js"
import { alone, from, namesIn } from "../crash/runner/wrappedRedis.js"
import { RedisServer } from "../support/RedisServer.js"
import { addedFor, base } from "./documented.js"
import { credentials, grant, type Tour } from "./Tenant.js"
import { runnerTour, setTour, storeTour } from "./tours.js"

type Server = typeof RedisServer.Service

interface Refusal {
  readonly name: string
  readonly code: string
  readonly breaks: (server: Server) => Effect.Effect<unknown, unknown>
  readonly mends: (server: Server) => Effect.Effect<unknown, unknown>
}

const user = credentials.username

const denied = (rule: string): Refusal => ({
  name: `without ${rule}`,
  code: "NOPERM",
  breaks: (server) => server.cli("ACL", "SETUSER", user, `-${rule.slice(1)}`),
  mends: (server) => server.cli("ACL", "SETUSER", user, rule)
})

const configured = (code: string, parameter: string): Refusal => ({
  name: parameter,
  code,
  breaks: (server) => server.cli("CONFIG", "SET", parameter, 1),
  mends: (server) => server.cli("CONFIG", "SET", parameter, 0)
})

const states: ReadonlyArray<Refusal> = [
  configured("OOM", "maxmemory"),
  configured("NOREPLICAS", "min-replicas-to-write"),
  {
    name: "a replica",
    code: "READONLY",
    breaks: (server) => server.cli("REPLICAOF", "127.0.0.1", 1),
    mends: (server) => server.cli("REPLICAOF", "NO", "ONE")
  }
]

/** All keys but staged payloads, which expire: what they hold, and whether they expire. */
const everything = `
local found, cursor = {}, '0'
repeat
  local page = redis.call('SCAN', cursor, 'COUNT', 1000)
  cursor = page[1]
  for _, key in ipairs(page[2]) do
    if key:sub(1, 12) ~= 'shop:staged:' then
      local expires = redis.call('PTTL', key) >= 0 and 'expires ' or 'stays '
      found[#found + 1] = key .. ' ' .. expires .. redis.sha1hex(redis.call('DUMP', key))
    end
  end
until cursor == '0'
table.sort(found)
return found`

type Send = Redis.Service["pipeline"]

/** Each command with its own reply, error replies too, whatever the program makes of them. */
const repliesOf = (commands: ReadonlyArray<Command>) =>
  RedisProgram.map(
    RedisProgram.forEach(commands, (command) => RedisProgram.either(alone(command))),
    (replies) => replies.map((reply) => Either.merge(reply) as RedisReply.Reply)
  )

const isRefusal = (exit: Exit.Exit<ReadonlyArray<RedisReply.Reply>, unknown>, code: string): boolean => {
  const errors = Exit.isSuccess(exit) ? exit.value : [Cause.squash(exit.cause)]
  return errors.some((error) => [code, "EXECABORT"].includes(Reflect.get(Object(error), "code")))
}

/** Each round trip is refused first, and made then; gives what was changed by those that were refused. */
const refusing = (server: Server, { breaks, code, mends }: Refusal) =>
  Effect.gen(function*() {
    const admin = yield* server.connect
    const one = yield* Effect.makeSemaphore(1)
    const look = Effect.orDie(Effect.map(admin.send("EVAL", everything, 0), String))
    const broken = <A, E>(trip: Effect.Effect<A, E>) =>
      Effect.acquireUseRelease(Effect.orDie(breaks(server)), () => Effect.exit(trip), () => Effect.orDie(mends(server)))
    const halves: Array<string> = []
    let refused = 0
    const twice = (send: Send) => <A, E>(program: RedisProgram.RedisProgram<A, E>) => {
      const { commands, read } = RedisProgram.compile(program)
      const trip = send(repliesOf(commands))
      const replies = Effect.gen(function*() {
        const before = yield* look
        const exit = yield* broken(trip)
        if (!isRefusal(exit, code)) return yield* exit
        refused++
        // Of several each one is whole.
        const scripts = commands.filter(({ _tag }) => _tag === "Script")
        if (scripts.length === 1 && (yield* look) !== before) halves.push(namesIn(program).join())
        return yield* trip
      })
      return Effect.flatMap(Effect.uninterruptible(one.withPermits(1)(replies)), (replies) => read(replies))
    }
    const refusingAll = (redis: Redis.Service): Redis.Service => ({
      ...redis,
      pipeline: twice(redis.pipeline),
      transaction: twice(redis.transaction)
    })
    return { halves, refused: () => refused, refusingAll }
  })

/** Tours as the documented user, refused at each step. */
const toured = (refusal: Refusal, tour: Tour, options: CheckpointStore.Options = {}) =>
  Effect.gen(function*() {
    const server = yield* RedisServer
    yield* server.cli("FLUSHALL")
    yield* grant(server, [...base, ...addedFor("`index: \"set\"`")])
    const { halves, refused, refusingAll } = yield* refusing(server, refusal)
    const live = RedisLive.redis({ ...credentials, host: "127.0.0.1", port: server.port, retry: Schedule.stop })
    const redis = from(live, refusingAll)
    const layer = CheckpointStore.layer({ prefix: "shop:", ...options }).pipe(Layer.provideMerge(redis))
    yield* Effect.provide(tour, yield* Layer.build(layer))
    return { halves, refused: refused() }
  }).pipe(Effect.scoped)

const marked = { text: "text" }

const sets: CheckpointStore.Options = { index: "set" }

const tours: ReadonlyArray<readonly [name: string, tour: Tour, options?: CheckpointStore.Options]> = [
  ["the store", storeTour(marked)],
  ["the store with a Set", setTour(marked), sets],
  ["the runner", runnerTour(marked)]
]

const inScripts = base.filter((rule) => !["+eval", "+evalsha", "+info", "+ping", "+multi", "+exec"].includes(rule))

describe("what is refused in the middle of a script", () => {
  for (const [name, tour, options] of tours) {
    it.scopedLive(`leaves nothing half: ${name}, a command denied`, () =>
      Effect.gen(function*() {
        const found: Array<string> = []
        let refusals = 0
        for (const rule of [...inScripts, ...addedFor("`index: \"set\"`")]) {
          const { halves, refused } = yield* toured(denied(rule), tour, options)
          refusals += refused
          found.push(...halves.map((names) => `${names} without ${rule}`))
        }
        assert.deepStrictEqual(found, [])
        assert.isAbove(refusals, 30)
      }).pipe(Effect.provide(RedisServer.layer())))

    for (const state of states) {
      it.scopedLive(`leaves nothing half: ${name}, ${state.name}`, () =>
        Effect.gen(function*() {
          const { halves, refused } = yield* toured(state, tour, options)
          assert.deepStrictEqual(halves, [])
          assert.isAbove(refused, 0)
        }).pipe(Effect.provide(RedisServer.layer())))
    }
  }
})
