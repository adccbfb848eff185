/** What a reader of the error can do, per reason and per code. */
const connection = {
  Refused: "the connection was refused; is a server listening there, and are host and port right?",
  Dns: "the host name does not resolve; check the host",
  Timeout: "no answer before the deadline; the server is stopped, loading or busy, or the network drops packets",
  Closed: "the connection closed; the server went away or the layer was released",
  Authentication: "the server refused the credentials; check user name and password, or the ACL",
  Tls: "the TLS handshake failed; does the port speak TLS (rediss://), is the certificate trusted and for this host?",
  Protocol: "the peer does not speak the Redis protocol; check host, port and TLS",
  TooManyClients: "the server has no free client slot; raise maxclients or use fewer connections",
  Storage: "the key-value store that holds the data failed"
} as const

export const connectionRemedy = (reason: keyof typeof connection): string => connection[reason]

export const retryableReasons: ReadonlySet<string> = new Set(["Refused", "Dns", "Timeout", "Closed", "TooManyClients"])

const command: Readonly<Record<string, string>> = {
  WRONGTYPE: "the key holds data of another kind: use another prefix, or the index option that wrote it",
  OOM: "the server is out of memory: delete checkpoints, lower maxCheckpoints or the TTL, or raise maxmemory",
  READONLY: "the server is a replica: connect to the master",
  NOPERM: "the ACL user lacks a command or a key pattern",
  NOAUTH: "the server wants a password",
  MISCONF: "the server cannot persist: an operator must free its disk",
  LOADING: "the server is loading its data: retry later",
  BUSY: "another client's script blocks the server: retry later",
  NOSCRIPT: "the script cache was flushed in the middle of this pipeline: run it again if its other commands allow it",
  CROSSSLOT: "the keys of one command live in different cluster slots",
  MOVED: "the server is part of a cluster: connect with a cluster client",
  EXECABORT: "the transaction was discarded, nothing of it was applied"
}

export const commandRemedy = (code: string): string => {
  const remedy = command[code]
  return remedy === undefined ? "" : ` — ${remedy}`
}

export const retryableCodes: ReadonlySet<string> = new Set([
  "LOADING",
  "BUSY",
  "READONLY",
  "MASTERDOWN",
  "NOREPLICAS",
  "TRYAGAIN",
  "CLUSTERDOWN",
  "NOSCRIPT"
])

/**
 * Without what Redis quotes of the arguments, and without what it adds, in front (6.2) or behind (7), about a
 * script. What the ACL forbids inside of a script Redis 7.0 calls ERR.
 */
export const plainError = (text: string): string =>
  text
    .replace(/,? with args beginning with:[\s\S]*$/, "")
    .replace(/^ERR Error running script \(call to \w+\): @\w+:\d+: -?(@\w+: \d+: )?-?/, "")
    .replace(/ script: \w+, on @\w+:\d+\.?$/, "")

const deniedInScript = /^(ERR )?(The user executing the script can't|ACL failure in script:) /

/** Redis' own prefix. What the ACL denies inside of a script comes as a plain error, and is told like any other. */
export const codeOf = (message: string): string =>
  deniedInScript.test(message) ? "NOPERM" : /^[A-Z][A-Z0-9_]*(?= |$)/.exec(message)?.[0] ?? "ERR"
