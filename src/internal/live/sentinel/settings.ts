import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { TlsOptions } from "../options.js"
import { fromOptions, invalidOption, type OwnSettings, sentinelTarget } from "../settings.js"
import type { SentinelOptions } from "./options.js"

/** A sentinel to ask. */
export interface Node {
  readonly host: string
  readonly port: number
}

/** How the master is found. */
export interface SentinelSettings {
  readonly nodes: ReadonlyArray<Node>
  readonly name: string
  readonly username: string | undefined
  readonly password: Redacted.Redacted | undefined
  readonly tls: TlsOptions | undefined
  /** How long one of them may take to answer, in milliseconds. */
  readonly timeout: number
}

const defaultPort = 26379

/** Never quotes the text: somebody may have put a password there. */
const nodeOf = (text: string): Node | undefined => {
  try {
    const { hash, hostname, pathname, password, port, search, username } = new URL(`redis://${text}`)
    const plain = username === "" && password === "" && pathname === "" && search === "" && hash === ""
    const host = hostname.replace(/^\[(.*)\]$/, "$1")
    return plain && host !== "" ? { host, port: port === "" ? defaultPort : Number(port) } : undefined
  } catch {
    return undefined
  }
}

const invalid = (option: string, message: string): Effect.Effect<never, ConfigError.ConfigError> =>
  Effect.fail(invalidOption(option, message))

const nodesOf = (
  sentinels: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<Node>, ConfigError.ConfigError> => {
  const nodes = sentinels.map(nodeOf)
  const all = nodes.filter((node) => node !== undefined)
  return all.length > 0 && all.length === nodes.length
    ? Effect.succeed(all)
    : invalid("sentinels", "must be one or more of host:port, without credentials; use sentinelPassword for those")
}

/** All of them have had their turn in half of `connectTimeout`, so that one that is silent does not hide the others. */
const turn = (connectTimeout: number, count: number): number => Math.max(1, Math.floor(connectTimeout / 2 / count))

/** The settings of a client that asks sentinels for the master. */
export const fromSentinelOptions = (
  { name, sentinelPassword, sentinelTls, sentinelUsername, sentinels, ...options }: SentinelOptions
): Effect.Effect<OwnSettings, ConfigError.ConfigError> =>
  Effect.gen(function*() {
    if (name === "") return yield* invalid("name", "must be what the sentinels call the master")
    if (sentinelUsername !== undefined && sentinelPassword === undefined) {
      return yield* invalid("sentinelPassword", "is missing: a username alone does not authenticate")
    }
    const nodes = yield* nodesOf(sentinels)
    const settings = yield* fromOptions({ ...options, url: undefined, path: undefined })
    const tls = sentinelTls === true ? {} : sentinelTls || undefined
    const timeout = turn(settings.connectTimeout, nodes.length)
    const sentinel = { nodes, name, username: sentinelUsername, password: sentinelPassword, tls, timeout }
    return { ...settings, target: sentinelTarget(settings.target, name), sentinel }
  })
