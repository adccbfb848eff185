/**
 * A RESP2 client of a few lines, so that tests look at a server without the
 * library and without ioredis.
 */
import { Clock, Effect, type Scope } from "effect"
import * as net from "node:net"
import { RawRedisError, type Reply, RespReader } from "./RespReader.js"

export { RawRedisError, type Reply }

export type Argument = string | number | Uint8Array

export interface RawRedis {
  /** Sends one command; an error reply is a failure. */
  readonly send: (...args: ReadonlyArray<Argument>) => Effect.Effect<Reply, RawRedisError>
  /** Sends all commands in one write; error replies are values. */
  readonly pipeline: (
    commands: ReadonlyArray<ReadonlyArray<Argument>>
  ) => Effect.Effect<ReadonlyArray<Reply>, RawRedisError>
}

export interface ConnectOptions {
  readonly port: number
  readonly password?: string | undefined
}

const patience = "30 seconds"

/** Bounded by the real clock, also in tests which run on a `TestClock`. */
const bounded = <A, R>(effect: Effect.Effect<A, RawRedisError, R>) =>
  effect.pipe(
    Effect.timeoutFail({
      duration: patience,
      onTimeout: () => new RawRedisError({ message: `silent for ${patience}` })
    }),
    Effect.withClock(Clock.make())
  )

/** The bytes of one command. */
export const encode = (args: ReadonlyArray<Argument>): Buffer =>
  Buffer.concat([
    Buffer.from(`*${args.length}\r\n`),
    ...args.flatMap((arg) => {
      const bytes = typeof arg === "object" ? arg : Buffer.from(String(arg))
      return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n")]
    })
  ])

const connected = (socket: net.Socket) =>
  Effect.async<void, RawRedisError>((resume) => {
    socket.once("connect", () => resume(Effect.void))
    socket.once("error", (error) => resume(new RawRedisError({ message: error.message })))
  })

type Waiter = (exit: Effect.Effect<Reply, RawRedisError>) => void

const fromSocket = (socket: net.Socket): RawRedis => {
  const reader = new RespReader()
  const waiters: Array<Waiter> = []
  let broken: RawRedisError | undefined
  const fail = (message: string) => {
    broken ??= new RawRedisError({ message })
    for (const waiter of waiters.splice(0)) waiter(broken)
  }
  socket.on("error", (error) => fail(error.message))
  socket.on("close", () => fail("connection closed"))
  socket.on("data", (chunk) => {
    for (const reply of reader.push(chunk)) waiters.shift()?.(Effect.succeed(reply))
  })
  const reply = Effect.async<Reply, RawRedisError>((resume) => {
    if (broken) resume(broken)
    else waiters.push(resume)
  })
  const pipeline: RawRedis["pipeline"] = (commands) =>
    Effect.suspend(() => {
      socket.write(Buffer.concat(commands.map(encode)))
      return bounded(Effect.all(commands.map(() => reply), { concurrency: "unbounded" }))
    })
  return {
    pipeline,
    send: (...args) =>
      Effect.flatMap(
        pipeline([args]),
        ([first]) => first instanceof RawRedisError ? first : Effect.succeed(first ?? null)
      )
  }
}

/** A connection that is closed with the scope. */
export const connect = (options: ConnectOptions): Effect.Effect<RawRedis, RawRedisError, Scope.Scope> =>
  Effect.gen(function*() {
    const socket = yield* Effect.acquireRelease(
      Effect.sync(() => net.connect({ port: options.port, host: "127.0.0.1", noDelay: true })),
      (it) => Effect.sync(() => it.destroy())
    )
    yield* bounded(connected(socket))
    const client = fromSocket(socket)
    if (options.password !== undefined) yield* client.send("AUTH", options.password)
    return client
  })

/** One command on a connection of its own. */
export const call = (
  options: ConnectOptions,
  ...args: ReadonlyArray<Argument>
): Effect.Effect<Reply, RawRedisError> =>
  Effect.scoped(Effect.flatMap(connect(options), (client) => client.send(...args)))
