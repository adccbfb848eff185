/**
 * Private redis-servers: a free port on loopback, a directory of their own,
 * gone with the scope.
 */
import { Clock, Context, Data, Effect, Layer, Schedule, type Scope } from "effect"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as net from "node:net"
import { tmpdir } from "node:os"
import * as path from "node:path"
import { killOnExit } from "./ChildProcesses.js"
import * as RawRedis from "./RawRedis.js"

/** The server could not be started, or did not answer in time. */
export class RedisServerError extends Data.TaggedError("RedisServerError")<{
  readonly message: string
  /** The process ended before it answered, as it does when its port is taken. */
  readonly exited: boolean
}> {}

export interface RedisServerOptions {
  readonly requirepass?: string | undefined
  readonly appendonly?: boolean | undefined
  /** A port of the caller's choice instead of a free one. */
  readonly port?: number | undefined
  /** Lines for redis.conf. */
  readonly config?: ReadonlyArray<string> | undefined
  /** Arguments after the path of redis.conf, such as `--sentinel`. */
  readonly args?: ReadonlyArray<string> | undefined
}

export class RedisServer extends Context.Tag("test/RedisServer")<RedisServer, {
  readonly host: "127.0.0.1"
  readonly port: number
  /** `redis://…`, with the password if there is one. */
  readonly url: string
  /** Of the running process; another one after `restart`. */
  readonly pid: number
  readonly dir: string
  /** Sends a signal (default SIGKILL) and, unless it stops or continues the process, waits for the end. */
  readonly kill: (signal?: NodeJS.Signals) => Effect.Effect<void>
  /** Kills the process if it runs, and starts it again on the same port and directory. */
  readonly restart: () => Effect.Effect<void, RedisServerError>
  /** One command on a connection of its own; an error reply is a failure. */
  readonly cli: (
    ...args: ReadonlyArray<RawRedis.Argument>
  ) => Effect.Effect<RawRedis.Reply, RawRedis.RawRedisError>
  /** A connection for many commands. */
  readonly connect: Effect.Effect<RawRedis.RawRedis, RawRedis.RawRedisError, Scope.Scope>
}>() {
  /** A server that lives as long as the scope. */
  static readonly make = (options: RedisServerOptions = {}) =>
    live(
      makeOnce(options).pipe(
        Effect.retry({ times: 5, while: (error) => error.exited && options.port === undefined })
      )
    )

  static readonly layer = (options: RedisServerOptions = {}): Layer.Layer<RedisServer, RedisServerError> =>
    Layer.scoped(RedisServer, RedisServer.make(options))
}

/** Starting a server takes real time, also in tests which run on a `TestClock`. */
const live = Effect.withClock(Clock.make())

/** A port that was free a moment ago, with room for the cluster bus 10,000 above it. */
export const freePort: Effect.Effect<number> = Effect.async<number>((resume) => {
  const server = net.createServer()
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as net.AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
}).pipe(Effect.repeat({ until: (port) => port <= 55_535 }))

const binary = process.env["REDIS_SERVER_BIN"] ?? "redis-server"

/** Before 7.0 what this line allows is allowed, and the line is unknown. */
const sinceSeven = "enable-debug-command"

let known: string | undefined

/** Of the server that the tests run on, such as `7.0.15`; Valkey begins with 7.2. */
export const serverVersion = (): string => {
  known ??= /v=(\d[\d.]*)/.exec(spawnSync(binary, ["--version"], { encoding: "utf8" }).stdout ?? "")?.[1] ?? "7.0"
  return known
}

/** Whether the tests run on Redis 6.2. */
export const isSix = (): boolean => serverVersion().startsWith("6.")

const isKnown = (line: string): boolean => !isSix() || !line.startsWith(sinceSeven)

const configuration = (port: number, dir: string, options: RedisServerOptions): string =>
  [
    "bind 127.0.0.1",
    `port ${port}`,
    `dir ${dir}`,
    `logfile ${path.join(dir, "redis.log")}`,
    "daemonize no",
    "save \"\"",
    `appendonly ${options.appendonly ? "yes" : "no"}`,
    ...(options.requirepass === undefined ? [] : [`requirepass ${JSON.stringify(options.requirepass)}`]),
    ...(options.config ?? []).filter(isKnown),
    ""
  ].join("\n")

