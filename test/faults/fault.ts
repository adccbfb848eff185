/** A fault is a value: what to start, what to do to it while clients run, and what the server itself may lose by it. */
import { Effect, type Scope } from "effect"
import type * as RedisLive from "../../src/layers/RedisLive.js"
import type { Random } from "../races/random.js"
import type * as RawRedis from "../support/RawRedis.js"
import { RedisServer, type RedisServerOptions } from "../support/RedisServer.js"
import type { Watch } from "./clients.js"
import type { Loses } from "./judge.js"
import type { Recorder } from "./recorder.js"

export interface Arena extends Watch {
  readonly happens: Recorder["happens"]
  readonly random: Random
}

export interface Place {
  readonly server: typeof RedisServer.Service
  /** How the clients connect. */
  readonly options: RedisLive.Options
  /** Breaks something, and mends it again. */
  readonly strike: (arena: Arena) => Effect.Effect<unknown, unknown>
}

export interface Fault {
  readonly name: string
  readonly loses: Loses
  readonly start: Effect.Effect<Place, unknown, Scope.Scope>
}

export type Server = Place["server"]

type Strike = (server: Server) => Place["strike"]

/** A fault of a server to which the clients connect without anything between. */
export const ofServer = (
  name: string,
  strike: Strike,
  { loses = "nothing", ...options }: RedisServerOptions & { readonly loses?: Loses } = {}
): Fault => ({
  name,
  loses,
  start: Effect.map(RedisServer.make(options), (server) => ({
    server,
    options: { port: server.port },
    strike: strike(server)
  }))
})

/** Broken until clients have noticed. */
export const meanwhile =
  (breaks: Effect.Effect<unknown, unknown>, mends: Effect.Effect<unknown, unknown>): Place["strike"] => ({ noticed }) =>
    Effect.zipRight(breaks, Effect.ensuring(noticed, Effect.orDie(mends)))

/** The same by commands to the server. */
export const commanded = (
  breaks: ReadonlyArray<ReadonlyArray<RawRedis.Argument>>,
  mends: ReadonlyArray<ReadonlyArray<RawRedis.Argument>>
): Strike =>
(server) => {
  const send = (commands: typeof breaks) => Effect.forEach(commands, (command) => server.cli(...command))
  return meanwhile(send(breaks), send(mends))
}

/** Again and again, with some calls between. */
export const repeatedly = (breaks: Effect.Effect<unknown, unknown>): Place["strike"] => ({ progress }) =>
  Effect.repeatN(Effect.zipRight(breaks, progress(3)), 3)
