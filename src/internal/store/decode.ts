import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import type { Checkpoint } from "../../schema/Checkpoint.js"
import { Envelope } from "../../schema/Checkpoint.js"
import { CheckpointDecodeError } from "../../schema/Errors.js"
import type { KeyLayout } from "../../services/KeyLayout.js"
import { checkpointKey } from "../../services/KeyLayout.js"
import { fromJson } from "../envelope.js"
import { describe } from "../issue.js"

const bySchema = ParseResult.decodeUnknownEither(Envelope)

/** JSON has no undefined: it stands for what is none. */
const parse = (payload: string): unknown => {
  try {
    return JSON.parse(payload)
  } catch {
    // The engine's message quotes the payload.
    return undefined
  }
}

/** The checkpoint, or what is wrong with it. */
const read = (payload: string): Checkpoint<unknown> | string => {
  const json = parse(payload)
  if (json === undefined) return "value: is not JSON"
  return fromJson(json) ?? Either.getOrElse(bySchema(json), (issue) => describe(issue))
}

export const decodeError = (
  layout: KeyLayout,
  checkpointId: string,
  issue: string,
  executionId?: string
): CheckpointDecodeError =>
  new CheckpointDecodeError({ checkpointId, key: checkpointKey(layout, checkpointId, executionId), issue })

/** A stored payload as a checkpoint whose state is still as JSON has it. It was found with `executionId`. */
export const envelopeOf = (
  layout: KeyLayout,
  checkpointId: string,
  payload: string,
  executionId?: string
): Either.Either<Checkpoint<unknown>, CheckpointDecodeError> => {
  const found = read(payload)
  if (typeof found === "string") return Either.left(decodeError(layout, checkpointId, found, executionId))
  // The key decides: what was copied there by hand may name another id.
  return Either.right(found.id === checkpointId ? found : { ...found, id: checkpointId })
}
