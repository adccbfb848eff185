import * as Either from "effect/Either"
import type { RedisCommandError } from "../../schema/Errors.js"
import { ExecutionBusy, GraphMismatch } from "../../schema/ExecutionErrors.js"
import type { KeyLayout } from "../../services/KeyLayout.js"
import { dueKey, indexKey, memosKey, runKey } from "../../services/KeyLayout.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import * as RedisReply from "../../services/RedisReply.js"
import { checkpointPrefix, dueKey as dueBeside, guards } from "../keys.js"
import * as Scripts from "../scripts/run/index.js"
import { between } from "./between.js"

type Program<A, E = never> = RedisProgram.RedisProgram<A, E | RedisCommandError>

/**
 * Whose execution it is to be, and for how long.
 *
 * @since 0.2.0
 */
export interface Claim {
  readonly executionId: string
  /** The graph or program that runs it. */
  readonly graph: string
  /** Unique to the claimer: its fencing token. */
  readonly token: string
  /** Whole milliseconds, above 0. */
  readonly lease: number
}

/**
 * How to claim.
 *
 * @since 0.2.0
 */
export interface ClaimOptions {
  readonly steal?: boolean | undefined
  /**
   * Of a child: its parent, which the claimer has to hold; else it is busy, for 0 ms. A child is not due
   * itself: who recovers its root runs it.
   */
  readonly under?: Pick<Claim, "executionId" | "graph" | "token"> | undefined
  /** Takes it also from this graph, whose it is not: the checkpoints say so. */
  readonly mistaken?: string | undefined
}

/**
 * What a claim found.
 *
 * @since 0.2.0
 */
export interface Claimed {
  /** Counts the claims of an unfinished execution. For people: the token decides. */
  readonly epoch: number
  /** Claims since it last got on or was given back: how often its process died on the way. */
  readonly claims: number
  /** The server's time, in milliseconds. */
  readonly now: number
  /** How it stood before; `""`: it was not known as unfinished. */
  readonly was: string
}

/**
 * Takes the lease: nobody has it, it has run out, it is one's own, or `steal`. Fails with
 * `ExecutionBusy` while another holds it, having changed nothing, with `GraphMismatch` when it is of
 * another graph: then it leaves the unfinished of this one, where it can only be a leftover.
 *
 * @example
 * ```ts
 * import { ExecutionProgram, KeyLayout } from "effect-checkpoint"
 *
 * const mine = { executionId: "order-7", graph: "orders", token: crypto.randomUUID(), lease: 30_000 }
 *
 * export const claim = ExecutionProgram.claim(KeyLayout.make(), mine)
 * ```
 *
 * @since 0.2.0
 */
export const claim = (
  layout: KeyLayout,
  { executionId, graph, lease, token }: Claim,
  { mistaken = "", steal = false, under }: ClaimOptions = {}
): Program<Claimed, ExecutionBusy | GraphMismatch> =>
  RedisProgram.script(
    Scripts.claim,
    [
      runKey(layout, executionId),
      dueBeside(layout, graph, executionId),
      indexKey(layout, executionId),
      ...(under === undefined ? [] : [runKey(layout, under.executionId)])
    ],
    [
      token,
      lease,
      executionId,
      graph,
      steal ? "steal" : "",
      mistaken,
      ...(under === undefined ? [] : [under.token, under.executionId, under.graph])
    ],
    RedisReply.array(RedisReply.raw)
  ).pipe(
    RedisProgram.mapEither(
      ([status, detail, claims, now, was]): Either.Either<Claimed, ExecutionBusy | GraphMismatch> => {
        if (status === "busy") return Either.left(new ExecutionBusy({ executionId, remaining: Number(detail) }))
        return status === "graph"
          ? Either.left(new GraphMismatch({ executionId, expected: graph, actual: String(detail) }))
          : Either.right({ epoch: Number(detail), claims: Number(claims), now: Number(now), was: String(was) })
      }
    )
  )

/**
 * Prolongs the lease from now; `false` when the execution has been lost. The head and its index live at
 * least `ttl` milliseconds on; 0: as long as before.
 *
 * @example
 * ```ts
 * import { ExecutionProgram, KeyLayout } from "effect-checkpoint"
 *
 * const mine = { executionId: "order-7", graph: "orders", token: crypto.randomUUID(), lease: 30_000 }
 *
 * export const renew = ExecutionProgram.renew(KeyLayout.make(), mine)
 * ```
 *
 * @since 0.2.0
 */
