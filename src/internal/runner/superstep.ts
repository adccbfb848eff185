import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { InvalidPatch, UnknownNode } from "../../schema/ExecutionErrors.js"
import type { RunError } from "../../services/GraphRunner.js"
import type { Definition, Fields, Node } from "../graph/definition.js"
import { END } from "../graph/goto.js"
import * as Settled from "../settled.js"
import { merge } from "./patch.js"
import type { Change, Run } from "./run.js"
import type { Restore } from "./settle.js"
import { encodeState } from "./state.js"
import { type Done, type Turn, turn } from "./turn.js"

const nodesOf = <E, R>({ definition, position, session }: Run<E, R>): Either.Either<Array<Node<E, R>>, UnknownNode> => {
  const nodes: Array<Node<E, R>> = []
  for (const name of position.record.next) {
    const node = definition.nodes.get(name)
    if (node === undefined) {
      const { executionId } = session.claim
      return Either.left(new UnknownNode({ executionId, graph: definition.name, node: name }))
    }
    nodes.push(node)
  }
  return Either.right(nodes)
}

/** Where the edges of a node lead from a state. */
export const alongEdges = <E, R>(
  definition: Definition<E, R>,
  from: string,
  state: Fields
): ReadonlyArray<string> => definition.edgesFrom.get(from)?.flatMap((edge) => edge.decide?.(state) ?? edge.to) ?? []

/** Without doubles and END, in the order of declaration. */
export const inOrder = <E, R>(definition: Definition<E, R>, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (names.length === 1) return names[0] === END ? [] : names
  const wanted = new Set(names)
  const strange = [...wanted].filter((name) => name !== END && !definition.nodes.has(name))
  return [...[...definition.nodes.keys()].filter((name) => wanted.has(name)), ...strange]
}

/** What comes after a superstep. */
export const changeAfter = <E, R>(
  run: Run<E, R>,
  turns: ReadonlyArray<Done>
): Settled.Settled<Change, InvalidPatch, R> => {
  const { definition, position, session } = run
  const merged = turns.reduce((state, { patch }) => merge(definition, state, patch), position.state)
  const nodes = turns.map(({ node }) => node)
  const encoded = Settled.mapError(
    encodeState(definition, merged),
    (issue) => new InvalidPatch({ executionId: session.claim.executionId, node: nodes.join(", "), issue })
  )
  return Settled.map(encoded, (state): Change => {
    const targets = turns.flatMap(({ node, targets }) => targets ?? alongEdges(definition, node, merged))
    const { input, life, step } = position.record
    return {
      nodeName: nodes.join(","),
      state,
      record: { source: "loop", step: step + 1, next: inOrder(definition, targets), nodes, input, life }
    }
  })
}

/** Runs all nodes that are next, at once. */
export const superstep = <E, R>(
  run: Run<E, R>,
  restore: Restore
): Effect.Effect<ReadonlyArray<Turn>, E | RunError, R> => {
  const nodes = nodesOf(run)
  if (Either.isLeft(nodes)) return Effect.fail(nodes.left)
  const [only, ...others] = nodes.right
  if (only !== undefined && others.length === 0) {
    return Effect.map(turn(run, only, restore, false), (turn) => [turn])
  }
  return restore(
    Effect.forEach(
      nodes.right,
      (node) => Effect.uninterruptibleMask((restore) => turn(run, node, restore, true)),
      { concurrency: "unbounded" }
    )
  )
}
