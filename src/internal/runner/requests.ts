import * as Option from "effect/Option"
import type { Request } from "../../services/Outcome.js"
import type { Definition } from "../graph/definition.js"
import { requestOf } from "./ask.js"
import { afterField, askAnswerField, beforeField, wordsOf } from "./fields.js"
import { type Named, named } from "./requestNames.js"
import type { Position } from "./run.js"

/** A request that is open, and where its answer goes. */
export interface Open {
  readonly request: Request
  /** Its id without the visit. */
  readonly name: string
  readonly graph: string
  /** The version of the head that waits. */
  readonly head: number
  /** Its version when what waits was reached. */
  readonly base: number
  readonly field: string
}

interface Place<E, R> {
  readonly definition: Definition<E, R>
  readonly executionId: string
  readonly position: Position
  readonly memos: ReadonlyMap<string, string>
}

const gate = <E, R>(
  { definition, executionId, memos, position }: Place<E, R>,
  kind: "before" | "after",
  node: string
): ReadonlyArray<Open> => {
  const field = kind === "before" ? beforeField(node) : afterField(node)
  if (memos.has(field)) return []
  const { record: { base }, version } = position
  const { id, name } = named(base, kind, node)
  const request = { id, kind, executionId, node, payload: null, rejected: Option.none() }
  return [{ request, name, graph: definition.name, head: version, base, field }]
}

/** Gates follow from the head alone. Those behind the last nodes come before those in front of the next. */
export const openGates = <E, R>(place: Place<E, R>): ReadonlyArray<Open> => {
  const { definition, position } = place
  const { next, nodes } = position.record
  if (next.length === 0) return []
  const behind = nodes.filter((name) => definition.nodes.get(name)?.after(position.state)).flatMap((name) =>
    gate(place, "after", name)
  )
  if (behind.length > 0) return behind
  return next.filter((name) => definition.nodes.get(name)?.before(position.state)).flatMap((name) =>
    gate(place, "before", name)
  )
}

/** Questions without an answer. */
export const openQuestions = <E, R>(place: Place<E, R>): ReadonlyArray<Open> =>
  Array.from(place.memos).flatMap(([field, recorded]) => {
    const [kind, node, name, round] = wordsOf(field) ?? []
    if (kind !== "ask" || typeof node !== "string" || typeof name !== "string") return []
    const answer = askAnswerField(node, name, Number(round))
    if (place.memos.has(answer)) return []
    const { record: { base }, version } = place.position
    const request = requestOf({ executionId: place.executionId, base, node }, name, recorded)
    const called = named(base, "ask", node, name).name
    return [{ request, name: called, graph: place.definition.name, head: version, base, field: answer }]
  })

/** The requests of this visit that have an answer. */
export const answeredIn = (base: number, memos: ReadonlyMap<string, string>): ReadonlyArray<Named> =>
  Array.from(memos.keys()).flatMap((field) => {
    const [kind, node, name] = wordsOf(field) ?? []
    if (kind === "before" || kind === "after") return [named(base, kind, String(node))]
    return kind === "answer" ? [named(base, "ask", String(node), String(name))] : []
  })
