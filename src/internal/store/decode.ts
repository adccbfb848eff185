import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import type { Checkpoint } from "../../schema/Checkpoint.js"
import { Envelope } from "../../schema/Checkpoint.js"
import { CheckpointDecodeError } from "../../schema/Errors.js"
import type { KeyLayout } from "../../services/KeyLayout.js"
import { checkpointKey } from "../../services/KeyLayout.js"
import { describe } from "../issue.js"

const decodeEnvelope = ParseResult.decodeUnknownEither(Envelope)

const parse = (payload: string): Either.Either<unknown, string> => {
  try {
    return Either.right(JSON.parse(payload))
  } catch {
    // The engine's message quotes the payload.
    return Either.left("value: is not JSON")
  }
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
  const json = parse(payload)
  if (Either.isLeft(json)) return Either.left(decodeError(layout, checkpointId, json.left, executionId))
  const checkpoint = decodeEnvelope(json.right)
  return Either.isLeft(checkpoint)
    ? Either.left(decodeError(layout, checkpointId, describe(checkpoint.left), executionId))
    // The key decides: what was copied there by hand may name another id.
    : Either.right({ ...checkpoint.right, id: checkpointId })
}
