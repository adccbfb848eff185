import { assert, describe, it } from "@effect/vitest"
import type { Result, Row } from "../../bench/race.js"
import { verdictsOf } from "../../bench/report/bounds.js"
import { goalCells } from "../../bench/report/goals.js"
import { plot } from "../../bench/report/plot.js"
import { replaced } from "../../bench/report/sections.js"
import { spreadOf } from "../../bench/statistics.js"

const work = { execution: 1, cpu: 1, bytesIn: 1, bytesOut: 1, reads: 1 }

const result = (name: string, micros: number, throughput: number, thrift = throughput): Result => ({
  name,
  outside: false,
  micros: spreadOf([micros]),
  cpu: spreadOf([micros]),
  server: work,
  throughput: spreadOf([throughput]),
  thrift: spreadOf([thrift])
})

const row = (name: string, ours: Result, detail = ""): Row => ({
  name,
  verb: name.split(" ")[0] ?? "",
  detail,
  bytes: 1024,
  fibers: 64,
  count: 1,
  rounds: 7,
  baseline: result("by hand", 10, 1),
  subjects: [ours]
})

const verdict = (throughput: number, thrift: number, bounds: Readonly<Record<string, number>>) =>
  verdictsOf([row("save 1 KiB x 64", result("save", 5, throughput, thrift))], bounds).map(({ holds }) => holds)

describe("bounds", () => {
  const key = "save 1 KiB x 64 / by hand"

  it("hold by the clock or by processor time, and not below both", () => {
    assert.deepStrictEqual(verdict(0.9, 0.1, { [key]: 0.5 }), [true])
    assert.deepStrictEqual(verdict(0.1, 0.9, { [key]: 0.5 }), [true])
    assert.deepStrictEqual(verdict(0.4, 0.4, { [key]: 0.5 }), [false])
  })

  it("do not hold for a case that was not measured", () => {
    assert.deepStrictEqual(verdict(1, 1, { "save 1 GiB x 64 / by hand": 0.5 }), [false])
  })
})

const reached = (throughput: number) =>
  goalCells({
    machine: "",
    rows: [
      row("save 1 KiB x 64", result("save", 5, throughput)),
      row("list 1000 of 1 KiB x 1", result("list", 5, 0.5))
    ],
    bulk: [],
    memory: []
  }).map(([work, , , measured, yes]) => [work, measured, yes])

describe("goals", () => {
  it("are shown for what was measured, throughput at least and time at most", () => {
    assert.deepStrictEqual(reached(1.3), [
      ["save, 1 KiB, 64 fibers", "1.30", "yes"],
      ["list of 1,000 x 1 KiB", "2.00", "no"]
    ])
    assert.deepStrictEqual(reached(1.1)[0], ["save, 1 KiB, 64 fibers", "1.10", "no"])
  })
})

describe("documents", () => {
  const document = "a\n<!-- bench:x -->\nold\n<!-- /bench:x -->\nb\n"

  it("take a section in its place, as often as one likes", () => {
    const once = replaced(document, { name: "x", text: "new" })
    assert.strictEqual(once, "a\n<!-- bench:x -->\nnew\n<!-- /bench:x -->\nb\n")
    assert.strictEqual(replaced(once, { name: "x", text: "new" }), once)
  })

  it("stay as they are without a place for it", () => {
    assert.strictEqual(replaced(document, { name: "y", text: "new" }), document)
  })
})

describe("plot", () => {
  it("has a line for each contender and a point for each history", () => {
    const grown = [10, 1_000, 100_000].map((history) => row("growth", result("save", 5, 1), `of ${history},`))
    const svg = plot(grown)
    assert.strictEqual(svg.match(/<polyline/g)?.length, 2)
    assert.strictEqual(svg.match(/<circle/g)?.length, 6)
    assert.notMatch(svg, /NaN|Infinity|undefined/)
  })
})
