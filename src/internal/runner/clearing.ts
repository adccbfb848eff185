import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { StorageError } from "../../schema/Errors.js"
import * as CheckpointProgram from "../../services/CheckpointProgram.js"
import * as ExecutionProgram from "../../services/ExecutionProgram.js"
import * as RedisProgram from "../../services/RedisProgram.js"
import type { Definition } from "../graph/definition.js"
import { behindWrites } from "../outcome.js"
import type { Core } from "../store/core.js"
import { envelopeOf } from "../store/decode.js"
import { sweepFrom } from "../store/removing.js"
import { takeUpTo } from "./begun.js"
import { begunBelow, type Family, familyOf } from "./family.js"
import type { Session } from "./session.js"

/** The execution that a node with a graph of its own runs. */
export const childId = (executionId: string, life: string, base: number, node: string): string =>
  `${executionId}/${life}/${base}/${node}`

/** Executions that one round trip reads or clears. */
const atOnce = 100

/** An execution and all below it; the graph is unknown where code has changed since it began. */
interface Tree<E, R> {
  readonly executionId: string
  readonly definition: Definition<E, R> | undefined
}

const treesOf = <E, R>(
  parent: Tree<E, R>,
  life: string,
  children: ReadonlyArray<{ readonly node: string; readonly base: number }>
): ReadonlyArray<Tree<E, R>> =>
  children.map(({ base, node }) => {
    const run = parent.definition?.nodes.get(node)?.run
    return {
      executionId: childId(parent.executionId, life, base, node),
      definition: typeof run === "object" ? run.definition : undefined
    }
  })

const hasChildren = <E, R>({ definition }: Tree<E, R>): boolean =>
  definition === undefined || [...definition.nodes.values()].some(({ run }) => typeof run === "object")

const allOf = <E, R>(parent: Tree<E, R>, family: Family): ReadonlyArray<Tree<E, R>> =>
  treesOf(parent, family.life, takeUpTo(begunBelow(family, parent.definition), Infinity, Infinity).taken)

const below = <E, R>(
  core: Core,
  trees: ReadonlyArray<Tree<E, R>>
): Effect.Effect<ReadonlyArray<Tree<E, R>>, StorageError> =>
  Effect.map(
    core.redis.pipeline(
      RedisProgram.forEach(trees, ({ executionId }) => CheckpointProgram.latest(core.layout, executionId))
    ),
    (heads) =>
      heads.flatMap(({ found }, i) => {
        const tree = trees[i]
        if (found === undefined || tree === undefined) return []
        const checkpoint = Either.getOrUndefined(envelopeOf(core.layout, found.checkpointId, found.payload))
        return checkpoint === undefined ? [] : allOf(tree, familyOf(checkpoint))
      })
  )

const clearAll = (core: Core, ids: ReadonlyArray<string>): Effect.Effect<void, StorageError> =>
  Effect.flatMap(
    core.redis.pipeline(RedisProgram.forEach(ids, (id) => CheckpointProgram.clear(core.layout, id))),
    (cleared) => Effect.forEach(ids, (id, i) => sweepFrom(core, id, cleared[i]?.left ?? 0), { discard: true })
  )

/** Deletes executions with all below them, those at the bottom first: what is not reached can be found again. */
const clearTrees = <E, R>(core: Core, trees: ReadonlyArray<Tree<E, R>>): Effect.Effect<void, StorageError> =>
  Effect.gen(function*() {
    for (let at = 0; at < trees.length; at += atOnce) {
      const some = trees.slice(at, at + atOnce)
      const deep = some.filter(hasChildren)
      if (deep.length > 0) yield* clearTrees(core, yield* below(core, deep))
      yield* clearAll(core, some.map(({ executionId }) => executionId))
    }
  })

/**
 * Deletes the children that began under versions which are pruned, 100 at a time: 1 round trip where
 * there are any, 2 more for each level below them.
 */
export const clearPruned = <E, R>(
  session: Session,
  definition: Definition<E, R>,
  pruned: number
): Effect.Effect<void, StorageError> =>
  Effect.suspend(() => {
    const { claim, core, family } = session
    const { left, taken } = takeUpTo(family.children, pruned, atOnce)
    if (taken.length === 0) return Effect.void
    const parent = { executionId: claim.executionId, definition }
    return Effect.map(clearTrees(core, treesOf(parent, family.life, taken)), () => {
      session.family = { ...session.family, children: left }
    })
  })

/** Deletes all children of an execution. */
export const clearChildren = <E, R>(
  { claim, core, family }: Session,
  definition: Definition<E, R>
): Effect.Effect<void, StorageError> =>
  Effect.suspend(() => clearTrees(core, allOf({ executionId: claim.executionId, definition }, family)))

/** The lease, the place among the unfinished, and all checkpoints go in one step. */
export const clearHeld = ({ claim, core }: Session): Effect.Effect<number, StorageError> => {
  const release = ExecutionProgram.release(core.layout, claim, { status: "completed" })
  const clear = CheckpointProgram.clear(core.layout, claim.executionId)
  return Effect.flatMap(
    core.redis.transaction(RedisProgram.zipWith(release, clear, (_, cleared) => cleared)),
    ({ left, removed }) => Effect.as(behindWrites(sweepFrom(core, claim.executionId, left)), removed)
  )
}
