import * as Either from "effect/Either"
import type { RedisCommandError } from "../../schema/Errors.js"
import { CheckpointConflict } from "../../schema/Errors.js"
import { Fenced } from "../../schema/ExecutionErrors.js"
import type { KeyLayout } from "../../services/KeyLayout.js"
import { indexKey, memosKey, runKey } from "../../services/KeyLayout.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import type { Reply } from "../../services/RedisReply.js"
import * as RedisReply from "../../services/RedisReply.js"
import { checkpointPrefix, dueKey, guards } from "../keys.js"
import * as Scripts from "../scripts/run/index.js"

type Program<A, E = never> = RedisProgram.RedisProgram<A, E | RedisCommandError>

/**
 * A result and the head that it was made under.
 *
 * @since 0.2.0
 */
export interface Memo {
  readonly executionId: string
  /** Version of the head that it is named by. */
  readonly base: number
  /** Version of the head now, where commits that keep memos have moved it. Default: `base`. */
  readonly head?: number | undefined
  readonly field: string
  readonly value: string
}

/** Names a memo together with its head: one of another head is not seen. */
const fieldOf = ({ base, field }: Memo): string => `${base}:${field}`

const recorded = (
  { base, executionId, head = base, value }: Memo,
  [status, detail]: ReadonlyArray<Reply>
): Either.Either<string, CheckpointConflict | Fenced> => {
  if (status === "fenced") return Either.left(new Fenced({ executionId }))
  return status === "conflict"
    ? Either.left(new CheckpointConflict({ executionId, expected: head, actual: Number(detail) }))
    : Either.right(typeof detail === "string" ? detail : value)
}

/**
 * Records a result under the head, and gives what is recorded: this, or what was first. Fails with
 * `Fenced` without the lease, with `CheckpointConflict` under another head, having changed nothing.
 *
 * The head and its index live at least `ttl` milliseconds on; 0: as long as before.
 *
 * @example
 * ```ts
 * import { ExecutionProgram, KeyLayout } from "effect-checkpoint"
 *
 * const memo = { executionId: "order-7", base: 3, field: "charge", value: "{\"paid\":true}" }
 *
 * export const record = ExecutionProgram.memo(KeyLayout.make(), "a-fencing-token", memo)
 * ```
 *
 * @since 0.2.0
 */
export const memo = (
  layout: KeyLayout,
  token: string,
  memo: Memo,
  ttl = 0
): Program<string, CheckpointConflict | Fenced> =>
  RedisProgram.script(
    Scripts.memo,
    [
      runKey(layout, memo.executionId),
      memosKey(layout, memo.executionId),
      indexKey(layout, memo.executionId),
      ...guards(layout, memo.executionId)
    ],
    [
      token,
      memo.head ?? memo.base,
      fieldOf(memo),
      memo.value,
      checkpointPrefix(layout, memo.executionId),
      memo.executionId,
      ttl
    ],
    RedisReply.array(RedisReply.raw)
  ).pipe(RedisProgram.mapEither((reply) => recorded(memo, reply)))

/**
 * Records a result from outside, without a lease: the answer to an execution that waits, which is
 * then due at once. Gives what is recorded: this, or what was first. Fails with `CheckpointConflict`
 * when the execution has gone on, having changed nothing.
 *
 * @example
 * ```ts
 * import { ExecutionProgram, KeyLayout } from "effect-checkpoint"
 *
 * const yes = { executionId: "order-7", base: 3, field: "answer", value: "true" }
 *
 * export const approve = ExecutionProgram.answer(KeyLayout.make(), "orders", yes)
 * ```
 *
 * @since 0.2.0
 */
export const answer = (
  layout: KeyLayout,
  graph: string,
  memo: Memo
): Program<string, CheckpointConflict> =>
  RedisProgram.script(
    Scripts.answer,
    [
      runKey(layout, memo.executionId),
      memosKey(layout, memo.executionId),
      indexKey(layout, memo.executionId),
      dueKey(layout, graph, memo.executionId),
      ...guards(layout, memo.executionId)
    ],
    [
      memo.head ?? memo.base,
      fieldOf(memo),
      memo.value,
      checkpointPrefix(layout, memo.executionId),
      memo.executionId
    ],
    RedisReply.array(RedisReply.raw)
  ).pipe(
    // The script knows no token, so it fences nobody.
    RedisProgram.mapEither((reply) => recorded(memo, reply) as Either.Either<string, CheckpointConflict>)
  )

/**
 * Has an execution looked at now, or when it is given back, since something below it was answered. One
 * that is at its end stays so.
 *
 * @example
 * ```ts
 * import { ExecutionProgram, KeyLayout } from "effect-checkpoint"
 *
 * export const lookNow = ExecutionProgram.wake(KeyLayout.make(), "orders", "order-7")
 * ```
 *
 * @since 0.2.0
 */
export const wake = (layout: KeyLayout, graph: string, executionId: string): Program<void> =>
  RedisProgram.script(
    Scripts.wake,
    [runKey(layout, executionId), dueKey(layout, graph, executionId)],
    [executionId],
    RedisReply.ignored
  )

/**
 * What an execution has recorded, by field, under whatever head, and where to go on; `"0"` starts and ends.
 *
 * @since 0.2.0
 */
export interface MemoPage {
  readonly cursor: string
  /** Fields are `<base>:<field>`. */
  readonly memos: ReadonlyMap<string, string>
}

/**
 * A page of some 500 memos. One command, `HSCAN`.
 *
 * @example
 * ```ts
 * import { ExecutionProgram, KeyLayout } from "effect-checkpoint"
 *
 * export const first = ExecutionProgram.memos(KeyLayout.make(), "order-7", "0")
 * ```
 *
 * @see https://redis.io/docs/latest/commands/scan/
 * @since 0.2.0
 */
export const memos = (layout: KeyLayout, executionId: string, cursor: string): Program<MemoPage> =>
  RedisProgram.command(
    "HSCAN",
    [memosKey(layout, executionId), cursor, "COUNT", 500],
    RedisReply.array(RedisReply.raw)
  ).pipe(RedisProgram.map(([next, flat]) => ({ cursor: String(next), memos: pairs(flat as ReadonlyArray<string>) })))

const pairs = (flat: ReadonlyArray<string>): ReadonlyMap<string, string> => {
  const out = new Map<string, string>()
  for (let i = 0; i + 1 < flat.length; i += 2) out.set(flat[i]!, flat[i + 1]!)
  return out
}
