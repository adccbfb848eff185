import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Redis, RedisOptions } from "ioredis"
import { isIP } from "node:net"
import type { RedisClient } from "./client.js"
import type { TlsOptions } from "./options.js"
import type { OwnSettings } from "./settings.js"

type NodeTls = NonNullable<RedisOptions["tls"]>

type Defined<A> = { readonly [K in keyof A]: Exclude<A[K], undefined> }

/** Leaves out what is undefined: ioredis would take it for a value. */
const defined = <A extends object>(record: A): Defined<A> =>
  // The properties that are left have no undefined in them.
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Defined<A>

const nodeTls = ({ key, ...tls }: TlsOptions, host: string): NodeTls =>
  defined({
    ...tls,
    key: key === undefined ? undefined : Redacted.value(key),
    servername: tls.servername ?? (isIP(host) === 0 ? host : undefined)
  }) as NodeTls

/**
 * `maxRetriesPerRequest: 0` sends nothing twice, RESP2 has the same replies on
 * both majors, and the handshake begins with a command whose error is told.
 */
const optionsOf = (settings: OwnSettings) =>
  defined({
    ...(settings.target.port === undefined
      ? { path: settings.target.host }
      : { host: settings.target.host, port: settings.target.port }),
    family: 0,
    db: settings.target.db,
    username: settings.username,
    password: settings.password === undefined ? undefined : Redacted.value(settings.password),
    tls: settings.tls === undefined ? undefined : nodeTls(settings.tls, settings.target.host),
    protocol: 2 as const,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    enableReadyCheck: true,
    maxLoadingRetryTime: 200,
    enableAutoPipelining: false,
    disableClientInfo: true,
    keepAlive: 30_000,
    disconnectTimeout: 1,
    retryStrategy: (times: number) => Math.min(settings.reconnectDelay * 2 ** (times - 1), settings.maxReconnectDelay)
  })

/**
 * The whole handshake in one write: a server without a free client slot has
 * hung up by then, and a second write would fail before its reply is read.
 */
const gatherHandshake = (client: Redis): void => {
  const { options, stream } = client
  if (options.tls || stream?.connecting !== true) return
  stream.cork()
  stream.once("connect", () => setImmediate(() => stream.uncork()))
}

/** Loads ioredis, which importing this package does not. */
export const loadClient: Effect.Effect<(settings: OwnSettings) => RedisClient> = Effect.map(
  Effect.promise(() => import("ioredis")),
  ({ Redis }) => (settings) => {
    const client = new Redis(optionsOf(settings))
    // ioredis makes the stream one tick and one microtask after the event.
    client.on("connecting", () => process.nextTick(queueMicrotask, () => gatherHandshake(client)))
    return client
  }
)
