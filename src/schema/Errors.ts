/**
 * What can fail, one tag for each thing a caller handles differently. Every
 * class is a `Schema.TaggedError`, so it crosses RPC and workflow boundaries.
 * No error carries a payload, a password or the credentials of a URL.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import type { CheckpointStore } from "effect-checkpoint"
 *
 * export const load = (store: CheckpointStore.Service, id: string) =>
 *   store.load(id).pipe(
 *     Effect.catchTags({
 *       CheckpointNotFound: () => Effect.succeed(undefined),
 *       RedisConnectionError: (error) => Effect.zipRight(Effect.logWarning(error.message), Effect.fail(error))
 *     })
 *   )
 * ```
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import {
  codeOf,
  commandRemedy,
  connectionRemedy,
  plainError,
  retryableCodes,
  retryableReasons
} from "../internal/remedies.js"

/**
 * No living checkpoint has this id: it was never saved, was deleted or cleared,
 * was pruned by `maxCheckpoints`, or has expired. `load` fails with it.
 *
 * @example
 * ```ts
 * import { Errors } from "effect-checkpoint"
 *
 * export const error = new Errors.CheckpointNotFound({ checkpointId: "order-7-paid" })
 * ```
 *
 * @since 0.1.0
 */
export class CheckpointNotFound extends Schema.TaggedError<CheckpointNotFound>("effect-checkpoint/CheckpointNotFound")(
  "CheckpointNotFound",
  { checkpointId: Schema.String }
) {
  override get message(): string {
    return `No checkpoint ${JSON.stringify(this.checkpointId)}: never saved, deleted, pruned or expired`
  }
}

/**
 * The stored bytes are there, and are left as they are, but are not a
 * checkpoint that this program can read: not JSON, another shape, or a value
 * that JavaScript cannot hold without loss. `issue` names the field and what was
 * expected there, never the value; `key` is where it lies in Redis.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import type { CheckpointStore } from "effect-checkpoint"
 *
 * export const delay = (store: CheckpointStore.Service) =>
 *   Effect.catchTag(store.list("order-7"), "CheckpointDecodeError", ({ issue, key }) => Effect.die(`${key}: ${issue}`))
 * ```
 *
 * @since 0.1.0
 */
export class CheckpointDecodeError
  extends Schema.TaggedError<CheckpointDecodeError>("effect-checkpoint/CheckpointDecodeError")(
    "CheckpointDecodeError",
    { checkpointId: Schema.String, key: Schema.String, issue: Schema.String, cause: Schema.optional(Schema.Defect) }
  )
{
  override get message(): string {
    return `Checkpoint ${JSON.stringify(this.checkpointId)} (key ${JSON.stringify(this.key)}) cannot be decoded: ` +
      `${this.issue}. Nothing was deleted; read it with a schema that accepts it, or skip it with onDecodeError: "skip"`
  }
}

/**
 * The checkpoint, or an option given with it, cannot be stored as it is: the
 * state does not fit its schema or JSON, an id is empty or too long, a TTL is
 * negative, the result is too large. Nothing was sent. `issue` says what to change.
 *
 * @example
 * ```ts
 * import { Errors } from "effect-checkpoint"
 *
 * export const error = new Errors.CheckpointEncodeError({ checkpointId: "order-7-paid", issue: "state.paid: is missing" })
 * ```
 *
 * @since 0.1.0
 */
export class CheckpointEncodeError
  extends Schema.TaggedError<CheckpointEncodeError>("effect-checkpoint/CheckpointEncodeError")(
    "CheckpointEncodeError",
    { checkpointId: Schema.String, issue: Schema.String, cause: Schema.optional(Schema.Defect) }
  )
{
  override get message(): string {
    return `Checkpoint ${JSON.stringify(this.checkpointId)} was not sent: ${this.issue}`
  }
}

/**
 * A compare-and-set lost: the head of the execution is at `actual`, not at
 * `expected`. Nothing was written. `actual < expected` is no contention: the
 * head went back, see {@link CheckpointConflict.isLoss}. 0 stands for no checkpoint.
 *
 * @example
 * ```ts
 * import { Errors } from "effect-checkpoint"
 *
 * export const conflict = new Errors.CheckpointConflict({ executionId: "order-7", expected: 3, actual: 0 })
 *
 * export const gone = conflict.isLoss // true
 * ```
 *
 * @since 0.1.0
 */
export class CheckpointConflict extends Schema.TaggedError<CheckpointConflict>("effect-checkpoint/CheckpointConflict")(
  "CheckpointConflict",
  { executionId: Schema.String, expected: Schema.Number, actual: Schema.Number }
) {
  /**
   * Whether the head is behind what the caller has seen: the server lost
   * acknowledged writes (failover, restart without persistence), or the newest
   * checkpoints were deleted, cleared or expired.
   */
  get isLoss(): boolean {
    return this.actual < this.expected
  }
  override get message(): string {
    const head = `Execution ${JSON.stringify(this.executionId)} is at version ${this.actual}, expected ${this.expected}`
    return this.isLoss
      ? `${head}: acknowledged checkpoints are gone. The server lost them (failover, restart without persistence), ` +
        `or they were deleted or expired; read the head before going on`
      : `${head}: another writer was first; read the head and decide again`
  }
}

