/** Servers that are not Redis. */
import { Effect, type Scope } from "effect"
import * as http from "node:http"
import * as net from "node:net"

const listening = (server: net.Server): Effect.Effect<number, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<number>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed((server.address() as net.AddressInfo).port)))
    }),
    () => Effect.sync(() => server.close())
  )

/** Does with each connection what `serve` does. */
export const peer = (serve: (socket: net.Socket) => void): Effect.Effect<number, never, Scope.Scope> =>
  Effect.gen(function*() {
    const sockets = new Set<net.Socket>()
    const server = net.createServer((socket) => {
      sockets.add(socket)
      socket.on("error", () => socket.destroy())
      serve(socket)
    })
    yield* Effect.addFinalizer(() => Effect.sync(() => sockets.forEach((socket) => socket.destroy())))
    return yield* listening(server)
  })

/** Accepts, and never says a word. */
export const silent = peer((socket) => socket.resume())

/** Accepts, and hangs up. */
export const closing = peer((socket) => socket.end())

export const web = Effect.suspend(() => listening(http.createServer((_, response) => response.end("hello"))))
