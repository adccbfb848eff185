import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Redis, RedisOptions, SentinelAddress } from "ioredis"
import { isIP } from "node:net"
import { type RedisClient, sentinelTrouble } from "./client.js"
import type { TlsOptions } from "./options.js"
import type { SentinelSettings } from "./sentinel/settings.js"
import type { OwnSettings } from "./settings.js"

type NodeTls = NonNullable<RedisOptions["tls"]>

type Defined<A> = { readonly [K in keyof A]: Exclude<A[K], undefined> }

/** Leaves out what is undefined: ioredis would take it for a value. */
const defined = <A extends object>(record: A): Defined<A> =>
  // The properties that are left have no undefined in them.
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Defined<A>

const nodeTls = ({ key, ...tls }: TlsOptions, host = ""): NodeTls =>
  defined({
    ...tls,
    key: key === undefined ? undefined : Redacted.value(key),
    servername: tls.servername ?? (host !== "" && isIP(host) === 0 ? host : undefined)
  }) as NodeTls

const secret = (password: Redacted.Redacted | undefined): string | undefined =>
  password === undefined ? undefined : Redacted.value(password)

/**
 * The detector leaves a master that the sentinels have replaced. A sentinel that is silent is passed
 * over in time, and when none helps the next round comes by itself: a `null` would end the client.
 */
const sentinelOptions = (settings: OwnSettings, sentinel: SentinelSettings) =>
  defined({
    sentinels: [...sentinel.nodes],
    name: sentinel.name,
    role: "master" as const,
    sentinelUsername: sentinel.username,
    sentinelPassword: secret(sentinel.password),
    sentinelTLS: sentinel.tls === undefined ? undefined : nodeTls(sentinel.tls),
    enableTLSForSentinelMode: settings.tls !== undefined,
    sentinelCommandTimeout: sentinel.timeout,
    sentinelRetryStrategy: delayOf(settings),
    sentinelReconnectStrategy: delayOf(settings),
    failoverDetector: true,
    updateSentinels: true
  })

const delayOf = ({ maxReconnectDelay, reconnectDelay }: OwnSettings) => (times: number): number =>
  Math.min(reconnectDelay * 2 ** (times - 1), maxReconnectDelay)

const placeOf = (settings: OwnSettings) => {
  const { sentinel, target: { host, port } } = settings
  if (sentinel !== undefined) return sentinelOptions(settings, sentinel)
  return port === undefined ? { path: host } : { host, port }
}

/**
 * `maxRetriesPerRequest: 0` sends nothing twice, RESP2 has the same replies on
 * both majors, and the handshake begins with a command whose error is told.
 */
const optionsOf = (settings: OwnSettings) =>
  defined({
    ...placeOf(settings),
    family: 0,
    db: settings.target.db,
    username: settings.username,
    password: secret(settings.password),
    tls: settings.tls === undefined
      ? undefined
      : nodeTls(settings.tls, settings.sentinel === undefined ? settings.target.host : undefined),
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
    retryStrategy: delayOf(settings)
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

interface SentinelConnector {
  connectToSentinel?: (endpoint: SentinelAddress, ...options: ReadonlyArray<unknown>) => Redis
}

/** ioredis prints what connections to sentinels meet that listen there, and tells of the others only that they closed. */
const hearSentinels = (client: Redis): void => {
  // Private in its types, and the same in both majors.
  const connector = Reflect.get(client, "connector") as SentinelConnector
  const connectToSentinel = connector.connectToSentinel?.bind(connector)
  if (connectToSentinel === undefined) return
  connector.connectToSentinel = (endpoint, ...options) =>
    connectToSentinel(endpoint, ...options).on("error", (error: unknown) => {
      client.emit(sentinelTrouble, `${endpoint.host}:${endpoint.port}`, error)
    })
}

/** Loads ioredis, which importing this package does not. */
export const loadClient: Effect.Effect<(settings: OwnSettings) => RedisClient> = Effect.map(
  Effect.promise(() => import("ioredis")),
  ({ Redis }) => (settings) => {
    const client = new Redis(optionsOf(settings))
    hearSentinels(client)
    // ioredis makes the stream one tick and one microtask after the event.
    client.on("connecting", () => process.nextTick(queueMicrotask, () => gatherHandshake(client)))
    return client
  }
)
