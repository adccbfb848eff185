import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as Proxy from "../../support/Proxy.js"
import * as Live from "./support/Live.js"
import * as Peers from "./support/Peers.js"
import * as Tls from "./support/Tls.js"

const refusedAs = (reason: "Tls" | "Closed", options: Parameters<typeof Live.connect>[0]) =>
  Effect.gen(function*() {
    const error = yield* Live.failure("4 seconds", Effect.scoped(Live.connect({ ...options, host: "localhost" })))
    Live.assertConnectionError(error, { reason, outcome: "NotSent" })
    return error
  })

describe("TLS", () => {
  it.scopedLive("a server whose certificate is trusted, by rediss:// or by options", () =>
    Effect.gen(function*() {
      const { pem, server, tlsPort } = yield* Tls.make({ clients: "no" })
      const tls = { ca: pem("ca.crt") }
      const redis = yield* Live.connect({ host: "localhost", port: tlsPort, tls })
      yield* redis.pipeline(Live.set("k", "v"))
      assert.strictEqual(yield* server.cli("GET", "k"), "v")
      const byUrl = yield* Live.connect({ ...Live.url(`rediss://localhost:${tlsPort}`), host: "127.0.0.1", tls })
      assert.strictEqual(yield* byUrl.pipeline(Live.get("k")), "v")
    }))

  it.scopedLive("a certificate that is not trusted, or for another name: Tls; unless it is not to be verified", () =>
    Effect.gen(function*() {
      const { pem, tlsPort } = yield* Tls.make({ clients: "no" })
      const error = yield* refusedAs("Tls", { port: tlsPort, tls: true })
      assert.match(String(Reflect.get(error, "cause")), /certificate/)
      yield* refusedAs("Tls", { port: tlsPort, tls: { ca: pem("ca.crt"), servername: "redis.example.com" } })
      yield* Live.connect({ port: tlsPort, tls: { rejectUnauthorized: false } })
    }))

  it.scopedLive("a certificate or key that is not PEM: Tls", () =>
    Effect.gen(function*() {
      const { tlsPort } = yield* Tls.make({ clients: "no" })
      const tls = { cert: "nonsense", key: Redacted.make("nonsense") }
      yield* refusedAs("Tls", { port: tlsPort, tls })
    }))

  it.scopedLive("a server that wants a client certificate: Tls without one", () =>
    Effect.gen(function*() {
      const { pem, tlsPort } = yield* Tls.make({ clients: "yes" })
      const ca = pem("ca.crt")
      yield* refusedAs("Tls", { port: tlsPort, tls: { ca } })
      const redis = yield* Live.connect({
        port: tlsPort,
        tls: { ca, cert: pem("client.crt"), key: Redacted.make(pem("client.key")) }
      })
      assert.strictEqual(yield* redis.pipeline(Live.ping), "PONG")
    }))

  it.scopedLive("TLS to a plain port: Tls, at connectTimeout, since the server waits for the rest of a command", () =>
    Effect.gen(function*() {
      const { server } = yield* Tls.make({ clients: "no" })
      yield* refusedAs("Tls", { port: server.port, tls: true, connectTimeout: "300 millis" })
    }))

  it.scopedLive("TLS to a peer that hangs up or speaks first: Tls", () =>
    Effect.gen(function*() {
      yield* refusedAs("Tls", { port: yield* Peers.closing, tls: true })
      yield* refusedAs("Tls", { port: yield* Peers.peer((socket) => socket.write("-ERR hello\r\n")), tls: true })
    }))

  it.scopedLive("plain to a TLS port: Closed, since it hangs up without a word; the cause names TLS", () =>
    Effect.gen(function*() {
      const { tlsPort } = yield* Tls.make({ clients: "no" })
      const error = yield* refusedAs("Closed", { port: tlsPort })
      assert.match(String(Reflect.get(error, "cause")), /rediss:\/\//)
    }))

  it.scopedLive("a TLS server that goes away later: Closed, which is retried, not Tls", () =>
    Effect.gen(function*() {
      const { pem, server, tlsPort } = yield* Tls.make({ clients: "no" })
      const proxy = yield* Proxy.make({ target: tlsPort })
      const redis = yield* Live.connect({ host: "localhost", port: proxy.port, tls: { ca: pem("ca.crt") } })
      yield* server.kill()
      const errors = yield* Effect.forEach(
        [1, 2, 3, 4],
        () => Live.failure("2 seconds", redis.pipeline(Live.ping))
      )
      for (const error of errors) assert.propertyVal(error, "reason", "Closed")
    }))
})
