/**
 * On a cluster the unfinished of a graph are in another slot than the execution. It is named there before
 * it is claimed and as long as it may be unfinished, never later than somebody is to look at it: what dies
 * in between leaves a name that is met too early, and then settled, never one that is missing.
 */
import * as Effect from "effect/Effect"
import type { RedisCommandError, StorageError } from "../../schema/Errors.js"
import * as ExecutionProgram from "../../services/ExecutionProgram.js"
import { indexKey, runKey } from "../../services/KeyLayout.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import * as RedisReply from "../../services/RedisReply.js"
import { dueKey } from "../keys.js"
import { hasten, type Plan, plan, settle, touch } from "../programs/placing.js"
import type { Core } from "../store/core.js"

type Claim = Pick<ExecutionProgram.Claim, "executionId" | "graph" | "lease">

const unplanned: Plan = { at: "", before: "" }

/** A child is not due itself: its root is. */
const planChild = (core: Core, executionId: string): Effect.Effect<Plan, StorageError> => {
  const { known, layout, redis } = core
  if (known.has(executionId)) return Effect.succeed(unplanned)
  return Effect.map(redis.pipeline(touch(layout, [executionId])), () => {
    known.add(executionId)
    return unplanned
  })
}

/** Names an execution that is going to be claimed. 1 round trip on a cluster, none on one server. */
export const planClaim = (
  core: Core,
  { executionId, graph, lease }: Claim,
  { under }: ExecutionProgram.ClaimOptions
): Effect.Effect<Plan, StorageError> => {
  const { known, layout, redis } = core
  if (!layout.cluster) return Effect.succeed(unplanned)
  if (under !== undefined) return planChild(core, executionId)
  const planned = plan(layout, graph, executionId, lease)
  if (known.has(executionId)) return redis.pipeline(planned)
  const both = RedisProgram.zipWith(planned, touch(layout, [executionId]), (plan) => plan)
  return Effect.tap(redis.pipeline(both), () => Effect.sync(() => known.add(executionId)))
}

/** Takes back a plan of which nothing came: the one that it replaced is that of who holds the execution. */
export const unplan =
  (core: Core, { executionId, graph }: Claim, { at, before }: Plan) =>
  ({ _tag }: { readonly _tag: string }): Effect.Effect<void> => {
    if (at === "" || (_tag !== "GraphMismatch" && _tag !== "ExecutionBusy")) return Effect.void
    const then = _tag === "GraphMismatch" || before === "" ? null : before
    return Effect.ignore(core.redis.pipeline(settle(core.layout, graph, executionId, at, then)))
  }

/** Prolongs the plan with the lease; what nobody holds any more is looked at no later for it. */
export const withPlan = <A, E>(
  core: Core,
  { executionId, graph, lease }: Claim,
  planned: Plan,
  renew: RedisProgram.RedisProgram<A, E>
): RedisProgram.RedisProgram<readonly [A, Plan], E | RedisCommandError> =>
  planned.at !== ""
    ? RedisProgram.zip(renew, plan(core.layout, graph, executionId, lease))
    : RedisProgram.map(renew, (a) => [a, planned] as const)

/** Gives an execution back, and settles when somebody is to look at it again. 1 round trip, 2 on a cluster. */
export const releaseAs = (
  core: Core,
  claim: ExecutionProgram.Claim,
  plan: Plan,
  as: ExecutionProgram.Release
): Effect.Effect<void, StorageError> => {
  const { layout, redis } = core
  const { executionId, graph } = claim
  const released = ExecutionProgram.release(layout, claim, as)
  if (plan.at === "") return redis.pipeline(released)
  const due = RedisProgram.command(
    "ZSCORE",
    [dueKey(layout, graph, executionId), executionId],
    RedisReply.nullable(RedisReply.string)
  )
  return Effect.flatMap(
    redis.pipeline(RedisProgram.zipWith(released, due, (_, at) => at)),
    (at) => Effect.asVoid(redis.pipeline(settle(layout, graph, executionId, plan.at, at)))
  )
}

/** Before an execution is answered: whoever recovers it is to look at it, also if the answerer dies now. */
export const hastened = (
  core: Core,
  executions: ReadonlyArray<Pick<Claim, "executionId" | "graph">>
): Effect.Effect<void, StorageError> =>
  core.layout.cluster
    ? Effect.asVoid(
      core.redis.pipeline(
        RedisProgram.forEach(executions, ({ executionId, graph }) => hasten(core.layout, graph, executionId))
      )
    )
    : Effect.void

/** Takes those of which nothing is left from the unfinished; which of them went. */
export const lapse = (
  core: Core,
  graph: string,
  doubtful: ReadonlyArray<ExecutionProgram.Due>
): Effect.Effect<ReadonlyArray<boolean>, StorageError> => {
  const { layout, redis } = core
  const lapsed = redis.pipeline(
    RedisProgram.forEach(doubtful, ({ executionId }) => lapsedOf(core, graph, executionId))
  )
  if (!layout.cluster) return lapsed
  return Effect.tap(lapsed, (gone) =>
    redis.pipeline(
      RedisProgram.forEach(
        doubtful.filter((_, i) => gone[i]),
        ({ due, executionId }) => settle(layout, graph, executionId, due === Infinity ? "inf" : due, null)
      )
    ))
}

const lapsedOf = (
  { layout }: Core,
  graph: string,
  executionId: string
): RedisProgram.RedisProgram<boolean, RedisCommandError> => {
  const lapsed = ExecutionProgram.lapse(layout, graph, executionId)
  if (!layout.cluster) return lapsed
  // What died before it was claimed has a name and nothing beside the execution.
  const keys = [runKey(layout, executionId), indexKey(layout, executionId)]
  const left = RedisProgram.command("EXISTS", keys, RedisReply.integer)
  return RedisProgram.zipWith(lapsed, left, (gone, left) => gone || left === 0)
}
