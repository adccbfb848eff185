import * as Either from "effect/Either"
import type { CheckpointConflict, RedisCommandError } from "../../schema/Errors.js"
import { Fenced } from "../../schema/ExecutionErrors.js"
import type { KeyLayout } from "../../services/KeyLayout.js"
import { memosKey, runKey } from "../../services/KeyLayout.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import * as RedisReply from "../../services/RedisReply.js"
import * as Scripts from "../scripts/run/index.js"
import type { Claim } from "./claiming.js"
import type { Entry, SaveOptions } from "./saving.js"
import { behindStaged, saveCall, saved } from "./saving.js"

/**
 * How to commit.
 *
 * @since 0.2.0
 */
export interface CommitOptions extends SaveOptions {
  readonly expectedVersion: number | "none"
  /** Keeps what was recorded: the commit edits a state and begins nothing anew. Default: false. */
  readonly keepMemos?: boolean | undefined
}

/**
 * Moves the head of an execution that one holds, drops what was recorded under the old head unless
 * `keepMemos`, and prunes, all or nothing; gives the number of expired index entries dropped. Fails with `Fenced`
 * without the lease, with `CheckpointConflict` unless the head is at `expectedVersion`, having
 * changed nothing.
 *
 * One command; two when the payload is 8 KiB or more, as a save of the store.
 *
 * @example
 * ```ts
 * import { type CheckpointProgram, ExecutionProgram, KeyLayout } from "effect-checkpoint"
 *
 * const mine = { executionId: "order-7", graph: "orders", token: crypto.randomUUID(), lease: 30_000 }
 *
 * export const commit = (entry: CheckpointProgram.Entry) =>
 *   ExecutionProgram.commit(KeyLayout.make(), mine, entry, { expectedVersion: entry.version - 1 })
 * ```
 *
 * @since 0.2.0
 */
export const commit = (
  layout: KeyLayout,
  claim: Claim,
  entry: Entry,
  options: CommitOptions
): RedisProgram.RedisProgram<number, CheckpointConflict | Fenced | RedisCommandError> => {
  const { args, keys, staged } = saveCall(layout, entry, options)
  const script = RedisProgram.script(
    Scripts.commit,
    [runKey(layout, claim.executionId), memosKey(layout, claim.executionId), ...keys],
    [claim.token, claim.lease, options.keepMemos === true ? "keep" : "drop", ...args],
    RedisReply.array(RedisReply.raw)
  ).pipe(
    RedisProgram.mapEither((reply): Either.Either<number, CheckpointConflict | Fenced> =>
      reply[0] === "fenced"
        ? Either.left(new Fenced({ executionId: claim.executionId }))
        : saved(entry, options, reply)
    )
  )
  return behindStaged(staged, entry, script)
}