const directory = Effect.acquireRelease(
  Effect.sync(() => fs.mkdtempSync(path.join(tmpdir(), "effect-checkpoint-redis-"))),
  (dir) => Effect.sync(() => fs.rmSync(dir, { recursive: true, force: true }))
)

const hasEnded = (child: ChildProcess) =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null

const ended = (child: ChildProcess) =>
  Effect.async<void>((resume) => {
    if (hasEnded(child)) resume(Effect.void)
    else child.once("exit", () => resume(Effect.void))
  }).pipe(Effect.timeoutOption("30 seconds"), Effect.asVoid)

const signal = (child: ChildProcess, name: NodeJS.Signals) =>
  live(Effect.suspend(() => {
    if (hasEnded(child)) return Effect.void
    child.kill(name)
    return name === "SIGSTOP" || name === "SIGCONT" ? Effect.void : ended(child)
  }))

const launch = (dir: string, args: ReadonlyArray<string>) => {
  const child = killOnExit(spawn(binary, [path.join(dir, "redis.conf"), ...args], { stdio: "ignore" }))
  child.on("error", (error) => fs.appendFileSync(path.join(dir, "redis.log"), error.message))
  return child
}

const failure = (child: ChildProcess, dir: string, reason: string) =>
  Effect.sync(() => {
    const log = path.join(dir, "redis.log")
    const lines = fs.existsSync(log) ? fs.readFileSync(log, "utf8").trim().split("\n").slice(-5).join("\n") : "no log"
    return new RedisServerError({ message: `redis-server: ${reason}\n${lines}`, exited: hasEnded(child) })
  }).pipe(Effect.flip)

/** Asks for the pid too, since a stranger may answer on the port. */
const answers = (child: ChildProcess, address: RawRedis.ConnectOptions) =>
  Effect.scoped(Effect.gen(function*() {
    const client = yield* RawRedis.connect(address)
    const [pong, info] = yield* client.pipeline([["PING"], ["INFO", "server"]])
    return pong === "PONG" && String(info).includes(`process_id:${child.pid}\r\n`)
  })).pipe(Effect.orElseSucceed(() => false))

const ready = (child: ChildProcess, dir: string, address: RawRedis.ConnectOptions) =>
  answers(child, address).pipe(
    Effect.repeat({ until: (yes) => yes || hasEnded(child), schedule: Schedule.spaced("10 millis") }),
    Effect.flatMap(() => hasEnded(child) ? failure(child, dir, "ended before it answered") : Effect.void),
    Effect.timeoutFail({ duration: "15 seconds", onTimeout: () => "silent" as const }),
    Effect.catchIf((error) => error === "silent", () => failure(child, dir, "did not answer in 15 seconds"))
  )

const makeOnce = (options: RedisServerOptions) =>
  Effect.gen(function*() {
    const dir = yield* directory
    const port = options.port ?? (yield* freePort)
    fs.writeFileSync(path.join(dir, "redis.conf"), configuration(port, dir, options))
    const address = { port, password: options.requirepass }
    let child: ChildProcess = yield* Effect.acquireRelease(
      Effect.sync(() => launch(dir, options.args ?? [])),
      () => signal(child, "SIGKILL")
    )
    yield* ready(child, dir, address)

    const restart = Effect.gen(function*() {
      yield* signal(child, "SIGKILL")
      child = launch(dir, options.args ?? [])
      yield* ready(child, dir, address)
    })
    const credentials = options.requirepass === undefined ? "" : `:${encodeURIComponent(options.requirepass)}@`
    return RedisServer.of({
      host: "127.0.0.1",
      port,
      url: `redis://${credentials}127.0.0.1:${port}`,
      get pid() {
        return child.pid ?? -1
      },
      dir,
      kill: (name = "SIGKILL") => signal(child, name),
      restart: () => live(restart),
      cli: (...args) => RawRedis.call(address, ...args),
      connect: RawRedis.connect(address)
    })
  })
