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

const read = (payload: string): Either.Either<Checkpoint<unknown>, string> => {
  const json = parse(payload)
  if (json === undefined) return Either.left("value: is not JSON")
  const checkpoint = fromJson(json)
  return checkpoint === undefined
    ? Either.mapLeft(bySchema(json), (issue) => describe(issue))
    : Either.right(checkpoint)
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
  if (Either.isLeft(found)) return Either.left(decodeError(layout, checkpointId, found.left, executionId))
  const checkpoint = found.right
  // The key decides: what was copied there by hand may name another id.
  return Either.right(checkpoint.id === checkpointId ? checkpoint : { ...checkpoint, id: checkpointId })
}
