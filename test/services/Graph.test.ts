import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { jumpOf } from "../../src/internal/graph/goto.js"
import * as Graph from "../../src/services/Graph.js"

const state = Schema.Struct({ n: Schema.Int })
const nothing = () => Effect.succeed({})
const decide = () => []

const empty = Graph.make("g", { state })
const two = empty.node("a", nothing).node("b", nothing)
const whole = two.edge(Graph.START, "a")

const versioned = (options: Omit<Graph.Options<typeof state.fields>, "state">) =>
  Graph.make("g", { ...options, state }).node("a", nothing).edge(Graph.START, "a")

const versionIssue = "stateVersion must be a positive integer"
const keep = (encoded: unknown) => encoded

/** What types refuse is given as `never`. */
const invalid: ReadonlyArray<readonly [what: string, builder: { readonly build: () => unknown }, issue: string]> = [
  ["no nodes and no edges", empty, "no edge leads from START"],
  ["no edge from the start", two.edge("a", "b"), "no edge leads from START"],
  ["a name that is taken", whole.node("a" as never, nothing), "the name \"a\" is taken"],
  ["the name of the start", whole.node(Graph.START as never, nothing), "the name \"__start__\" is taken"],
  ["the name of the end", whole.node(Graph.END as never, nothing), "the name \"__end__\" is taken"],
  [
    "a child with a name that is taken",
    whole.child("a" as never, whole.build(), { input: (self) => self, output: (child) => child }),
    "the name \"a\" is taken"
  ],
  ["an empty name", whole.node("", nothing), "the name \"\" is empty or has a lone surrogate"],
  ["a name with half a pair", whole.node("x\ud83d", nothing), "the name \"x\\ud83d\" is empty or has a lone surrogate"],
  [
    "a graph without a name",
    Graph.make("", { state }).node("a", nothing).edge(Graph.START, "a"),
    "the name \"\" is empty or has a lone surrogate"
  ],
  ["an edge to no node", whole.edge("a", "c" as never), "no node \"c\""],
  ["an edge to the start", whole.edge("a", Graph.START as never), "no node \"__start__\""],
  ["an edge from no node", whole.edge("c" as never, "a"), "no node \"c\""],
  ["an edge from the end", whole.edge(Graph.END as never, "a"), "no node \"__end__\""],
  ["one of several edges to no node", whole.edge("a", ["b", "c" as never]), "no node \"c\""],
  ["a branch to no node", whole.branch("a", ["b", "c" as never], decide), "no node \"c\""],
  ["a branch from no node", whole.branch("c" as never, ["a"], decide), "no node \"c\""],
  ["a goto that is said to lead to no node", whole.node("d", nothing, { goto: ["c" as never] }), "no node \"c\""],
  ["stateVersion 0", versioned({ stateVersion: 0 }), versionIssue],
  ["stateVersion 1.5", versioned({ stateVersion: 1.5 }), versionIssue],
  ["stateVersion NaN", versioned({ stateVersion: NaN }), versionIssue],
  ["stateVersion 2 ** 53", versioned({ stateVersion: 2 ** 53 }), versionIssue],
  [
    "a migration from the version itself",
    versioned({ stateVersion: 2, migrations: { 1: keep, 2: keep } }),
    "the migration from version 2 leads nowhere: stateVersion is 2"
  ],
  [
    "a migration from version 0",
    versioned({ stateVersion: 2, migrations: { 0: keep } }),
    "the migration from version 0 leads nowhere: stateVersion is 2"
  ]
]

