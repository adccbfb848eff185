import { assert } from "@effect/vitest"
import { Effect, Schedule, Schema } from "effect"
import * as Graph from "../../src/services/Graph.js"

export const State = Schema.Struct({ n: Schema.Int, secret: Schema.String })
export type State = typeof State.Type

export const nothing = () => Effect.succeed({})
export const uncalled = (): never => assert.fail("a predicate was called")

export const orders = Graph.make("orders", { state: State })
  .node("charge", nothing, { retry: Schedule.recurs(3) })
  .node("approve", nothing, { interruptBefore: true, interruptAfter: uncalled })
  .node("ship", nothing, { interruptBefore: uncalled, interruptAfter: true, goto: ["charge", Graph.END] as never })
  .node("refund", nothing, { interruptBefore: false })
  .edge(Graph.START, ["charge", "approve"])
  .branch("charge", ["ship", "refund"], uncalled)
  .edge("approve", "ship")
  .build()

export const drawnOrders = [
  "  start((\"START\"))",
  "  n0[\"charge<br/>retries\"]",
  "  n1[\"approve<br/>waits before<br/>waits after, if\"]",
  "  n2[\"ship<br/>waits before, if<br/>waits after\"]",
  "  n3[\"refund\"]",
  "  stop((\"END\"))",
  "  start --> n0",
  "  start --> n1",
  "  n0 -.-> n2",
  "  n0 -.-> n3",
  "  n1 --> n2",
  "  n2 -.->|goto| n0",
  "  n2 -.->|goto| stop",
  "  n3 --> stop"
]

const self = { input: (state: State) => state, output: (state: State) => state }
const inner = Graph.make("inner", { state: State }).node("deep", nothing).edge(Graph.START, "deep").build()
const middle = Graph.make("middle", { state: State })
  .node("check", nothing)
  .child("inner", inner, self)
  .edge(Graph.START, "check")
  .edge("check", "inner")
  .build()
export const outer = Graph.make("outer", { state: State })
  .child("middle", middle, self)
  .node("deep", nothing)
  .edge(Graph.START, "middle")
  .branch("middle", ["middle", "deep"], uncalled)
  .build()

export const drawnOuter = [
  "flowchart TD",
  "  start((\"START\"))",
  "  subgraph n0[\"middle\"]",
  "    n0start((\"START\"))",
  "    n0n0[\"check\"]",
  "    subgraph n0n1[\"inner\"]",
  "      n0n1start((\"START\"))",
  "      n0n1n0[\"deep\"]",
  "      n0n1stop((\"END\"))",
  "      n0n1start --> n0n1n0",
  "      n0n1n0 --> n0n1stop",
  "    end",
  "    n0stop((\"END\"))",
  "    n0start --> n0n0",
  "    n0n0 --> n0n1",
  "    n0n1 --> n0stop",
  "  end",
  "  n1[\"deep\"]",
  "  stop((\"END\"))",
  "  start --> n0",
  "  n0 -.-> n0",
  "  n0 -.-> n1",
  "  n1 --> stop"
]
