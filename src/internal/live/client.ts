/** What a connection is written to. Destroying it makes every command in flight fail at once. */
export interface RedisStream {
  readonly writable: boolean
  readonly writableCorked: number
  readonly connecting: boolean
  cork(): void
  uncork(): void
  destroy(): unknown
}

/** The settings of a client that decide whether the guarantees of this package hold with it. */
export interface RedisClientOptions {
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly path?: string | undefined
  readonly db?: number | undefined
  readonly tls?: unknown
  readonly sentinels?: unknown
  readonly name?: string | null | undefined
  readonly failoverDetector?: boolean | undefined
  readonly maxRetriesPerRequest?: number | null | undefined
  readonly keyPrefix?: string | undefined
  readonly commandTimeout?: number | undefined
  readonly enableAutoPipelining?: boolean | undefined
  readonly stringNumbers?: boolean | undefined
  readonly autoResendUnfulfilledCommands?: boolean | undefined
  readonly enableReadyCheck?: boolean | undefined
  readonly reconnectOnError?: unknown
  readonly socketTimeout?: number | undefined
}

/** The event by which our own clients tell what a connection to a sentinel met. */
export const sentinelTrouble = "effect-checkpoint/sentinelTrouble"

/** Commands collected to be written at once. */
export interface RedisBatch {
  call(command: string, args: Array<string | number | Uint8Array>): unknown
  callBuffer(command: string, args: Array<string | number | Uint8Array>): unknown
  exec(): Promise<ReadonlyArray<readonly [error: Error | null, reply: unknown]> | null>
}

/**
 * The part of a Redis client that this package uses. The `Redis` classes of
 * ioredis 5 and 6 have it. Bytes among the arguments are always `Buffer`s.
 *
 * @since 0.1.0
 */
export interface RedisClient {
  readonly status: string
  readonly isCluster: boolean
  /** The socket; none before the first connection. */
  readonly stream?: RedisStream | undefined
  readonly options: RedisClientOptions
  call(command: string, args: Array<string | number | Uint8Array>): Promise<unknown>
  callBuffer(command: string, args: Array<string | number | Uint8Array>): Promise<unknown>
  pipeline(): RedisBatch
  multi(): RedisBatch
  connect(): Promise<void>
  disconnect(): void
  quit(): Promise<unknown>
  duplicate(override: { readonly lazyConnect: true; readonly retryStrategy: () => null }): RedisClient
  on(event: string, listener: (...args: Array<unknown>) => void): unknown
  off(event: string, listener: (...args: Array<unknown>) => void): unknown
}