const valid: ReadonlyArray<readonly [what: string, builder: { readonly build: () => { readonly name: string } }]> = [
  ["nodes that are called as what objects have", empty.node("__proto__", nothing).edge(Graph.START, "__proto__")],
  ["a cycle", whole.edge("a", "b").edge("b", ["a", Graph.END])],
  ["nodes that nothing leads to", whole.node("alone", nothing)],
  ["a branch that leads from the start", two.branch(Graph.START, ["a", "b"], decide)],
  ["a start that leads to the end", empty.edge(Graph.START, Graph.END)],
  [
    "a goto to a node that was declared later",
    empty.node("a", () => Effect.succeed(Graph.goto("b"))).node("b", nothing)
      .edge(Graph.START, "a")
  ],
  ["migrations from every older version", versioned({ stateVersion: 3, migrations: { 1: keep, 2: keep } })],
  ["versions without migrations", versioned({ stateVersion: 3 })]
]

const drawn = ({ definition }: Graph.Graph<typeof state.Type, string>) => ({
  nodes: [...definition.nodes.keys()],
  edges: definition.edges.map(({ from, to }) => [from, ...to])
})

describe("build", () => {
  it.each(invalid)("refuses %s", (_, builder, issue) => {
    try {
      builder.build()
    } catch (error) {
      assert.instanceOf(error, Graph.InvalidGraph)
      assert.strictEqual(error.name, "InvalidGraph")
      assert.include(error.message, `cannot run: ${issue}`)
      return
    }
    assert.fail("was built")
  })

  it("tells all that is wrong at once, and of which graph", () => {
    const wrong = Graph.make("my \"graph\"", { state, stateVersion: 0 }).node("", nothing).edge(
      "x" as never,
      "y" as never
    )
    assert.throws(
      () => wrong.build(),
      "Graph \"my \\\"graph\\\"\" cannot run: the name \"\" is empty or has a lone surrogate; no node \"x\"; " +
        "no node \"y\"; no edge leads from START; stateVersion must be a positive integer"
    )
  })

  it.each(valid)("takes %s", (_, builder) => {
    assert.strictEqual(builder.build().name, "g")
  })

  it("gives a graph each time, which can be piped", () => {
    assert.deepStrictEqual(drawn(whole.build()), drawn(whole.build()))
    assert.strictEqual(whole.build().pipe(({ name }) => name), "g")
  })
})

describe("a builder", () => {
  it("is left as it was by each call", () => {
    const before = drawn(whole.build())
    const left = whole.node("left", nothing).edge("a", "left")
    const right = whole.node("right", nothing).branch("a", ["right", "b"], decide)
    const child = whole.child("child", whole.build(), { input: (self) => self, output: (inner) => inner })
    assert.deepStrictEqual(drawn(left.build()), {
      nodes: ["a", "b", "left"],
      edges: [["__start__", "a"], ["a", "left"]]
    })
    assert.deepStrictEqual(drawn(right.build()), {
      nodes: ["a", "b", "right"],
      edges: [["__start__", "a"], ["a", "right", "b"]]
    })
    assert.deepStrictEqual(drawn(child.build()), { nodes: ["a", "b", "child"], edges: [["__start__", "a"]] })
    assert.deepStrictEqual(drawn(whole.build()), before)
  })

  it("changes no graph that it has built", () => {
    const built = whole.build()
    whole.node("c", nothing).edge("a", "c").build()
    assert.deepStrictEqual(drawn(built), { nodes: ["a", "b"], edges: [["__start__", "a"]] })
  })
})

describe("goto", () => {
  it("holds where it leads and the patch", () => {
    const both = { targets: ["a", Graph.END], patch: { n: 1 } }
    assert.deepStrictEqual(jumpOf(Graph.goto(["a", Graph.END], { n: 1 })), { patch: { n: 1 }, jump: both })
    assert.deepStrictEqual(jumpOf(Graph.goto("a")), { patch: {}, jump: { targets: ["a"], patch: {} } })
    assert.deepStrictEqual(jumpOf(Graph.goto([])).jump?.targets, [])
  })

  it("is told apart from any patch", () => {
    for (const given of [{ n: 1 }, {}, { targets: ["a"], patch: {} }, null, undefined, 1, "x"]) {
      assert.deepStrictEqual(jumpOf(given), { patch: given, jump: undefined })
    }
  })
})
