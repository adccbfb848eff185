import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Checkpoint } from "../../schema/Checkpoint.js"
import type { Definition } from "../graph/definition.js"
import { begin, type Begun } from "./begun.js"

/** The version of the head when what is next was reached: what is recorded meanwhile is named by it. */
export const baseOf = ({ metadata, version }: Pick<Checkpoint<unknown>, "metadata" | "version">): number => {
  const base = metadata["base"]
  return typeof base === "number" ? base : version
}

/** What a head says of the children of its execution. */
export interface Family {
  /** The version that names those under the head; 0 before there is one. */
  readonly base: number
  readonly life: string
  readonly next: ReadonlyArray<string>
  readonly children: ReadonlyArray<Begun>
}

/** Of an execution that has no head. */
export const noFamily: Family = { base: 0, life: "", next: [], children: [] }

/** As it stands in a checkpoint's metadata. */
export const Children: Schema.Schema<ReadonlyArray<Begun>> = Schema.Array(
  Schema.Tuple(Schema.String, Schema.Int, Schema.Int)
)

const decode = Schema.decodeUnknownOption(Schema.Struct({
  life: Schema.optionalWith(Schema.String, { default: () => "" }),
  next: Schema.Array(Schema.String),
  children: Schema.optionalWith(Children, { default: () => [] })
}))

/** No runner's checkpoint has children. */
export const familyOf = (head: Checkpoint<unknown>): Family =>
  Option.match(decode(head.metadata), {
    onNone: () => noFamily,
    onSome: (family) => ({ ...family, base: baseOf(head) })
  })

/** All that may have begun, those under the head itself included: whoever is next there may have died after it. */
export const begunBelow = <E, R>(
  { base, children, next }: Family,
  definition: Definition<E, R> | undefined
): ReadonlyArray<Begun> =>
  next.filter((name) => typeof definition?.nodes.get(name)?.run !== "function")
    .reduce((all, name) => begin(all, name, base), children)
