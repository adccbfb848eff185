import { assert, describe, it } from "@effect/vitest"
import { DateTime, Option } from "effect"
import * as Mermaid from "../../src/services/Mermaid.js"
import type { Request } from "../../src/services/Outcome.js"
import type { Current, Snapshot } from "../../src/services/Snapshot.js"
import { drawnOrders, orders, outer, type State } from "./drawnGraphs.js"

const executionId = "e/1"
const timestamp = DateTime.unsafeMake(0)
const state = { n: 1, secret: "hunter2" }

const snapshot = <Names extends string>(version: number, nodes: ReadonlyArray<Names>, next: ReadonlyArray<Names>) => ({
  checkpointId: `${executionId}@${version}`,
  executionId,
  version,
  state,
  source: version === 1 ? "input" as const : "loop" as const,
  step: version - 1,
  nodes,
  next,
  parentId: Option.none<string>(),
  stateVersion: 1,
  epoch: 1,
  timestamp
})

const request = (node: string, below = ""): Request => ({
  id: `ask:${node}:x`,
  kind: "ask",
  executionId: executionId + below,
  node,
  payload: "hunter2",
  rejected: Option.some("hunter2")
})

const standing = <Names extends string>(
  head: Snapshot<State, Names>,
  status: Current<State, Names>["status"],
  requests: ReadonlyArray<Request> = []
): Current<State, Names> => ({ ...head, status, requests, until: Option.none() })

const classes = (drawing: string) =>
  drawing.split("\n").filter((line) => /^\s*class /.test(line)).map((line) => line.trim())

const first = snapshot(1, [], ["charge", "approve"])
const second = snapshot(2, ["charge", "approve"], ["ship"])
const third = snapshot(3, ["ship"], ["charge"])
const fourth = snapshot(4, ["charge"], ["ship", "refund"])
const history = [fourth, third, second, first]

const afterSecond = (status: Current<State>["status"], requests?: ReadonlyArray<Request>) =>
  classes(Mermaid.execution(orders, standing(second, status, requests), [first, second]))

describe("execution", () => {
  it("draws the graph, what ran, how often, and where it stands", () => {
    const expected = [
      "flowchart LR",
      ...drawnOrders.with(1, "  n0[\"charge<br/>retries<br/>2 times, last in version 4\"]")
        .with(2, "  n1[\"approve<br/>waits before<br/>waits after, if<br/>version 2\"]")
        .with(3, "  n2[\"ship<br/>waits before, if<br/>waits after<br/>version 3\"]"),
      "  class n0 done",
      "  class n1 done",
      "  class n2 current",
      "  class n3 current",
      "  classDef done fill:#d3f9d8,stroke:#2b8a3e,color:#000",
      "  classDef current fill:#d0ebff,stroke:#1864ab,color:#000",
      "  classDef waiting fill:#fff3bf,stroke:#e67700,color:#000",
      "  classDef sleeping fill:#e5dbff,stroke:#5f3dc4,color:#000",
      "  classDef failed fill:#ffe3e3,stroke:#c92a2a,color:#000"
    ]
    const drawn = Mermaid.execution(orders, standing(fourth, "ready"), history, { direction: "LR" })
    assert.strictEqual(drawn, expected.join("\n"))
  })

  it("marks what is next by how the execution stands", () => {
    const done = ["class n0 done", "class n1 done"]
    assert.deepStrictEqual(afterSecond("running"), [...done, "class n2 current"])
    assert.deepStrictEqual(afterSecond("ready"), [...done, "class n2 current"])
    assert.deepStrictEqual(afterSecond("failed"), [...done, "class n2 failed"])
    assert.deepStrictEqual(afterSecond("sleeping"), [...done, "class n2 sleeping"])
    assert.deepStrictEqual(afterSecond("waiting", [request("ship")]), [...done, "class n2 waiting"])
    assert.deepStrictEqual(afterSecond("waiting", [request("approve")]), ["class n0 done", "class n1 waiting"])
    assert.deepStrictEqual(afterSecond("running", [request("ship")]), [...done, "class n2 waiting"])
    assert.deepStrictEqual(afterSecond("waiting", [request("gone")]), done)
  })

  it("marks the end when it is completed", () => {
    const last = snapshot(3, ["ship"], [])
    assert.deepStrictEqual(classes(Mermaid.execution(orders, standing(last, "completed"), [first, second, last])), [
      "class n0 done",
      "class n1 done",
      "class n2 done",
      "class stop done"
    ])
  })

  it("draws what a pruned history has, each version once, in whatever order", () => {
    const drawn = Mermaid.execution(orders, standing(fourth, "ready"), history)
    assert.strictEqual(
      Mermaid.execution(orders, standing(fourth, "ready"), [...history.toReversed(), ...history]),
      drawn
    )
    const pruned = Mermaid.execution(orders, standing(fourth, "ready"), [])
    assert.deepStrictEqual(classes(pruned), ["class n0 done", "class n2 current", "class n3 current"])
    assert.include(pruned, "n0[\"charge<br/>retries<br/>version 4\"]")
  })

  it("counts supersteps, not updates and forks", () => {
    const update: Snapshot<State, "charge" | "ship"> = { ...snapshot(2, ["charge"], ["ship"]), source: "update" }
    assert.deepStrictEqual(classes(Mermaid.execution(orders, standing(update, "ready"), [first])), ["class n2 current"])
  })

  it("shows requests of children and their children, in the child and on all nodes around it", () => {
    const head = snapshot(1, [], ["middle"])
    const drawn = (requests: ReadonlyArray<Request>) =>
      classes(Mermaid.execution(outer, standing(head, "waiting", requests), [head]))
    assert.deepStrictEqual(drawn([request("check", "/life/1/middle")]), ["class n0n0 waiting", "class n0 waiting"])
    assert.deepStrictEqual(drawn([request("deep", "/life/1/middle/life/2/inner")]), [
      "class n0n1n0 waiting",
      "class n0n1 waiting",
      "class n0 waiting"
    ])
    assert.deepStrictEqual(drawn([request("deep", "/life/1/middler"), request("deep", "0")]), [])
  })

  it("shows no state, question or answer", () => {
    const waiting = standing(second, "waiting", [request("ship")])
    assert.notInclude(Mermaid.execution(orders, waiting, history), "hunter2")
  })
})
