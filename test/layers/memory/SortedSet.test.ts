import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { type Item, SortedSet } from "../../../src/internal/keyspace/SortedSet.js"

const change = fc.record({
  member: fc.integer({ min: 0, max: 3000 }).map(String),
  score: fc.integer({ min: 0, max: 20 }),
  isRemoval: fc.integer({ min: 0, max: 9 }).map((n) => n === 0)
})
const changes = fc.array(change, { minLength: 3000, maxLength: 5000, size: "max" })

const inOrder = (scores: ReadonlyMap<string, number>): ReadonlyArray<Item> =>
  Array.from(scores, ([member, score]) => ({ member, score }))
    .toSorted((a, b) => a.score - b.score || (a.member < b.member ? -1 : 1))

const agrees = (set: SortedSet, scores: ReadonlyMap<string, number>, from: number, to: number) => {
  const items = inOrder(scores)
  assert.strictEqual(set.size, items.length)
  assert.deepStrictEqual(set.all(), items)
  assert.deepStrictEqual(set.slice(from, to), items.slice(from, to))
  for (const { member, score } of items.slice(from, to)) {
    assert.strictEqual(set.score(member), score)
    assert.strictEqual(set.rank(member), items.findIndex((item) => item.member === member))
  }
  for (let limit = -1; limit <= 21; limit++) {
    const count = set.countWhile(({ score }) => score <= limit)
    assert.strictEqual(count, items.filter(({ score }) => score <= limit).length)
  }
}

describe("SortedSet", () => {
  it("of thousands of members keeps their order under any changes", () => {
    const range = fc.tuple(fc.nat(2000), fc.nat(100))
    fc.assert(
      fc.property(changes, range, (changes, [from, length]) => {
        const set = new SortedSet()
        const scores = new Map<string, number>()
        for (const { isRemoval, member, score } of changes) {
          if (isRemoval) assert.strictEqual(set.delete(member), scores.delete(member))
          else {
            set.set(member, score)
            scores.set(member, score)
          }
        }
        agrees(set, scores, from, from + length)
        const removed = inOrder(scores).slice(from, from + 1000)
        assert.strictEqual(set.removeRange(from, from + 1000), removed.length)
        for (const { member } of removed) scores.delete(member)
        agrees(set, scores, 0, 10)
        assert.strictEqual(set.removeRange(0, 5000), scores.size)
        agrees(set, new Map(), 0, 10)
      }),
      { numRuns: 8 }
    )
  })
})
