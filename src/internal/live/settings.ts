import * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Schedule from "effect/Schedule"
import type { StorageError } from "../../schema/Errors.js"
import type { RedisClientOptions } from "./client.js"
import type { ClientOptions, Options, TlsOptions } from "./options.js"
import { defaultRetry } from "./retry.js"
import type { SentinelSettings } from "./sentinel/settings.js"
import { parseUrl, type UrlParts } from "./url.js"

/** Where a connection leads, as errors, logs and spans show it. */
export interface Target {
  /** `host:port`, or the path of a socket. */
  readonly address: string
  readonly host: string
  /** None for a Unix socket. */
  readonly port: number | undefined
  readonly db: number
}

/** Options checked and completed; durations in milliseconds. */
export interface Settings {
  readonly target: Target
  /** Whether TLS is spoken. */
  readonly secure: boolean
  readonly timeout: number
  readonly connectTimeout: number
  readonly closeTimeout: number
  readonly retry: Schedule.Schedule<unknown, StorageError>
  readonly clientName: string | undefined
  /** Whether calls of a script by several fibers may share a command: keys of one slot, or no slots. */
  readonly batches: boolean
}

/** The same for a client of our own. */
export interface OwnSettings extends Settings {
  readonly username: string | undefined
  readonly password: Redacted.Redacted | undefined
  readonly tls: TlsOptions | undefined
  readonly reconnectDelay: number
  readonly maxReconnectDelay: number
  /** Who tells where the server is, in place of the target's own host and port. */
  readonly sentinel?: SentinelSettings | undefined
}

type Checked<A> = Either.Either<A, ConfigError.ConfigError>

export const invalidOption = (option: string, message: string): ConfigError.ConfigError =>
  ConfigError.InvalidData([option], `${option} ${message}`)

const invalid = (option: string, message: string) => Either.left(invalidOption(option, message))

/** `Duration.decode` turns what is negative into zero, and a timer takes what is too long for zero. */
const longest = 2 ** 31 - 1

const milliseconds = (
  option: string,
  input: Duration.DurationInput | undefined,
  otherwise: number,
  least: number
): Checked<number> => {
  if (input === undefined) return Either.right(otherwise)
  const negative = typeof input === "string" ? input.trimStart().startsWith("-") : Number(input) < 0
  const millis = Option.map(Duration.decodeUnknown(input), Duration.toMillis)
  return Option.isSome(millis) && !negative && millis.value >= least && millis.value <= longest
    ? Either.right(millis.value)
    : invalid(option, `must be a duration from ${least} milliseconds to 24 days`)
}

const integer = (option: string, value: number, least: number, most: number): Checked<number> =>
  Number.isInteger(value) && value >= least && value <= most
    ? Either.right(value)
    : invalid(option, `must be an integer from ${least} to ${most}`)

const common = (options: ClientOptions) =>
  Either.all({
    timeout: milliseconds("timeout", options.timeout, 5_000, 1),
    connectTimeout: milliseconds("connectTimeout", options.connectTimeout, 5_000, 1),
    retry: Either.right(options.retry ?? defaultRetry)
  })

const urlParts = (url: Redacted.Redacted | undefined): Checked<UrlParts> =>
  url === undefined
    ? Either.right({ tls: false })
    : Either.orElse(parseUrl(Redacted.value(url)), (message) => invalid("url", message))

const target = (
  options: Pick<Options, "host" | "port" | "path" | "db">,
  url: Omit<UrlParts, "tls">
): Checked<Target> => {
  const host = options.host ?? url.host ?? "localhost"
  const path = options.path ?? (options.host === undefined ? url.path : undefined)
  return Either.map(
    Either.all({
      db: integer("db", options.db ?? url.db ?? 0, 0, longest),
      port: integer("port", options.port ?? url.port ?? 6379, 1, 65_535)
    }),
    ({ db, port }) =>
      path === undefined
        ? { address: `${host.includes(":") ? `[${host}]` : host}:${port}`, host, port, db }
        : { address: path, host: path, port: undefined, db }
  )
}

const credentials = (options: Options, url: UrlParts) => {
  const username = options.username ?? url.username
  const password = options.password ?? (url.password === undefined ? undefined : Redacted.make(url.password))
  return username !== undefined && password === undefined
    ? invalid("password", "is missing: a username alone does not authenticate")
    : Either.right({ username, password })
}

const tls = (option: Options["tls"], url: UrlParts): TlsOptions | undefined => {
  if (typeof option === "object") return option
  return option ?? url.tls ? {} : undefined
}

const clientName = (name: string | undefined): Checked<string | undefined> =>
  name === undefined || /^[!-~]+$/.test(name)
    ? Either.right(name)
    : invalid("clientName", "must be printable ASCII without spaces")

const toEffect = <A>(checked: Checked<A>): Effect.Effect<A, ConfigError.ConfigError> =>
  Either.isRight(checked) ? Effect.succeed(checked.right) : Effect.fail(checked.left)

/** The settings for a client of our own, or the first option that is wrong. */
export const fromOptions = (options: Options): Effect.Effect<OwnSettings, ConfigError.ConfigError> =>
  toEffect(Either.flatMap(urlParts(options.url), (url) =>
    Either.map(
      Either.all({
        common: common(options),
        target: target(options, url),
        credentials: credentials(options, url),
        clientName: clientName(options.clientName),
        closeTimeout: milliseconds("closeTimeout", options.closeTimeout, 1_000, 0),
        reconnectDelay: milliseconds("reconnectDelay", options.reconnectDelay, 50, 1),
        maxReconnectDelay: milliseconds("maxReconnectDelay", options.maxReconnectDelay, 1_000, 1)
      }),
      ({ common, credentials, ...rest }) => {
        const settings = { ...common, ...credentials, ...rest, tls: tls(options.tls, url) }
        return { ...settings, secure: settings.tls !== undefined, batches: true }
      }
    )))

/** The master's address is what the sentinels say, and changes. */
export const sentinelTarget = ({ db }: Target, name: string): Target => ({
  address: `sentinel ${name}`,
  host: name,
  port: undefined,
  db
})

/** The settings for a client that the caller made. */
export const fromClient = (
  client: RedisClientOptions,
  options: ClientOptions
): Effect.Effect<Settings, ConfigError.ConfigError> =>
  toEffect(Either.map(
    Either.all({ common: common(options), target: target(client, {}) }),
    (settings) => ({
      ...settings.common,
      target: client.sentinels ? sentinelTarget(settings.target, client.name ?? "") : settings.target,
      secure: Boolean(client.tls),
      closeTimeout: 0,
      clientName: undefined,
      batches: true
    })
  ))
