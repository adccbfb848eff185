import { assert, describe, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { begin, type Begun, takeUpTo } from "../../src/internal/runner/begun.js"

const nodes = fc.constantFrom("a", "b", "[\"a\",1,1]")
const steps = fc.array(fc.record({ node: nodes, gap: fc.constantFrom(0, 1, 1, 2, 5, 40) }), { maxLength: 60 })

/** Versions go up, as those of a head do. */
const begunBy = (all: ReadonlyArray<{ readonly node: string; readonly gap: number }>) => {
  let version = 1
  const places = all.map(({ gap, node }) => ({ node, base: version += gap }))
  const begun = places.reduce<ReadonlyArray<Begun>>((all, { base, node }) => begin(all, node, base), [])
  return { begun, places, version }
}

const named = ({ base, node }: { readonly node: string; readonly base: number }) => `${node} ${base}`

describe("where children began", () => {
  it.prop("none is forgotten, in eight ranges a node at most", [steps], ([all]) => {
    const { begun, places } = begunBy(all)
    const known = new Set(takeUpTo(begun, Infinity, Infinity).taken.map(named))
    assert.isTrue(places.every((place) => known.has(named(place))))
    for (const node of ["a", "b"]) assert.isAtMost(begun.filter(([name]) => name === node).length, 8)
    assert.strictEqual(known.size, takeUpTo(begun, Infinity, Infinity).taken.length)
  })

  it.prop("where there are few of them, nothing else is remembered", [fc.array(nodes, { maxLength: 8 })], ([all]) => {
    const { begun, places } = begunBy(all.map((node) => ({ node, gap: 3 })))
    assert.sameMembers(takeUpTo(begun, Infinity, Infinity).taken.map(named), places.map(named))
  })

  it.prop("taking some at a time takes each once", [steps, fc.nat(200), fc.integer({ min: 1, max: 7 })], (
    [all, last, limit]
  ) => {
    const { begun } = begunBy(all)
    const taken: Array<string> = []
    let rest = begun
    for (;;) {
      const some = takeUpTo(rest, last, limit)
      assert.isAtMost(some.taken.length, limit)
      if (some.taken.length === 0) break
      taken.push(...some.taken.map(named))
      rest = some.left
    }
    assert.deepStrictEqual(taken.toSorted(), takeUpTo(begun, last, Infinity).taken.map(named).toSorted())
    assert.deepStrictEqual(rest, takeUpTo(begun, last, Infinity).left)
  })
})
