import * as Effect from "effect/Effect"
import { InvalidPatch, UnknownNode } from "../../schema/ExecutionErrors.js"
import type { RunError } from "../../services/GraphRunner.js"
import type { Definition, Fields, Node } from "../graph/definition.js"
import { END } from "../graph/goto.js"
import { merge } from "./patch.js"
import type { Change, Run } from "./run.js"
import type { Restore } from "./settle.js"
import { encodeState } from "./state.js"
import { type Done, type Turn, turn } from "./turn.js"

const nodeAt = <E, R>({ definition, session }: Run<E, R>, name: string): Effect.Effect<Node<E, R>, UnknownNode> => {
  const node = definition.nodes.get(name)
  return node === undefined
    ? Effect.fail(new UnknownNode({ executionId: session.claim.executionId, graph: definition.name, node: name }))
    : Effect.succeed(node)
}

/** Where the edges of a node lead from a state. */
export const alongEdges = <E, R>(
  definition: Definition<E, R>,
  from: string,
  state: Fields
): ReadonlyArray<string> =>
  definition.edges.filter((edge) => edge.from === from).flatMap((edge) => edge.decide?.(state) ?? edge.to)

/** Without doubles and END, in the order of declaration. */
export const inOrder = <E, R>(definition: Definition<E, R>, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const wanted = new Set(names)
  const strange = [...wanted].filter((name) => name !== END && !definition.nodes.has(name))
  return [...[...definition.nodes.keys()].filter((name) => wanted.has(name)), ...strange]
}

/** What comes after a superstep. */
export const changeAfter = <E, R>(
  run: Run<E, R>,
  turns: ReadonlyArray<Done>
): Effect.Effect<Change, InvalidPatch, R> =>
  Effect.suspend(() => {
    const { definition, position, session } = run
    const merged = turns.reduce((state, { patch }) => merge(definition, state, patch), position.state)
    const nodes = turns.map(({ node }) => node)
    return Effect.map(
      Effect.mapError(
        encodeState(definition, merged),
        (issue) => new InvalidPatch({ executionId: session.claim.executionId, node: nodes.join(", "), issue })
      ),
      (state) => ({
        nodeName: nodes.join(","),
        state,
        record: {
          source: "loop" as const,
          step: position.record.step + 1,
          next: inOrder(
            definition,
            turns.flatMap(({ node, targets }) => targets ?? alongEdges(definition, node, merged))
          ),
          nodes,
          input: position.record.input,
          life: position.record.life
        }
      })
    )
  })

/** Runs all nodes that are next, at once. */
export const superstep = <E, R>(
  run: Run<E, R>,
  restore: Restore
): Effect.Effect<ReadonlyArray<Turn>, E | RunError, R> =>
  Effect.flatMap(Effect.forEach(run.position.record.next, (name) => nodeAt(run, name)), (nodes) => {
    const [only, ...others] = nodes
    if (only !== undefined && others.length === 0) {
      return Effect.map(turn(run, only, restore, false), (turn) => [turn])
    }
    return restore(
      Effect.forEach(
        nodes,
        (node) => Effect.uninterruptibleMask((restore) => turn(run, node, restore, true)),
        { concurrency: "unbounded" }
      )
    )
  })
