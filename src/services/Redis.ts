/**
 * Runs programs. `RedisLive` runs them on a server, `TestMemory` and
 * `EmbeddedLive` on a keyspace of their own.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type * as Tracer from "effect/Tracer"
import type { Watch } from "../internal/watch.js"
import type { StorageError } from "../schema/Errors.js"
import type { RedisProgram } from "./RedisProgram.js"

/**
 * How to run a program.
 *
 * @since 0.3.0
 */
export interface RunOptions {
  /** The span that the round trips belong to. Default: the current one. */
  readonly parent?: Tracer.AnySpan | undefined
  /** @internal */
  readonly watch?: Watch | undefined
}

/**
 * Two ways to run a program, and the keys that expire. Both ways fail with what
 * the program fails with, `RedisCommandError` for a command that was refused, and
 * `RedisConnectionError` when there was no reply.
 *
 * @since 0.1.0
 */
export interface Service {
  /**
   * Sends all commands in one round trip. Other clients' commands can come
   * between them, and a lost connection can leave a prefix applied; each
   * command and each script is atomic by itself. A program without commands
   * sends nothing.
   *
   * `RedisLive` tries again, by the layer's schedule, when nothing was sent, when
   * every command was refused for a passing reason (`LOADING`, `BUSY` …), and when
   * a reply was lost only if every command is repeatable. Each attempt ends after
   * the layer's `timeout`. A script that the server turns out not to know is sent
   * once more, with its source: 1 more round trip.
   */
  readonly pipeline: <A, E>(program: RedisProgram<A, E>, options?: RunOptions) => Effect.Effect<A, E | StorageError>
  /**
   * The same, all or nothing: between `MULTI` and `EXEC`, in one round trip.
   * Redis has no rollback: a command that fails on the data it meets
   * (`WRONGTYPE`) fails alone, the others are applied. One that is refused while
   * it is queued discards all (`EXECABORT`). Retried like a pipeline.
   *
   * Should the server refuse `MULTI` itself (an ACL), the commands have run one by
   * one; the error names `MULTI` and says so.
   *
   * @see https://redis.io/docs/latest/commands/exec/
   */
  readonly transaction: <A, E>(program: RedisProgram<A, E>, options?: RunOptions) => Effect.Effect<A, E | StorageError>
  /**
   * Keys as they expire, from keyspace notifications. Redis publishes them when
   * it notices, and to those who listen only; nothing is replayed. Fails with
   * `RedisCommandError` (code `NOTIFY`) on a server that has them off.
   *
   * `RedisLive` listens on a second connection, and the stream fails when that one
   * is lost. A consumer that is 16,384 keys behind loses the oldest.
   *
   * @see https://redis.io/docs/latest/commands/psubscribe/
   * @see https://redis.io/topics/notifications
   */
  readonly expirations: Stream.Stream<string, StorageError>
}

/**
 * The interpreter of programs, from `RedisLive.redis`, `TestMemory.redis` or
 * `EmbeddedLive.redis`. The layers of the checkpoint store provide it too.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Redis, RedisProgram, RedisReply } from "effect-checkpoint"
 *
 * const visit = RedisProgram.zip(
 *   RedisProgram.command("INCR", ["visits"], RedisReply.integer),
 *   RedisProgram.command("GET", ["motto"], RedisReply.nullable(RedisReply.string))
 * )
 *
 * // One round trip: [number, string | null].
 * export const visited = Effect.flatMap(Redis.Redis, (redis) => redis.pipeline(visit))
 * ```
 *
 * @since 0.1.0
 */
export class Redis extends Context.Tag("effect-checkpoint/Redis")<Redis, Service>() {}