export const renew = (
  layout: KeyLayout,
  { executionId, graph, lease, token }: Claim,
  ttl = 0
): Program<boolean> =>
  RedisProgram.script(
    Scripts.renew,
    [
      runKey(layout, executionId),
      dueBeside(layout, graph, executionId),
      memosKey(layout, executionId),
      indexKey(layout, executionId),
      ...guards(layout, executionId)
    ],
    [token, lease, executionId, checkpointPrefix(layout, executionId), ttl],
    RedisReply.integer
  ).pipe(RedisProgram.map((held) => held === 1))

/**
 * What a released execution is, and when it is to be looked at again. `completed` keeps nothing;
 * `restore` makes it what it was when it was claimed.
 *
 * @since 0.2.0
 */
export type Release =
  | { readonly status: "completed" }
  | { readonly status: "waiting" | "failed" }
  | {
    readonly status: "stopped" | "restore"
    /** Milliseconds from now; for `restore` at least, if it was due. */
    readonly delay: number
  }
  | {
    readonly status: "sleeping"
    /** The server's time, in milliseconds. */
    readonly at: number
  }

const whenOf = (release: Release): readonly [when: string | number, at: number] => {
  if (release.status === "stopped" || release.status === "restore") return [release.delay, 0]
  return release.status === "sleeping" ? ["at", release.at] : ["never", 0]
}

/**
 * Gives an execution back. Nothing happens when it was no longer one's own.
 *
 * @example
 * ```ts
 * import { ExecutionProgram, KeyLayout } from "effect-checkpoint"
 *
 * const mine = { executionId: "order-7", graph: "orders", token: crypto.randomUUID(), lease: 30_000 }
 *
 * export const release = ExecutionProgram.release(KeyLayout.make(), mine, { status: "stopped", delay: 0 })
 * ```
 *
 * @since 0.2.0
 */
export const release = (layout: KeyLayout, claim: Claim, release: Release): Program<void> =>
  RedisProgram.script(
    Scripts.release,
    [runKey(layout, claim.executionId), dueBeside(layout, claim.graph, claim.executionId)],
    [claim.token, claim.executionId, release.status, ...whenOf(release)],
    RedisReply.ignored
  )

/**
 * The executions of a graph that somebody has to look at now, the longest overdue first: their
 * lease has run out, their sleep is over, or they were answered.
 *
 * @example
 * ```ts
 * import { ExecutionProgram, KeyLayout } from "effect-checkpoint"
 *
 * export const due = ExecutionProgram.due(KeyLayout.make(), "orders", 10)
 * ```
 *
 * @since 0.2.0
 */
export const due = (layout: KeyLayout, graph: string, limit: number): Program<Array<string>> =>
  RedisProgram.script(Scripts.due, [dueKey(layout, graph)], [limit], RedisReply.array(RedisReply.string))

/**
 * An execution that is not at its end, and when it is to be looked at.
 *
 * @since 0.2.0
 */
export interface Due {
  readonly executionId: string
  /** The server's time in milliseconds; `Infinity` when only somebody else can move it on. */
  readonly due: number
}

/**
 * The executions of a graph that are not at their end, the longest overdue first, behind a place that
 * need not exist any more. One command.
 *
 * @example
 * ```ts
 * import { ExecutionProgram, KeyLayout } from "effect-checkpoint"
 *
 * export const first = ExecutionProgram.unfinished(KeyLayout.make(), "orders", { limit: 100 })
 * ```
 *
 * @since 0.2.0
 */
export const unfinished = (
  layout: KeyLayout,
  graph: string,
  { after, limit }: { readonly limit: number; readonly after?: Due | undefined }
): Program<Array<Due>> => {
  const position = after === undefined ? undefined : { version: after.due, id: after.executionId }
  return RedisProgram.map(
    between(dueKey(layout, graph), { limit, after: position }),
    (entries) => entries.map(({ id, version }) => ({ executionId: id, due: version }))
  )
}

/**
 * Takes an execution from the unfinished if nothing is left of it, because it has expired or was
 * cleared by others; whether it went.
 *
 * @example
 * ```ts
 * import { ExecutionProgram, KeyLayout } from "effect-checkpoint"
 *
 * export const gone = ExecutionProgram.lapse(KeyLayout.make(), "orders", "order-7")
 * ```
 *
 * @since 0.2.0
 */
export const lapse = (layout: KeyLayout, graph: string, executionId: string): Program<boolean> =>
  RedisProgram.script(
    Scripts.lapse,
    [runKey(layout, executionId), indexKey(layout, executionId), dueBeside(layout, graph, executionId)],
    [executionId],
    RedisReply.integer
  ).pipe(RedisProgram.map((gone) => gone === 1))
