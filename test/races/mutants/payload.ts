import * as Option from "effect/Option"
import type { Input } from "../../../src/schema/Checkpoint.js"

/** A checkpoint as it is stored, by a writer that checks nothing. */
export const payloadOf = (input: Input<unknown>): string =>
  JSON.stringify({
    id: input.id,
    node_name: input.nodeName,
    state: input.state,
    metadata: { execution_id: executionOf(input) },
    timestamp: new Date().toISOString(),
    version: input.version
  })

export const executionOf = ({ executionId }: Input<unknown>): string =>
  typeof executionId === "string" ? executionId : Option.getOrElse(executionId ?? Option.none(), () => "")
