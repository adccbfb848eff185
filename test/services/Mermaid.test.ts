import { assert, describe, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as Graph from "../../src/services/Graph.js"
import * as Mermaid from "../../src/services/Mermaid.js"
import { drawnOrders, drawnOuter, nothing, orders, outer, State, uncalled } from "./drawnGraphs.js"

const single = (name: string) =>
  Graph.make("single", { state: State }).node(name as never, nothing).edge(Graph.START, name as never).build()

const labelOf = (drawing: string) => /^ {2}n0\["(.*)"\]$/m.exec(drawing)?.[1]

describe("graph", () => {
  it("draws nodes as they were declared, arrows, gates and retries, and calls no predicate", () => {
    assert.strictEqual(Mermaid.graph(orders), ["flowchart TD", ...drawnOrders].join("\n"))
    assert.strictEqual(Mermaid.graph(orders, { direction: "LR" }), ["flowchart LR", ...drawnOrders].join("\n"))
  })

  it("draws child graphs inside their nodes, with ids of their own", () => {
    assert.strictEqual(Mermaid.graph(outer), drawnOuter.join("\n"))
  })

  it("draws an edge once that was declared twice, and an edge beside a branch", () => {
    const twice = Graph.make("twice", { state: State })
      .node("a", nothing)
      .edge(Graph.START, ["a", "a"])
      .edge(Graph.START, "a")
      .branch(Graph.START, ["a", Graph.END], uncalled)
      .edge("a", [])
      .build()
    const arrows = Mermaid.graph(twice).split("\n").filter((line) => line.includes(">"))
    assert.deepStrictEqual(arrows, ["  start --> n0", "  start -.-> n0", "  start -.-> stop", "  n0 --> stop"])
  })

  it.each([
    ["end", "end"],
    ["charge the_card-2", "charge the_card-2"],
    ["größe 价格 цена", "größe 价格 цена"],
    ["say \"hi\"", "say#32;#34;hi#34;"],
    ["a[b](c){d}", "a#91;b#93;#40;c#41;#123;d#125;"],
    ["<b onclick='x'>&amp;", "#60;b onclick#61;#39;x#39;#62;#38;amp#59;"],
    ["#quot;", "#35;quot#59;"],
    ["`**bold**`", "#96;#42;#42;bold#42;#42;#96;"],
    ["1. one", "1#46;#32;one"],
    ["- _x_", "#45;#32;#95;x#95;"],
    ["  two  spaces", "#32;#32;two#32;#32;spaces"],
    ["a\nend\n%%{init: {}}%%", "a#10;end#10;#37;#37;#123;init#58;#32;#123;#125;#125;#37;#37;"],
    ["style x:#f00;", "style x#58;#35;f00#59;"],
    ["ﬂ°°34¶ß", "ﬂ#176;#176;34#182;ß"],
    ["🚀\u0000", "#128640;#0;"],
    ["n1 --> n2", "n1#32;#45;#45;#62;#32;n2"]
  ])("shows the name %j and takes nothing of it for syntax", (name, label) => {
    assert.strictEqual(labelOf(Mermaid.graph(single(name))), label)
  })
})

/** Index -1 is START or END. */
const random = fc.uniqueArray(fc.string({ minLength: 1, unit: "grapheme" }), { minLength: 1, maxLength: 6 }).chain(
  (names) => {
    const index = fc.integer({ min: -1, max: names.length - 1 })
    const edge = fc.record({ from: index, to: fc.array(index, { maxLength: 4 }), conditional: fc.boolean() })
    return fc.record({
      names: fc.constant(names),
      edges: fc.array(edge, { maxLength: 8 }),
      gotos: fc.array(fc.array(index, { maxLength: 2 }), { minLength: names.length, maxLength: names.length })
    })
  }
)

const id = (index: number, outside: string) => index < 0 ? outside : `n${index}`

describe("any graph", () => {
  it.prop("has every node and every edge once", [random], ([{ edges, gotos, names }]) => {
    // Types would have to know the names.
    const at = (index: number, outside: string) => (names[index] ?? outside) as never
    const all = [{ from: -1, to: [0], conditional: false }, ...edges]
    const nodes = names.reduce(
      (builder, name, i) => builder.node(name as never, nothing, { goto: gotos[i]!.map((to) => at(to, Graph.END)) }),
      Graph.make("random", { state: State })
    )
    const builder = all.reduce((builder, { conditional, from, to }) => {
      const targets = to.map((index) => at(index, Graph.END))
      const source = at(from, Graph.START)
      return conditional ? builder.branch(source, targets, uncalled) : builder.edge(source, targets)
    }, nodes)
    const drawn = Mermaid.graph(builder.build()).split("\n").map((line) => line.trim())

    const labels = drawn.flatMap((line) => /^n\d+\["(.*)"\]$/.exec(line)?.[1] ?? [])
    const decoded = labels.map((label) => label.replaceAll(/#(\d+);/g, (_, code) => String.fromCodePoint(Number(code))))
    assert.deepStrictEqual(decoded, names)

    const declared = [
      ...all.flatMap(({ conditional, from, to }) =>
        to.map((target) => `${id(from, "start")} ${conditional ? "-.->" : "-->"} ${id(target, "stop")}`)
      ),
      ...gotos.flatMap((to, i) => to.map((target) => `n${i} -.->|goto| ${id(target, "stop")}`))
    ]
    const ends = names.flatMap((_, i) => declared.some((arrow) => arrow.startsWith(`n${i} `)) ? [] : [`n${i} --> stop`])
    assert.deepStrictEqual(
      drawn.filter((line) => /^(n\d+|start) \S+ /.test(line)).toSorted(),
      [...new Set([...declared, ...ends])].toSorted()
    )
  })
})
