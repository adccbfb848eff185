/** What a cluster keeps in other slots than that of an execution: one step each, of one slot. */
import type { RedisCommandError } from "../../schema/Errors.js"
import type { KeyLayout } from "../../services/KeyLayout.js"
import { dueKey } from "../../services/KeyLayout.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import * as RedisReply from "../../services/RedisReply.js"
import { locatorKey } from "../keys.js"
import * as Scripts from "../scripts/cluster/index.js"

type Program<A> = RedisProgram.RedisProgram<A, RedisCommandError>

/** The execution of a checkpoint whose id does not tell, `""` for none; null: no such checkpoint. */
export const located = (layout: KeyLayout, checkpointId: string): Program<string | null> =>
  RedisProgram.command("GET", [locatorKey(layout, checkpointId)], RedisReply.nullable(RedisReply.string))

/** Binds an id to an execution unless it is bound to another; gives the one that it is bound to. */
export const locate = (layout: KeyLayout, checkpointId: string, executionId: string, ttl: number): Program<string> =>
  RedisProgram.script(Scripts.locate, [locatorKey(layout, checkpointId)], [executionId, ttl], RedisReply.string)

/** Puts executions in front of all. */
export const touch = (layout: KeyLayout, executionIds: ReadonlyArray<string>): Program<void> =>
  RedisProgram.script(Scripts.touch, [layout.executions], executionIds, RedisReply.ignored)

/** How long a checkpoint may be on its way behind the name of its execution. */
const lately = 600_000_000

/** Takes out executions that have no checkpoints, and were not named in the last ten minutes. */
export const vacate = (layout: KeyLayout, executionIds: ReadonlyArray<string>): Program<void> =>
  RedisProgram.script(Scripts.vacate, [layout.executions], [lately, ...executionIds], RedisReply.ignored)

/** When somebody is to look at an execution, by the unfinished of its graph; `""` on one server. */
export interface Plan {
  readonly at: string
  /** What it replaced; `""`: the execution was not there. */
  readonly before: string
}

/** Names an execution among the unfinished of its graph. */
export const plan = (layout: KeyLayout, graph: string, executionId: string, lease: number): Program<Plan> =>
  RedisProgram.script(
    Scripts.plan,
    [dueKey(layout, graph)],
    [executionId, lease],
    RedisReply.array(RedisReply.string)
  ).pipe(RedisProgram.map(([at = "", before = ""]) => ({ at, before })))

/** Replaces a plan, if it is still that one; null takes the execution from the unfinished. */
export const settle = (
  layout: KeyLayout,
  graph: string,
  executionId: string,
  plan: string | number,
  at: string | null
): Program<boolean> =>
  RedisProgram.script(Scripts.settle, [dueKey(layout, graph)], [executionId, plan, at ?? ""], RedisReply.integer).pipe(
    RedisProgram.map((settled) => settled === 1)
  )

/** An unfinished execution is looked at now. */
export const hasten = (layout: KeyLayout, graph: string, executionId: string): Program<void> =>
  RedisProgram.script(Scripts.hasten, [dueKey(layout, graph)], [executionId], RedisReply.ignored)
