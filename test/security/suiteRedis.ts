/** The library as a user with some commands, and the looks that the suites take at keys as another user. */
import { Context, Effect, Layer, Redacted } from "effect"
import { Redis, RedisLive, RedisProgram } from "effect-checkpoint"
import { RedisServer } from "../support/RedisServer.js"
import { credentials, grant } from "./Tenant.js"

/** Commands with which the suites make and look at keys, each alone in its program. The library sends none of them so. */
const looks: ReadonlySet<string> = new Set([
  "DEL",
  "HGETALL",
  "KEYS",
  "LRANGE",
  "PEXPIREAT",
  "PTTL",
  "RPUSH",
  "SADD",
  "SMEMBERS",
  "STRLEN",
  "TYPE",
  "ZADD"
])

const isLook = (program: RedisProgram.RedisProgram<unknown, unknown>): boolean => {
  const [first, ...others] = RedisProgram.compile(program).commands
  return others.length === 0 && first?._tag === "Command" && looks.has(first.name)
}

const routed = (tenant: Redis.Service, looker: Redis.Service): Redis.Service => ({
  ...tenant,
  pipeline: (program) => (isLook(program) ? looker : tenant).pipeline(program)
})

/** A program of the suites has an INCR of its own beside a save. */
const ofTheSuites = ["+incr"]

/** A server of its own, and the library on it as a user with these commands, and any key. */
export const suiteRedis = (rules: ReadonlyArray<string>) =>
  Layer.scoped(
    Redis.Redis,
    Effect.gen(function*() {
      const server = yield* RedisServer
      yield* grant(server, [...rules, ...ofTheSuites], "~*")
      const connect = (options: RedisLive.Options) =>
        Effect.map(
          Layer.build(RedisLive.redis({ url: Redacted.make(server.url), ...options })),
          Context.get(Redis.Redis)
        )
      return routed(yield* connect(credentials), yield* connect({}))
    })
  ).pipe(Layer.provide(RedisServer.layer()))
