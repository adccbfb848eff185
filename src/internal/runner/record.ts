import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type { Checkpoint } from "../../schema/Checkpoint.js"
import { CheckpointDecodeError } from "../../schema/Errors.js"
import { GraphMismatch } from "../../schema/ExecutionErrors.js"
import type { KeyLayout } from "../../services/KeyLayout.js"
import { checkpointKey } from "../../services/KeyLayout.js"
import { describe } from "../issue.js"
import { baseOf, Children } from "./family.js"

/** What the runner keeps in a checkpoint's metadata, beside what others may have put there. */
const Stored = Schema.Struct({
  graph: Schema.String,
  source: Schema.Literal("input", "loop", "update", "fork"),
  step: Schema.Int,
  next: Schema.Array(Schema.String),
  nodes: Schema.Array(Schema.String),
  parent_id: Schema.optional(Schema.String),
  state_version: Schema.Int,
  epoch: Schema.Int,
  /** Differs from that of an execution that had the same id before: their children are not the same. */
  life: Schema.optionalWith(Schema.String, { default: () => "" }),
  /** The version that led to `next`: edits that leave `next` alone keep it. Absent: the checkpoint's own. */
  base: Schema.optional(Schema.Int),
  /** Digest of the input that the execution was started with, behind the version of the state that it had. */
  input: Schema.String,
  /** Where children began that may still be there. */
  children: Schema.optional(Children)
})

export type Record = Omit<typeof Stored.Type, "base"> & { readonly base: number }

const decode = ParseResult.decodeUnknownEither(Stored)

/** The graph whose runner wrote a checkpoint; undefined where none did. */
export const writerOf = ({ metadata }: Pick<Checkpoint<unknown>, "metadata">): string | undefined =>
  typeof metadata["graph"] === "string" ? metadata["graph"] : undefined

/** The record of a checkpoint that a runner of this graph wrote. */
export const recordOf = (
  layout: KeyLayout,
  graph: string,
  checkpoint: Checkpoint<unknown>
): Effect.Effect<Record, CheckpointDecodeError | GraphMismatch> => {
  const record = decode(checkpoint.metadata, { errors: "all" })
  if (record._tag === "Left") {
    const issue = `${describe(record.left, "metadata")}; no runner wrote it`
    const checkpointId = checkpoint.id
    return Effect.fail(new CheckpointDecodeError({ checkpointId, key: checkpointKey(layout, checkpointId), issue }))
  }
  return record.right.graph === graph
    ? Effect.succeed({ ...record.right, base: baseOf(checkpoint) })
    : Effect.fail(
      new GraphMismatch({
        executionId: Option.getOrElse(checkpoint.executionId, () => ""),
        expected: graph,
        actual: record.right.graph
      })
    )
}
