import type * as Duration from "effect/Duration"
import type * as Redacted from "effect/Redacted"
import type * as Schedule from "effect/Schedule"
import type { StorageError } from "../../schema/Errors.js"

/**
 * How programs are sent, whoever made the client.
 *
 * @since 0.1.0
 */
export interface ClientOptions {
  /**
   * How long one attempt to run a program may take, with the wait for a
   * connection. Default: 5 seconds. At the deadline the connection is dropped.
   * What the server has received by then it may still apply: that is `Unknown`.
   */
  readonly timeout?: Duration.DurationInput | undefined
  /**
   * How long the whole building of the layer may take, and each reconnect
   * later: name lookup, TCP, TLS, authentication, waiting for a server that
   * loads its data. Default: 5 seconds.
   */
  readonly connectTimeout?: Duration.DurationInput | undefined
  /**
   * When to try again after a failure that allows it: nothing was sent, or all
   * commands are repeatable, or the server refused each of them for a passing
   * reason (`LOADING`, `BUSY`, `TRYAGAIN`, `MASTERDOWN`, `CLUSTERDOWN`).
   * Default: `RedisLive.defaultRetry`; `Schedule.stop` turns it off.
   */
  readonly retry?: Schedule.Schedule<unknown, StorageError> | undefined
}

/**
 * TLS settings, as Node's `tls.connect` takes them.
 *
 * @since 0.1.0
 */
export interface TlsOptions {
  /** Certificate authorities in PEM, instead of the well-known ones. */
  readonly ca?: string | Uint8Array | ReadonlyArray<string> | undefined
  /** The client's certificate in PEM, where the server wants one. */
  readonly cert?: string | Uint8Array | undefined
  /** The client's private key in PEM. */
  readonly key?: Redacted.Redacted | undefined
  /** The name that the server's certificate must carry. Default: the host. */
  readonly servername?: string | undefined
  /** `false` trusts any certificate. Default: `true`. */
  readonly rejectUnauthorized?: boolean | undefined
}

/**
 * Where the server is and how to talk to it. A field given beside `url` wins
 * over that part of the URL.
 *
 * @since 0.1.0
 */
export interface Options extends ClientOptions {
  /**
   * `redis://user:password@host:port/db`, `rediss://` for TLS, or
   * `unix:///path/to/socket`; what is not letters or digits in user and password
   * is percent-encoded.
   */
  readonly url?: Redacted.Redacted | undefined
  /** Default: `localhost`. */
  readonly host?: string | undefined
  /** Default: 6379. */
  readonly port?: number | undefined
  /** A Unix socket, instead of host and port. */
  readonly path?: string | undefined
  /** The ACL user. Default: Redis' `default` user. */
  readonly username?: string | undefined
  /** Of the user, or the server's `requirepass`. Default: none. */
  readonly password?: Redacted.Redacted | undefined
  /** The number of the database. Default: 0. */
  readonly db?: number | undefined
  /** `true` for TLS with its defaults. Default: what the URL says, else `false`. */
  readonly tls?: boolean | TlsOptions | undefined
  /** How long to wait for commands in flight when the layer is released. Default: 1 second. */
  readonly closeTimeout?: Duration.DurationInput | undefined
  /** The delay before the first reconnect; it doubles with each failure. Default: 50 milliseconds. */
  readonly reconnectDelay?: Duration.DurationInput | undefined
  /** The longest delay between two reconnects. Default: 1 second. */
  readonly maxReconnectDelay?: Duration.DurationInput | undefined
  /** Shown by `CLIENT LIST`; printable ASCII without spaces. */
  readonly clientName?: string | undefined
}

/**
 * Where a cluster is and how to talk to it. One of its nodes is enough to begin with: it tells of the others.
 *
 * @since 0.3.0
 */
export interface ClusterOptions extends Omit<Options, "path" | "db"> {
  /** Nodes to begin with, `host:port` each, beside or instead of `url` and `host`. */
  readonly nodes?: ReadonlyArray<string> | undefined
}
