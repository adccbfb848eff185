import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { StorageError } from "../../schema/Errors.js"
import * as CheckpointProgram from "../../services/CheckpointProgram.js"
import * as ExecutionProgram from "../../services/ExecutionProgram.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import type { Definition } from "../graph/definition.js"
import type { Core } from "../store/core.js"
import { envelopeOf } from "../store/decode.js"
import { clearFrom } from "../store/removing.js"
import type { Session } from "./session.js"

/** The execution that a node with a graph of its own runs. */
export const childId = (executionId: string, life: string, base: number, node: string): string =>
  `${executionId}/${life}/${base}/${node}`

const childNodes = <E, R>({ nodes }: Definition<E, R>) =>
  [...nodes.values()].flatMap(({ name, run }) => typeof run === "function" ? [] : [{ name, graph: run.definition }])

/** Deletes the executions of children that were begun under these versions of their parent. */
export const clearChildren = <E, R>(
  core: Core,
  definition: Definition<E, R>,
  parent: { readonly executionId: string; readonly life: string },
  bases: ReadonlyArray<number>
): Effect.Effect<void, StorageError> =>
  Effect.forEach(
    childNodes(definition),
    ({ graph, name }) =>
      Effect.forEach(bases, (base) => clearTree(core, graph, childId(parent.executionId, parent.life, base, name)), {
        discard: true
      }),
    { discard: true }
  )

/** What a life is called that has none: of no child. */
const lifeOf = (core: Core, executionId: string): Effect.Effect<string, StorageError> =>
  Effect.map(core.redis.pipeline(CheckpointProgram.latest(core.layout, executionId)), ({ found }) => {
    if (found === undefined) return ""
    const checkpoint = Either.getOrUndefined(envelopeOf(core.layout, found.checkpointId, found.payload))
    return String(checkpoint?.metadata["life"] ?? "")
  })

/** Deletes the children of all checkpoints that an execution still has. */
export const clearOwnChildren = <E, R>(
  core: Core,
  definition: Definition<E, R>,
  executionId: string
): Effect.Effect<void, StorageError> =>
  childNodes(definition).length === 0
    ? Effect.void
    : Effect.gen(function*() {
      const life = yield* lifeOf(core, executionId)
      const entries = yield* core.redis.pipeline(CheckpointProgram.page(core.layout, executionId))
      yield* clearChildren(core, definition, { executionId, life }, entries.map(({ version }) => version))
    })

const clearTree = <E, R>(
  core: Core,
  definition: Definition<E, R>,
  executionId: string
): Effect.Effect<void, StorageError> =>
  Effect.zipRight(
    clearOwnChildren(core, definition, executionId),
    Effect.zipRight(
      clearFrom(core, executionId, 0),
      core.redis.pipeline(ExecutionProgram.lapse(core.layout, definition.name, executionId))
    )
  )

/** The lease, the place among the unfinished, and the first 2,000 checkpoints go in one step. */
export const clearHeld = ({ claim, core }: Session): Effect.Effect<number, StorageError> => {
  const release = ExecutionProgram.release(core.layout, claim, { status: "completed" })
  const clear = CheckpointProgram.clear(core.layout, claim.executionId)
  return Effect.flatMap(
    core.redis.transaction(RedisProgram.zipWith(release, clear, (_, cleared) => cleared)),
    ({ left, removed }) => left === 0 ? Effect.succeed(removed) : clearFrom(core, claim.executionId, removed)
  )
}
