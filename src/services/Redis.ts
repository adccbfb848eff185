/**
 * Runs programs. `RedisLive` runs them on a server, `TestMemory` and
 * `EmbeddedLive` on a keyspace of their own.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { StorageError } from "../schema/Errors.js"
import type { RedisProgram } from "./RedisProgram.js"

/**
 * @since 0.1.0
 */
export interface Service {
  /**
   * Sends all commands in one round trip. Other clients' commands can come
   * between them, and a lost connection can leave a prefix applied; each
   * command and each script is atomic by itself. A program without commands
   * sends nothing. Retried by the layer's schedule when nothing was sent, and
   * when a reply was lost only if every command is repeatable.
   */
  readonly pipeline: <A, E>(program: RedisProgram<A, E>) => Effect.Effect<A, E | StorageError>
  /**
   * The same, all or nothing: between `MULTI` and `EXEC`, in one round trip.
   * Redis has no rollback: a command that fails on the data it meets
   * (`WRONGTYPE`) fails alone, the others are applied.
   */
  readonly transaction: <A, E>(program: RedisProgram<A, E>) => Effect.Effect<A, E | StorageError>
  /**
   * Keys as they expire, from keyspace notifications. Redis publishes them when
   * it notices, and to those who listen only; nothing is replayed. Fails with
   * `RedisCommandError` (code `NOTIFY`) on a server that has them off.
   */
  readonly expirations: Stream.Stream<string, StorageError>
}

/**
 * @since 0.1.0
 */
export class Redis extends Context.Tag("effect-checkpoint/Redis")<Redis, Service>() {}
