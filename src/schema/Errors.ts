/**
 * What can fail, one tag for each thing a caller handles differently. Every
 * class is a `Schema.TaggedError`, so it crosses RPC and workflow boundaries.
 * No error carries a payload, a password or the credentials of a URL.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { commandRemedy, connectionRemedy, plainError, retryableCodes, retryableReasons } from "../internal/remedies.js"

/**
 * No living checkpoint has this id: it was never saved, was deleted or cleared,
 * was pruned by `maxCheckpoints`, or has expired.
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
 * that JavaScript cannot hold without loss. `issue` names the field.
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
 * negative, the result is too large. Nothing was sent.
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
 * head went back, see {@link CheckpointConflict.isLoss}.
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
 * Why the connection could not carry a program.
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
 * @since 0.1.0
 */
export type Outcome = typeof Outcome.Type

/**
 * The program got no reply. `outcome` says whether it may have been applied.
 *
 * @since 0.1.0
 */
export class RedisConnectionError
  extends Schema.TaggedError<RedisConnectionError>("effect-checkpoint/RedisConnectionError")(
    "RedisConnectionError",
    { reason: ConnectionReason, outcome: Outcome, address: Schema.String, cause: Schema.optional(Schema.Defect) }
  )
{
  /** Whether the same call can succeed later without a change of configuration. */
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
 * `EXECABORT` …), `REPLY` when the reply had another shape than the program
 * reads. The refused command has changed nothing.
 *
 * @since 0.1.0
 */
export class RedisCommandError extends Schema.TaggedError<RedisCommandError>("effect-checkpoint/RedisCommandError")(
  "RedisCommandError",
  { command: Schema.String, code: Schema.String, message: Schema.String }
) {
  /** Whether the same command can succeed later without a change of data or configuration. */
  get retryable(): boolean {
    return retryableCodes.has(this.code)
  }
  /**
   * From Redis' own error text. What Redis quotes of the arguments is cut off.
   */
  static fromReply(command: string, text: string): RedisCommandError {
    const message = plainError(text)
    const code = /^[A-Z][A-Z0-9_]*(?= |$)/.exec(message)?.[0] ?? "ERR"
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
 * @since 0.1.0
 */
export const StorageError = Schema.Union(RedisConnectionError, RedisCommandError)
