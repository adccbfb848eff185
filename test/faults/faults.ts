/** Every fault under which the random clients run. Cuts at exact bytes are in bytes.test.ts. */
import { Effect, Redacted } from "effect"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Tls from "../layers/live/support/Tls.js"
import * as Proxy from "../support/Proxy.js"
import { freePort, RedisServer } from "../support/RedisServer.js"
import { commanded, type Fault, meanwhile, ofServer, type Place, repeatedly, type Server } from "./fault.js"

const onDisk = { appendonly: true, config: ["appendfsync always", "auto-aof-rewrite-percentage 0"] } as const

const debug = { config: ["enable-debug-command yes"] } as const

const proxied = (name: string, strike: (proxy: Proxy.Proxy) => Place["strike"]): Fault => ({
  name,
  loses: "nothing",
  start: Effect.gen(function*() {
    const server = yield* RedisServer.make()
    const proxy = yield* Proxy.make({ target: server.port })
    return { server, options: { port: proxy.port }, strike: strike(proxy) }
  })
})

const kinds = ["Cut", "Split", "Delay", "Drop"] as const

const network: ReadonlyArray<Fault> = [
  { ...ofServer("none", () => ({ progress }) => progress(8)) },
  proxied("connections reset", (proxy) => repeatedly(proxy.cutAll({ reset: true }))),
  proxied("network cuts, splits, delays, drops", (proxy) => ({ progress, random }) =>
    Effect.repeatN(
      Effect.suspend(() => {
        const _tag = `${random.pick(kinds)}In${random.pick(["Request", "Reply"] as const)}` as const
        const bytes = random.integer(_tag.endsWith("Reply") ? 40 : 600)
        return Effect.zipRight(proxy.arm({ _tag, bytes }), Effect.zipRight(progress(2), proxy.resume()))
      }),
      5
    ).pipe(Effect.zipRight(proxy.disarm()))),
  proxied("network silent", (proxy) => meanwhile(proxy.pause(), proxy.resume()))
]

const tailOf = (server: Server): string => {
  const directory = path.join(server.dir, "appendonlydir")
  return path.join(directory, fs.readdirSync(directory).find((name) => name.endsWith(".incr.aof")) ?? "")
}

const cutTail = (server: Server): Place["strike"] => ({ happens, progress }) =>
  Effect.gen(function*() {
    const kept = yield* happens("marked", Effect.sync(() => fs.statSync(tailOf(server)).size))
    yield* progress(8)
    yield* happens(
      "rewound",
      Effect.gen(function*() {
        yield* server.kill()
        fs.truncateSync(tailOf(server), kept)
        yield* server.restart()
      })
    )
  })

const process: ReadonlyArray<Fault> = [
  ofServer("SIGKILL, append-only file", (server) => () => server.restart(), onDisk),
  ofServer("SIGKILL, no persistence", (server) => ({ happens }) => happens("wiped", server.restart()), {
    loses: "everything"
  }),
  ofServer("append-only file loses its tail", cutTail, { ...onDisk, loses: "the tail" }),
  ofServer("SIGSTOP", (server) => meanwhile(server.kill("SIGSTOP"), server.kill("SIGCONT"))),
  ofServer("DEBUG SLEEP", (server) => () => server.cli("DEBUG", "SLEEP", "0.4"), debug)
]

/** To so much less than is used that some keys have to go. */
const evicting = (server: Server): Place["strike"] => (arena) =>
  Effect.gen(function*() {
    const used = Number(/used_memory:(\d+)/.exec(String(yield* server.cli("INFO", "memory")))?.[1])
    const limit = ["CONFIG", "SET", "maxmemory-policy", "allkeys-lru", "maxmemory", used - 20_000] as const
    yield* commanded([limit], [["CONFIG", "SET", "maxmemory", 0]])(server)(arena)
  })

/** Reading a data set that takes its time; nothing of it is ours. */
const loading: Fault = {
  name: "LOADING",
  loses: "nothing",
  start: Effect.gen(function*() {
    const server = yield* RedisServer.make(debug)
    yield* server.cli("DEBUG", "POPULATE", 2_000, "filler", 100)
    yield* server.cli("CONFIG", "SET", "key-load-delay", 200, "loading-process-events-interval-bytes", 1_024)
    return { server, options: { port: server.port }, strike: () => server.cli("DEBUG", "RELOAD") }
  })
}

/** A replica of a master that nobody can reach keeps what it has. */
const replica = (server: Server): Place["strike"] => (arena) =>
  Effect.flatMap(
    freePort,
    (port) => commanded([["REPLICAOF", "127.0.0.1", port]], [["REPLICAOF", "NO", "ONE"]])(server)(arena)
  )

const states: ReadonlyArray<Fault> = [
  ofServer("SCRIPT FLUSH", (server) => repeatedly(server.cli("SCRIPT", "FLUSH"))),
  ofServer("CLIENT KILL", (server) => repeatedly(server.cli("CLIENT", "KILL", "TYPE", "normal"))),
  ofServer(
    "maxmemory, noeviction",
    commanded([["CONFIG", "SET", "maxmemory", 1]], [["CONFIG", "SET", "maxmemory", 0]])
  ),
  ofServer("maxmemory, allkeys-lru", evicting, { loses: "any key" }),
  ofServer("read-only replica", replica),
  loading
]

const user = ["ACL", "SETUSER", "app"]

const asUser = (name: string, strike: (server: Server) => Place["strike"]): Fault => ({
  name,
  loses: "nothing",
  start: Effect.gen(function*() {
    const server = yield* RedisServer.make()
    yield* server.cli(...user, "on", ">secret", "~*", "&*", "+@all")
    const options = { port: server.port, username: "app", password: Redacted.make("secret") }
    return { server, options, strike: strike(server) }
  })
})

const tls = (name: string, certificate: "stranger" | "expired"): Fault => ({
  name,
  loses: "nothing",
  start: Effect.gen(function*() {
    const { pem, present, server, tlsPort } = yield* Tls.make({ clients: "no" })
    const breaks = Effect.zipRight(present(certificate), server.cli("CLIENT", "KILL", "TYPE", "normal"))
    return {
      server,
      options: { host: "localhost", port: tlsPort, tls: { ca: pem("ca.crt") } },
      strike: meanwhile(breaks, present("server"))
    }
  })
})

const access: ReadonlyArray<Fault> = [
  asUser(
    "ACL without EVAL and EVALSHA",
    commanded([[...user, "-eval", "-evalsha"]], [[...user, "+eval", "+evalsha"]])
  ),
  asUser(
    "ACL without a key pattern",
    commanded([[...user, "resetkeys", "~langgraph:checkpoint:*"]], [[...user, "~*"]])
  ),
  asUser(
    "password rotated",
    commanded([[...user, "resetpass", ">other"], ["CLIENT", "KILL", "USER", "app"]], [[...user, "<other", ">secret"]])
  ),
  tls("TLS, certificate of another host", "stranger"),
  tls("TLS, certificate expired", "expired")
]

export const faults: ReadonlyArray<Fault> = [...network, ...process, ...states, ...access]
