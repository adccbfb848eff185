import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { StorageError } from "../../schema/Errors.js"
import { CheckpointConflict, CheckpointEncodeError } from "../../schema/Errors.js"
import type { ExecutionBusy, ExecutionNotFound, ExecutionStuck, GraphMismatch } from "../../schema/ExecutionErrors.js"
import { InvalidPatch, UnknownNode } from "../../schema/ExecutionErrors.js"
import type * as ExecutionProgram from "../../services/ExecutionProgram.js"
import type { RunOptions, WriteError } from "../../services/GraphRunner.js"
import type { Snapshot } from "../../services/Snapshot.js"
import type { Fields } from "../graph/definition.js"
import * as Settled from "../settled.js"
import type { Core } from "../store/core.js"
import { clearChildren, clearHeld } from "./clearing.js"
import { asItWas, hold } from "./hold.js"
import { snapshotOf } from "./inspect.js"
import { checkPatch, merge } from "./patch.js"
import { openGates, openQuestions } from "./requests.js"
import { type Change, flush, type Plan, propose, recalled, type Run } from "./run.js"
import { existing } from "./starting.js"
import { encodeState } from "./state.js"
import { alongEdges, inOrder } from "./superstep.js"

const asksChild = <E, R>({ definition, position }: Run<E, R>): boolean =>
  position.record.next.some((name) => typeof definition.nodes.get(name)?.run === "object")

/** What an edit leaves of an execution that waited or slept. Where that is over, somebody is to go on at once. */
const parked = <E, R>(run: Run<E, R>): ExecutionProgram.Release => {
  const { definition, position: { record, version }, position, session } = run
  const place = { definition, executionId: session.claim.executionId, position, memos: recalled(run) }
  if (openGates(place).length > 0) return { status: "waiting" }
  const waits = session.was === "sleeping" || openQuestions(place).length > 0 || asksChild(run)
  return waits && record.base < version ? asItWas : { status: "stopped", delay: 0 }
}

/** One that was at its end and goes on is there to be resumed. */
const releaseOf = <E, R>(run: Run<E, R>): ExecutionProgram.Release => {
  const { position, session: { was } } = run
  if (position.record.next.length === 0) return { status: "completed" }
  if (was === "") return { status: "waiting" }
  return was === "waiting" || was === "sleeping" ? parked(run) : asItWas
}

/** Appends a checkpoint by hand: claims, writes, and leaves the execution as it was, to be resumed. */
const change = <E, R, E2>(
  core: Core,
  plan: Plan<E, R>,
  executionId: string,
  options: RunOptions,
  changeOf: (run: Run<E, R>) => Effect.Effect<Change, E2, R>
): Effect.Effect<Snapshot<Fields>, E2 | WriteError | ExecutionNotFound, R> =>
  hold(
    core,
    executionId,
    plan.definition.name,
    plan.rules,
    options,
    (session) =>
      Effect.gen(function*() {
        const run = yield* existing(plan, session)
        const change = yield* changeOf(run)
        yield* Settled.toEffect(propose(run, change))
        yield* flush(run)
        return run
      }),
    { success: releaseOf, failure: () => asItWas }
  ).pipe(Effect.map(({ position }) => snapshotOf(executionId, position)))

const encodeOr = <E, R, E2>(run: Run<E, R>, state: Fields, wrong: (issue: string) => E2) =>
  Effect.mapError(Settled.toEffect(encodeState(run.definition, state)), wrong)

const manual = (run: Pick<Run<never, never>, "position">, record: Partial<Change["record"]>): Change["record"] => {
  const { base, input, life, next, nodes, step } = run.position.record
  return { source: "update", step, next, nodes, input, life, base, ...record }
}

const successors = <E, R>(
  run: Run<E, R>,
  node: string,
  state: Fields
): Effect.Effect<ReadonlyArray<string>, UnknownNode> =>
  run.definition.nodes.has(node)
    ? Effect.succeed(inOrder(run.definition, alongEdges(run.definition, node, state)))
    : Effect.fail(new UnknownNode({ executionId: run.session.claim.executionId, graph: run.definition.name, node }))

export interface UpdateOptions extends RunOptions {
  readonly asNode?: string | undefined
  readonly expected?: number | undefined
}

export const updateState =
  <E, R>(core: Core, plan: Plan<E, R>) => (executionId: string, patch: Fields, options: UpdateOptions = {}) =>
    change(core, plan, executionId, options, (run) =>
      Effect.gen(function*() {
        const { asNode, expected } = options
        const { position, session } = run
        if (expected !== undefined && expected !== session.head) {
          return yield* new CheckpointConflict({ executionId, expected, actual: session.head })
        }
        const wrong = (issue: string) => new InvalidPatch({ executionId, node: asNode ?? "", issue })
        const checked = yield* Settled.toEffect(Either.mapLeft(checkPatch(run.definition, patch), wrong))
        const state = merge(run.definition, position.state, checked)
        const encoded = yield* encodeOr(run, state, wrong)
        const behind = asNode === undefined
          ? {}
          : { nodes: [asNode], next: yield* successors(run, asNode, state), base: undefined }
        return { nodeName: asNode ?? position.nodeName, state: encoded, record: manual(run, behind) }
      }))

export const saveCheckpoint =
  <E, R>(core: Core, plan: Plan<E, R>) => (executionId: string, state: Fields, options: RunOptions = {}) =>
    change(core, plan, executionId, options, (run) =>
      Effect.map(
        encodeOr(run, state, (issue) => new CheckpointEncodeError({ checkpointId: executionId, issue })),
        (encoded) => ({ nodeName: run.position.nodeName, state: encoded, record: manual(run, {}) })
      ))

export const clearCheckpoints = <E, R>(core: Core, { definition, rules }: Plan<E, R>) =>
(
  executionId: string,
  options: RunOptions = {}
): Effect.Effect<number, ExecutionBusy | ExecutionStuck | GraphMismatch | StorageError> =>
  hold(
    core,
    executionId,
    definition.name,
    rules,
    options,
    (session) => Effect.zipRight(clearChildren(session, definition), clearHeld(session)),
    { success: () => ({ status: "completed" }), failure: () => asItWas }
  )
