import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Input, Metadata } from "../../schema/Checkpoint.js"
import { CheckpointEncodeError } from "../../schema/Errors.js"
import type { Entry } from "../../services/CheckpointProgram.js"
import { Coded, escaped } from "../codec/coded.js"
import { jsonLoss, Lossless } from "../json.js"
import { rfc3339 } from "../rfc3339.js"
import { isStaged } from "../staging.js"

const maxIdBytes = 1024

/** Without a pair, a surrogate has no UTF-8: Redis would see another id. */
export const isWellFormed = (text: string): boolean => text.isWellFormed()

const idIssue = (name: string, id: string): string | undefined => {
  if (id === "") return `${name} is empty; give it at least one character`
  if (!isWellFormed(id)) return `${name} has a lone surrogate, which UTF-8 cannot hold`
  return id.length > maxIdBytes / 3 && Buffer.byteLength(id) > maxIdBytes
    ? `${name} has ${Buffer.byteLength(id)} bytes, more than 1 KiB; store a digest of it`
    : undefined
}

export const executionOf = (input: Input<unknown>): string | undefined => {
  const { executionId } = input
  if (typeof executionId === "string") return executionId
  if (executionId !== undefined && Option.isSome(executionId)) return executionId.value
  const named = input.metadata?.["execution_id"]
  return typeof named === "string" && named !== "" ? named : undefined
}

const ownMetadata = (executionId: string | undefined, writeId: string | undefined): Metadata => {
  if (executionId === undefined) return writeId === undefined ? {} : { write_id: writeId }
  return writeId === undefined ? { execution_id: executionId } : { execution_id: executionId, write_id: writeId }
}

const metadataOf = (input: Input<unknown>, executionId: string | undefined, writeId: string | undefined): Metadata => {
  const own = ownMetadata(executionId, writeId)
  // Not `Object.assign`, which takes a key `__proto__` for a prototype.
  return input.metadata === undefined ? own : { ...input.metadata, ...own }
}

const freeFormLoss = (fields: Metadata | undefined, root: string): string | undefined =>
  fields === undefined ? undefined : jsonLoss(fields, root)

const contentIssue = (input: Input<unknown>, state: unknown): string | undefined => {
  if (!Number.isSafeInteger(input.version)) return "version is not an integer within ±(2^53 - 1)"
  if (input.metadata !== undefined && "write_id" in input.metadata) {
    return "metadata.write_id is the library's; use another key"
  }
  if (state === undefined) return "state is undefined, which JSON has not; use null"
  const loss = state instanceof Coded || state instanceof Lossless ? undefined : jsonLoss(state, "state")
  return loss ?? freeFormLoss(input.metadata, "metadata") ?? freeFormLoss(input.unknownFields, "unknownFields")
}

const stringify = (wire: object, maxBytes: number): Either.Either<string, string> => {
  const tooLarge = Either.left(
    `the checkpoint has more than ${maxBytes} bytes; keep large data elsewhere and refer to it`
  )
  try {
    const payload = JSON.stringify(wire)
    return payload.length > maxBytes / 3 && Buffer.byteLength(payload) > maxBytes ? tooLarge : Either.right(payload)
  } catch {
    // All that JSON refuses was found before: what is left is a string beyond the engine's limit.
    return tooLarge
  }
}

const stored = (state: unknown): unknown => {
  if (state instanceof Coded) return state.value
  return escaped(state instanceof Lossless ? state.value : state)
}

/** A checkpoint with an encoded state, `Coded`, `Lossless` or as JSON has it, as an entry, or what is wrong with it. */
export const entryOf = (
  input: Input<unknown>,
  state: unknown,
  context: { readonly now: number; readonly maxBytes: number; readonly guarded: boolean }
): Either.Either<Entry, CheckpointEncodeError> => {
  const encodeError = (issue: string) => new CheckpointEncodeError({ checkpointId: input.id, issue })
  const executionId = executionOf(input)
  const issue = idIssue("id", input.id) ??
    (executionId === undefined ? undefined : idIssue("executionId", executionId)) ??
    contentIssue(input, state)
  if (issue !== undefined) return Either.left(encodeError(issue))
  const timestamp = rfc3339(input.timestamp === undefined ? context.now : DateTime.toEpochMillis(input.timestamp))
  if (timestamp === undefined) {
    return Either.left(encodeError("timestamp is outside the years 0 to 9999, which RFC 3339 has"))
  }
  const writeId = context.guarded ? globalThis.crypto.randomUUID() : undefined
  const known = {
    id: input.id,
    node_name: input.nodeName,
    state: stored(state),
    metadata: metadataOf(input, executionId, writeId),
    timestamp,
    version: input.version
  }
  const wire = input.unknownFields === undefined ? known : { ...known, ...input.unknownFields, ...known }
  return Either.mapBoth(stringify(wire, context.maxBytes), {
    onLeft: encodeError,
    onRight: (payload) => ({
      id: input.id,
      executionId: executionId ?? "",
      version: input.version,
      payload,
      writeId: writeId ?? (isStaged(payload) ? globalThis.crypto.randomUUID() : "")
    })
  })
}
