/**
 * A TCP proxy on loopback that counts what passes and breaks it on demand.
 *
 * A round trip is one burst of requests and its replies: a new one begins when
 * bytes come from the client and either none came before on that connection, or
 * at least one byte came from the server since.
 */
import { Data, Effect, type Scope } from "effect"
import * as net from "node:net"
import { type Fault, type Hub, Link, type Stats } from "./ProxyLink.js"

export type { Fault, Stats }

/** The proxy cannot listen. */
export class ProxyError extends Data.TaggedError("ProxyError")<{ readonly message: string }> {}

export interface ProxyOptions {
  /** The port to forward to, on 127.0.0.1. */
  readonly target: number
}

export interface Proxy {
  readonly host: "127.0.0.1"
  readonly port: number
  /** What passed since the start or the last `resetStats`. */
  readonly stats: () => Stats
  readonly resetStats: () => void
  /** Breaks the next request that begins on any connection, once. */
  readonly arm: (fault: Fault) => Effect.Effect<void>
  /** Waits until the fault that was armed last has struck. */
  readonly struck: () => Effect.Effect<void>
  /** Forgets a fault that has not struck. */
  readonly disarm: () => Effect.Effect<void>
  /** Ends every open connection; with `reset` by RST instead of FIN. */
  readonly cutAll: (options?: { readonly reset?: boolean | undefined }) => Effect.Effect<void>
  /** Accepts and reads, but forwards nothing in either direction. */
  readonly pause: () => Effect.Effect<void>
  /** Forwards what was held back, by `pause` or by a stalling fault. */
  readonly resume: () => Effect.Effect<void>
  /** Stops listening, so that new connections get ECONNREFUSED; open ones stay. */
  readonly refuse: () => Effect.Effect<void>
  /** Listens again, on the same port. */
  readonly accept: () => Effect.Effect<void, ProxyError>
}

const noStats: Stats = { roundTrips: 0, bytesToServer: 0, bytesToClient: 0, connections: 0 }

const listen = (server: net.Server, port: number) =>
  Effect.async<number, ProxyError>((resume) => {
    const failed = (error: Error) => resume(new ProxyError({ message: error.message }))
    server.once("error", failed)
    server.listen(port, "127.0.0.1", () => {
      server.off("error", failed)
      resume(Effect.succeed((server.address() as net.AddressInfo).port))
    })
  })

const faults = (hub: Hub) => {
  let last = Promise.resolve()
  return {
    arm: (fault: Fault) =>
      Effect.sync(() => {
        last = new Promise((struck) => {
          hub.armed = { fault, struck }
        })
      }),
    struck: () => Effect.promise(() => last),
    disarm: () =>
      Effect.sync(() => {
        hub.armed = undefined
      })
  }
}

const controls = (hub: Hub) => ({
  ...faults(hub),
  stats: () => ({ ...hub.stats }),
  resetStats: () => {
    hub.stats = { ...noStats }
  },
  cutAll: (options?: { readonly reset?: boolean | undefined }) =>
    Effect.sync(() => {
      for (const link of hub.links) link.cut(options?.reset ?? false)
    }),
  pause: () =>
    Effect.sync(() => {
      hub.paused = true
    }),
  resume: () =>
    Effect.sync(() => {
      hub.paused = false
      for (const link of hub.links) link.release()
    })
})

const acceptor = (hub: Hub, target: number) =>
  net.createServer({ noDelay: true }, (client) => {
    hub.stats.connections++
    const server = net.connect({ port: target, host: "127.0.0.1", noDelay: true })
    hub.links.add(new Link(hub, client, server))
  })

/** A proxy that ends, with all its connections, with the scope. */
export const make = (options: ProxyOptions): Effect.Effect<Proxy, ProxyError, Scope.Scope> =>
  Effect.gen(function*() {
    const hub: Hub = { stats: { ...noStats }, armed: undefined, paused: false, links: new Set() }
    const { cutAll, ...rest } = controls(hub)
    const close = Effect.sync(() => {
      server.close()
    })
    const server = yield* Effect.acquireRelease(
      Effect.sync(() => acceptor(hub, options.target)),
      () => Effect.zipRight(close, cutAll())
    )
    const port = yield* listen(server, 0)
    return {
      host: "127.0.0.1",
      port,
      ...rest,
      cutAll,
      refuse: () => close,
      accept: () => server.listening ? Effect.void : Effect.asVoid(listen(server, port))
    }
  })
