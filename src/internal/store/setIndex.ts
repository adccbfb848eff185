import * as Either from "effect/Either"
import type * as CheckpointProgram from "../../services/CheckpointProgram.js"
import type { KeyLayout } from "../../services/KeyLayout.js"
import { envelopeOf } from "./decode.js"
import type { Found } from "./found.js"
import type { Window } from "./pages.js"

type Placed = Found & { readonly version: number }

const byId = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** The order of a sorted set: by version, then by the bytes of the id. */
const compare = (a: CheckpointProgram.Indexed, b: CheckpointProgram.Position): number =>
  a.version !== b.version || b.id === undefined ? a.version - b.version : byId(a.id, b.id)

/**
 * What a Set index led to, in the order and within the bounds of a window. What
 * cannot be decoded has no place: it comes first, for the reader to fail or skip,
 * by the bytes of the id, since a Set comes in any order.
 */
export const arrange = (
  layout: KeyLayout,
  found: ReadonlyArray<Found>,
  window: Window
): { readonly unreadable: ReadonlyArray<Found>; readonly chosen: ReadonlyArray<Placed> } => {
  const unreadable: Array<Found> = []
  const placed: Array<Placed> = []
  for (const { id, payload } of found) {
    const envelope = envelopeOf(layout, id, payload)
    if (Either.isLeft(envelope)) unreadable.push({ id, payload })
    else placed.push({ id, payload, version: envelope.right.version })
  }
  const { after, before } = window
  const chosen = placed
    .filter((entry) => after === undefined || compare(entry, after) > 0)
    .filter((entry) => before === undefined || compare(entry, before) < 0)
    .toSorted(compare)
  if (window.order === "desc") chosen.reverse()
  unreadable.sort((a, b) => byId(a.id, b.id))
  return { unreadable, chosen }
}
