/** The state that is measured: a conversation, mostly text, in records of a quarter of a KiB. */
import { Schema } from "effect"

const Message = Schema.Struct({
  role: Schema.Literal("user", "assistant", "tool"),
  content: Schema.String,
  tokens: Schema.Int
})

export const State = Schema.Struct({ step: Schema.Int, messages: Schema.Array(Message) })

export type State = typeof State.Type

const roles = ["user", "assistant", "tool"] as const
const words = "the order was paid in full and leaves the warehouse before noon with two parcels 12.50 EUR "
const messageBytes = 256

const text = (length: number): string => words.repeat(Math.ceil(length / words.length)).slice(0, length)

/** A state that takes this many bytes as JSON, give or take a few. */
export const stateOf = (bytes: number): State => {
  const count = Math.max(1, Math.round(bytes / messageBytes))
  const empty = { step: 1, messages: Array.from({ length: count }, (_, i) => ({ role: roles[i % 3]!, tokens: i })) }
  const fixed = JSON.stringify(empty).length + count * ",\"content\":\"\"".length
  const content = text(Math.max(0, Math.round((bytes - fixed) / count)))
  return { step: 1, messages: empty.messages.map(({ role, tokens }) => ({ role, content, tokens })) }
}

/** The checkpoint as the store writes it, and as anybody would by hand. */
export const payloadOf = (id: string, executionId: string, version: number, state: State): string =>
  JSON.stringify({
    id,
    node_name: "bench",
    state,
    metadata: { execution_id: executionId },
    timestamp: new Date().toISOString(),
    version
  })
