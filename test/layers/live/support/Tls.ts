/** A certificate authority, and redis-servers that speak TLS with it. */
import { Effect, type Scope } from "effect"
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import { tmpdir } from "node:os"
import * as path from "node:path"
import type { RawRedisError } from "../../../support/RawRedis.js"
import { freePort, RedisServer, type RedisServerOptions } from "../../../support/RedisServer.js"

const openssl = (dir: string, ...args: ReadonlyArray<string>) =>
  execFileSync("openssl", args, { cwd: dir, stdio: "pipe" })

const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

const issue = (dir: string, name: string, subjectAltName: string, days = 2) => {
  openssl(dir, "req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`)
  fs.writeFileSync(path.join(dir, `${name}.ext`), `subjectAltName=${subjectAltName}\n`)
  const ca = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"]
  openssl(
    dir,
    "x509",
    "-req",
    "-in",
    `${name}.csr`,
    ...ca,
    "-extfile",
    `${name}.ext`,
    "-days",
    String(days),
    "-out",
    `${name}.crt`
  )
}

const certificates = Effect.acquireRelease(
  Effect.sync(() => {
    const dir = fs.mkdtempSync(path.join(tmpdir(), "effect-checkpoint-tls-"))
    openssl(dir, "req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=test CA")
    issue(dir, "server", "DNS:localhost,IP:127.0.0.1")
    issue(dir, "client", "DNS:client")
    issue(dir, "stranger", "DNS:redis.example.com")
    issue(dir, "expired", "DNS:localhost,IP:127.0.0.1", -1)
    return dir
  }),
  (dir) => Effect.sync(() => fs.rmSync(dir, { recursive: true, force: true }))
)

export interface TlsServer {
  readonly server: typeof RedisServer.Service
  readonly tlsPort: number
  /** Reads a file in PEM: `ca.crt`, `client.crt`, `client.key`. */
  readonly pem: (file: string) => string
  /** What the server shows to new connections: its own certificate at first. */
  readonly present: (certificate: "server" | "stranger" | "expired") => Effect.Effect<void, RawRedisError>
}

/** Plain on `server.port`, TLS on `tlsPort`. */
export const make = (
  options: { readonly clients: "yes" | "no" } & Pick<RedisServerOptions, "args" | "config">
): Effect.Effect<TlsServer, Effect.Effect.Error<ReturnType<typeof RedisServer.make>>, Scope.Scope> =>
  Effect.gen(function*() {
    const dir = yield* certificates
    const tlsPort = yield* freePort
    const server = yield* RedisServer.make({
      args: options.args,
      config: [
        ...options.config ?? [],
        `tls-port ${tlsPort}`,
        `tls-cert-file ${dir}/server.crt`,
        `tls-key-file ${dir}/server.key`,
        `tls-ca-cert-file ${dir}/ca.crt`,
        `tls-auth-clients ${options.clients}`
      ]
    })
    return {
      server,
      tlsPort,
      pem: (file) => fs.readFileSync(path.join(dir, file), "utf8"),
      present: (name) =>
        Effect.asVoid(
          server.cli("CONFIG", "SET", "tls-cert-file", `${dir}/${name}.crt`, "tls-key-file", `${dir}/${name}.key`)
        )
    }
  })
