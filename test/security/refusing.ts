/** Ways to make Redis refuse what the tours send, and to make the connection fail. */
import { Effect, Redacted, type Scope } from "effect"
import { type CheckpointStore, Redis, type RedisLive, RedisProgram, RedisReply, RedisScript } from "effect-checkpoint"
import * as Peers from "../layers/live/support/Peers.js"
import * as Proxy from "../support/Proxy.js"
import type { RedisServer } from "../support/RedisServer.js"
import { base } from "./documented.js"
import { password, payload, privateKey, wrongPassword } from "./marks.js"
import { runnerTour, storeTour } from "./tours.js"

type Server = typeof RedisServer.Service

export type Provided = CheckpointStore.CheckpointStore | Redis.Redis

/** A program under watch, its preparation that is not, and what it must fail with somewhere. */
export interface Scenario {
  readonly name: string
  readonly failures: ReadonlyArray<string>
  readonly options?: ((server: Server) => Effect.Effect<RedisLive.StoreOptions, unknown, Scope.Scope>) | undefined
  readonly prepare?: ((server: Server) => Effect.Effect<unknown, unknown>) | undefined
  readonly programs: ReadonlyArray<Effect.Effect<unknown, unknown, Provided>>
}

const marked = { text: payload }

export const tours = [storeTour(marked), runnerTour(marked)]

const blocked = (key: string, programs: Scenario["programs"]): Scenario => ({
  name: `a list at ${key}`,
  failures: ["RedisCommandError WRONGTYPE"],
  prepare: (server) => server.cli("RPUSH", `shop:${key}`, "x"),
  programs
})

const denyNothing = (_rule: string): Effect.Effect<unknown> => Effect.void

/** One command after the other is denied to the user of the tours. */
const denying = (): Scenario => {
  let deny = denyNothing
  return {
    name: "the ACL denies one command",
    failures: ["RedisCommandError NOPERM"],
    options: (server) => {
      deny = (rule) =>
        Effect.orDie(
          server.cli("ACL", "SETUSER", "shop", "reset", "on", `>${password}`, "~*", "+@all", `-${rule.slice(1)}`)
        )
      return Effect.as(deny("+keys"), { username: "shop" })
    },
    programs: base.flatMap((rule) => tours.map((tour) => Effect.zipRight(Effect.suspend(() => deny(rule)), tour)))
  }
}

const configured = (name: string, failure: string, parameter: string, value: string): Scenario => ({
  name,
  failures: [failure],
  prepare: (server) => server.cli("CONFIG", "SET", parameter, value),
  programs: tours
})

const own = (program: RedisProgram.RedisProgram<unknown, unknown>) =>
  Effect.flatMap(Redis.Redis, (redis) => redis.pipeline(program))

const echo = RedisScript.make({ name: "echo", lua: "return redis.call('INCR', KEYS[1])" })

const programs: Scenario = {
  name: "programs of one's own that Redis or their reader refuses",
  failures: ["RedisCommandError ERR", "RedisCommandError REPLY", "RedisCommandError EXECABORT"],
  programs: [
    own(RedisProgram.command("NOSUCH", [payload, payload], RedisReply.ignored)),
    own(RedisProgram.command("SET", ["shop:own", payload], RedisReply.integer)),
    own(RedisProgram.command("GET", ["shop:own"], RedisReply.integer)),
    own(RedisProgram.command("GET", ["shop:own"], RedisReply.array(RedisReply.string))),
    own(RedisProgram.command("INCR", ["shop:own"], RedisReply.integer)),
    own(RedisProgram.script(echo, ["shop:own"], [payload], RedisReply.integer)),
    Effect.flatMap(
      Redis.Redis,
      (redis) => redis.transaction(RedisProgram.command("SET", [payload], RedisReply.ignored))
    )
  ]
}

export const refused: ReadonlyArray<Scenario> = [
  denying(),
  configured("no memory", "RedisCommandError OOM", "maxmemory", "1"),
  configured("too few replicas", "RedisCommandError NOREPLICAS", "min-replicas-to-write", "1"),
  {
    name: "a replica",
    failures: ["RedisCommandError READONLY"],
    prepare: (server) => server.cli("REPLICAOF", "127.0.0.1", "1"),
    programs: tours
  },
  ...["checkpoint:a", "execution:e:checkpoints", "executions"].map((key) => blocked(key, tours)),
  // The store's clear takes these away with the rest of the execution.
  ...["execution:e:run", "execution:e:memos", "due:tour"].map((key) => blocked(key, [runnerTour(marked)])),
  {
    name: "no replica to acknowledge",
    failures: ["RedisCommandError NOTDURABLE"],
    options: () => Effect.succeed({ durability: { to: "replicas", timeout: "1 millis" } }),
    programs: tours
  },
  programs
]

const credentialsIn = (port: number, secret = password) => ({
  url: Redacted.make(`redis://default:${encodeURIComponent(secret)}@127.0.0.1:${port}/0`)
})

const failing = (
  name: string,
  failure: string,
  options: (server: Server) => Effect.Effect<RedisLive.StoreOptions, unknown, Scope.Scope>
): Scenario => ({ name, failures: [failure], options, programs: [storeTour(marked)] })

/** The fault strikes the first request of the tour. */
const broken = (fault: Proxy.Fault): Scenario => {
  let strike: Effect.Effect<void> = Effect.void
  return {
    name: `a connection with ${fault._tag}`,
    failures: ["RedisConnectionError Closed"],
    options: (server) =>
      Effect.map(Proxy.make({ target: server.port }), (proxy) => {
        strike = proxy.arm(fault)
        return credentialsIn(proxy.port)
      }),
    programs: tours.map((tour) => Effect.zipRight(Effect.suspend(() => strike), tour))
  }
}

export const disconnected: ReadonlyArray<Scenario> = [
  failing(
    "a wrong password",
    "RedisConnectionError Authentication",
    ({ port }) => Effect.succeed(credentialsIn(port, wrongPassword))
  ),
  failing("nobody listens", "RedisConnectionError Refused", () => Effect.succeed(credentialsIn(1))),
  failing(
    "no such host",
    "RedisConnectionError Dns",
    () => Effect.succeed({ ...credentialsIn(1), host: "no-such-host.invalid" })
  ),
  failing(
    "a silent peer",
    "RedisConnectionError Timeout",
    () => Effect.map(Peers.silent, (port) => ({ ...credentialsIn(port), connectTimeout: "100 millis" }))
  ),
  failing("a peer that hangs up", "RedisConnectionError Closed", () => Effect.map(Peers.closing, credentialsIn)),
  failing(
    "a peer that is no Redis",
    "RedisConnectionError Protocol",
    () => Effect.map(Peers.peer((socket) => socket.write("HTTP/1.1 400\r\n\r\n")), credentialsIn)
  ),
  failing("a private key that is none", "RedisConnectionError Tls", ({ port }) =>
    Effect.succeed({
      ...credentialsIn(port),
      tls: { cert: "none", key: Redacted.make(privateKey) }
    })),
  broken({ _tag: "CutBeforeRequest" }),
  broken({ _tag: "CutBeforeReply" }),
  broken({ _tag: "CutInReply", bytes: 1 }),
  ...["redis://:SECRET@h:99999", "redis://:SECRET@h/0?a=SECRET", "redis://u:SECRET@h/x", "SECRET", "redis://SECRET@h"]
    .map((url) =>
      failing(
        `the URL ${url}`,
        "ConfigError",
        () => Effect.succeed({ url: Redacted.make(url.replaceAll("SECRET", encodeURIComponent(wrongPassword))) })
      )
    )
]