/**
 * Why the connection could not carry a program: `Refused` (nobody listens there, or
 * no route), `Dns` (the name does not resolve), `Timeout` (no answer before the
 * deadline), `Closed` (lost, or the layer was released), `Authentication`, `Tls`,
 * `Protocol` (the peer is no Redis), `TooManyClients`, and `Storage`: the key-value
 * store of `EmbeddedLive` failed.
 *
 * @since 0.1.0
 */
export const ConnectionReason = Schema.Literal(
  "Refused",
  "Dns",
  "Timeout",
  "Closed",
  "Authentication",
  "Tls",
  "Protocol",
  "TooManyClients",
  "Storage"
)

/**
 * See the schema of the same name.
 *
 * @since 0.1.0
 */
export type ConnectionReason = typeof ConnectionReason.Type

/**
 * `NotSent`: no byte of the program has left, nothing was written.
 * `Unknown`: it was sent and no reply came, it may or may not have been applied.
 *
 * @since 0.1.0
 */
export const Outcome = Schema.Literal("NotSent", "Unknown")

/**
 * See the schema of the same name.
 *
 * @since 0.1.0
 */
export type Outcome = typeof Outcome.Type

/**
 * The program got no reply. `outcome` says whether it may have been applied.
 * `address` is `host:port` or the path of a socket, without credentials.
 *
 * @example
 * ```ts
 * import { Errors } from "effect-checkpoint"
 *
 * export const lost = new Errors.RedisConnectionError({ reason: "Closed", outcome: "Unknown", address: "memory" })
 * ```
 *
 * @since 0.1.0
 */
export class RedisConnectionError
  extends Schema.TaggedError<RedisConnectionError>("effect-checkpoint/RedisConnectionError")(
    "RedisConnectionError",
    { reason: ConnectionReason, outcome: Outcome, address: Schema.String, cause: Schema.optional(Schema.Defect) }
  )
{
  /**
   * Whether the same call can succeed later without a change of configuration:
   * `Refused`, `Dns`, `Timeout`, `Closed`, `TooManyClients`. Look at `outcome`, too.
   */
  get retryable(): boolean {
    return retryableReasons.has(this.reason)
  }
  override get message(): string {
    const outcome = this.outcome === "NotSent" ? "nothing was sent" : "it is unknown whether the command was applied"
    return `Redis at ${this.address}: ${connectionRemedy(this.reason)} (${this.reason}; ${outcome})`
  }
}

/**
 * Redis answered a command with an error. `code` is Redis' own prefix
 * (`WRONGTYPE`, `OOM`, `READONLY`, `NOPERM`, `LOADING`, `MISCONF`, `BUSY`,
 * `EXECABORT` …), `ERR` where it gives none. A refused command has changed nothing;
 * a script of yours keeps what it wrote before it failed.
 *
 * Five codes are not Redis' own. `REPLY`: the reply had another shape than the
 * program reads, and the command was applied. `NOTIFY`: the server does not publish
 * expired keys. `NOTDURABLE`: a write is applied, and not yet where `durability` wants it.
 * `UNSUPPORTED`: it is applied, and this server will never say that it is there.
 * `STAGED`: a large payload took more than 30 seconds; save again.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Redis, RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * const visit = RedisProgram.command("INCR", ["visits"], RedisReply.integer)
 *
 * export const visited = Effect.flatMap(Redis.Redis, (redis) => redis.pipeline(visit)).pipe(
 *   Effect.catchTag("RedisCommandError", (error) => error.code === "OOM" ? Effect.succeed(0) : Effect.fail(error))
 * )
 * ```
 *
 * @since 0.1.0
 */
export class RedisCommandError extends Schema.TaggedError<RedisCommandError>("effect-checkpoint/RedisCommandError")(
  "RedisCommandError",
  { command: Schema.String, code: Schema.String, message: Schema.String }
) {
  /**
   * Whether the same command can succeed later without a change of data or
   * configuration: `LOADING`, `BUSY`, `READONLY`, `MASTERDOWN`, `NOREPLICAS`,
   * `TRYAGAIN`, `CLUSTERDOWN`, `NOSCRIPT`.
   */
  get retryable(): boolean {
    return retryableCodes.has(this.code)
  }
  /**
   * From Redis' own error text. What Redis quotes of the arguments is cut off.
   */
  static fromReply(command: string, text: string): RedisCommandError {
    const message = plainError(text)
    const code = codeOf(message)
    return new RedisCommandError({ command, code, message: `${message}${commandRemedy(code)}` })
  }
}

/**
 * What every operation on Redis can fail with.
 *
 * @since 0.1.0
 */
export type StorageError = RedisConnectionError | RedisCommandError

/**
 * The schema of {@link StorageError}, for RPC and workflows.
 *
 * @since 0.1.0
 */
export const StorageError = Schema.Union(RedisConnectionError, RedisCommandError)
