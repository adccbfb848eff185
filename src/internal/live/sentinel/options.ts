import type * as Redacted from "effect/Redacted"
import type * as CheckpointStore from "../../../services/CheckpointStore.js"
import type { Options, TlsOptions } from "../options.js"

/**
 * Where the sentinels are, what they watch, and how to talk to the master. `username`, `password` and
 * `tls` are the master's, as for one server.
 *
 * @since 0.3.0
 */
export interface SentinelOptions extends Omit<Options, "url" | "host" | "port" | "path"> {
  /** Sentinels to begin with, `host:port` or `host` each; they tell the others. Default port: 26379. */
  readonly sentinels: ReadonlyArray<string>
  /** What the sentinels call the master, as in `sentinel monitor <name> …`. */
  readonly name: string
  /** The ACL user on the sentinels. Default: `default`. */
  readonly sentinelUsername?: string | undefined
  /** Of the sentinels; it is not the master's. Default: none. */
  readonly sentinelPassword?: Redacted.Redacted | undefined
  /** Whether the sentinels speak TLS, and how. Default: `false`. */
  readonly sentinelTls?: boolean | TlsOptions | undefined
}

/**
 * What the layers of the store behind sentinels take.
 *
 * @since 0.3.0
 */
export interface SentinelStoreOptions extends SentinelOptions, CheckpointStore.Options {}
