import type { ConnectionReason, Outcome, StorageError } from "../../schema/Errors.js"
import { RedisCommandError, RedisConnectionError } from "../../schema/Errors.js"

interface ErrorLike {
  readonly name: string
  readonly message: string
  readonly code: string | undefined
}

const read = (error: unknown, field: string): string | undefined => {
  const value = typeof error === "object" && error !== null ? Reflect.get(error, field) : undefined
  return typeof value === "string" ? value : undefined
}

/** An `AggregateError` of several addresses of one host has no message of its own. */
const describe = (error: unknown): ErrorLike => {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined
  return {
    name: read(error, "name") ?? "Error",
    message: read(error, "message") || read(first, "message") || "",
    code: read(error, "code") ?? read(first, "code")
  }
}

/** ioredis leaves the whole command on the error; only its name may be told. */
const commandOf = (error: unknown): string => {
  const command: unknown = Reflect.get(Object(error), "command")
  return (read(command, "name") ?? "").toUpperCase()
}

/** The server refused a command without which the connection is not the one that was asked for. */
export const refusesHandshake = (error: unknown): boolean =>
  isReply(error) && ["AUTH", "HELLO", "SELECT", "INFO"].includes(commandOf(error))

const tlsSilence = "no answer to the TLS handshake"

/** A watchdog's finding: the peer accepted the connection and then said nothing. */
export const silence = (inTls: boolean): Error =>
  Object.assign(new Error(inTls ? tlsSilence : "no answer to the handshake"), { code: "ETIMEDOUT" })

const silentHandshake = (error: unknown): boolean => describe(error).message === tlsSilence

/** Redis' own words. The name is lost where a bundler renames classes, the form of the text is not. */
export const isReply = (error: unknown): boolean => {
  const { code, message, name } = describe(error)
  return name === "ReplyError" || (code === undefined && /^[A-Z][A-Z0-9_]+ /.test(message))
}

/** ioredis refused to write it. */
export const isUnwritten = (error: unknown): boolean => describe(error).message.startsWith("Stream isn't writeable")

/** No sentinel has named a master that is there. */
export const isLeaderless = (error: unknown): boolean => describe(error).message.startsWith("All sentinels are")

/** The same, with what the connection to that sentinel met in place of its end. */
export const becauseOf = (error: unknown, troubles: ReadonlyMap<string, unknown>): unknown => {
  const [, start = "", address = ""] =
    /^(failed to connect to sentinel (.*) because )Connection is closed\.$/.exec(describe(error).message) ?? []
  const trouble = troubles.get(address)
  if (trouble === undefined) return error
  const { code, message } = describe(trouble)
  return Object.assign(new Error(start + message), code === undefined ? {} : { code })
}

const codes: ReadonlyArray<readonly [RegExp, ConnectionReason]> = [
  [/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ENOENT|EACCES|EPERM)$/, "Refused"],
  [/^(ENOTFOUND|EAI_\w+)$/, "Dns"],
  [/^ETIMEDOUT$/, "Timeout"],
  [
    /^(EPROTO|ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE))/,
    "Tls"
  ]
]

const messages: ReadonlyArray<readonly [RegExp, ConnectionReason]> = [
  [/max number of clients/, "TooManyClients"],
  [/^(Ready check failed: )?(NOAUTH|WRONGPASS|NOPERM|DENIED|ERR invalid password)/, "Authentication"],
  [/SSL routines|wrong version number/i, "Tls"],
  [/^Unknown RESP type|^Protocol error, got|^Command queue state error/, "Protocol"],
  [/^Socket timeout/, "Timeout"],
  [/^failed to connect to sentinel .* because (NOAUTH|WRONGPASS|NOPERM)/, "Authentication"],
  [/^failed to connect to sentinel .* because .*(ENOTFOUND|EAI_)/, "Dns"],
  [/^failed to connect to sentinel .* because .*timed out/, "Timeout"],
  [/^failed to connect to sentinel |^connected to sentinel |^All sentinels are/, "Refused"]
]

const find = (table: ReadonlyArray<readonly [RegExp, ConnectionReason]>, text: string | undefined) =>
  text === undefined ? undefined : table.find(([pattern]) => pattern.test(text))?.[1]

/** Undefined when a lost connection is all that is known. */
export const reasonOf = (error: unknown): ConnectionReason | undefined => {
  const { code, message } = describe(error)
  return find(codes, code) ?? find(messages, message)
}

/** A copy that holds neither the command, whose arguments are the payload, nor other properties. */
const sanitised = (error: unknown): Error => {
  const { code, message, name } = describe(error)
  const text = message.replace(/,? with args beginning with:[\s\S]*$/, "")
  return Object.assign(new Error(text), { name }, code === undefined ? {} : { code })
}

/** Where the failure of a connection happened. */
export interface Place {
  readonly address: string
  readonly outcome: Outcome
}

export const connectionError = (
  reason: ConnectionReason,
  { address, outcome }: Place,
  cause?: unknown
): RedisConnectionError =>
  new RedisConnectionError({
    reason,
    outcome,
    address,
    ...(cause === undefined ? {} : { cause: sanitised(cause) })
  })

/** Names both ends of the doubt: a port that wants TLS hangs up on a client without it, and the reverse. */
const hungUp = (error: unknown, { address }: Place, tls: boolean): RedisConnectionError => {
  const { message } = describe(error)
  const hint = tls ? "in the TLS handshake" : "before it answered, as a port does that wants TLS (rediss://)"
  const cause = new Error(`the peer hung up ${hint}${message === "" ? "" : `: ${message}`}`)
  return connectionError(tls ? "Tls" : "Closed", { address, outcome: "NotSent" }, cause)
}

/** Why the first attempt of all failed, when the settings are in doubt as much as the server. */
export const firstFailure = (error: unknown, place: Place, tls: boolean): StorageError => {
  if (tls && silentHandshake(error)) return connectionError("Tls", place, error)
  return reasonOf(error) === undefined && !isReply(error) ? hungUp(error, place, tls) : failure(error, place)
}

/**
 * Why there is no connection. A reply to the handshake that is not about
 * credentials or clients (BUSY, a database out of range) stays a command's error.
 */
export const failure = (error: unknown, place: Place): StorageError => {
  const reason = reasonOf(error)
  if (reason === undefined && isReply(error)) {
    return RedisCommandError.fromReply(commandOf(error), describe(error).message)
  }
  return connectionError(reason ?? "Closed", place, error)
}
