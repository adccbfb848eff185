/** What the model says of the verbs that take several checkpoints, several steps or two executions. */
import { assert, describe, it } from "@effect/vitest"
import { called, conflict, notSent, ok, refused, unknown } from "./answers.js"
import type { Call, Called, Entry, Event, Outcome, Seen } from "./history.js"
import { judge } from "./judge.js"

const seen = (id: string, version: number, tag: string, execution = "e"): Seen => ({ execution, id, version, tag })

const a1 = seen("a", 1, "one")
const b2 = seen("b", 2, "two")
const c3 = seen("c", 3, "three")

const isExplained = (...events: ReadonlyArray<Event>): boolean => {
  const { undecided, violations } = judge(events, "nothing")
  assert.strictEqual(undecided, 0)
  return violations.length === 0
}

const entryOf = ({ id, tag, version }: Entry) => ({ id, version, tag })
const save = (entry: Entry): Call => ({ verb: "save", ...entryOf(entry) })
const saveAll = (...entries: ReadonlyArray<Entry>): Call => ({ verb: "saveAll", entries: entries.map(entryOf) })
const load = (id: string): Call => ({ verb: "load", id })
const loadAll = (...ids: ReadonlyArray<string>): Call => ({ verb: "loadAll", ids })
const streamed = (...pages: ReadonlyArray<ReadonlyArray<Seen>>): Called =>
  called(10, 90, { verb: "stream" }, { _tag: "Ok", seen: pages.flat(), number: pages.flat().length, pages })
const inTarget = (begun: number, call: Call, outcome: Outcome): Called => ({
  ...called(begun, begun + 1, call, outcome),
  execution: "f"
})
const removed = (begun: number, id: string) => called(begun, begun + 1, { verb: "delete", id }, ok([], 1))

const wrote = (outcome: Outcome, ...found: ReadonlyArray<Seen>) =>
  isExplained(called(0, 1, saveAll(a1, b2), outcome), called(2, 3, loadAll("a", "b"), ok(found)))

const late = (outcome: Outcome) =>
  isExplained(
    called(0, 1, saveAll(a1), outcome),
    called(2, 3, load("a"), ok()),
    called(4, 5, load("a"), ok([a1]))
  )

describe("saveAll", () => {
  it("writes all when it succeeds, nothing when nothing was sent, and any of them when one was refused", () => {
    assert.isTrue(wrote(ok(), a1, b2))
    for (const found of [[], [a1], [b2]]) assert.isFalse(wrote(ok(), ...found))
    for (const found of [[], [a1], [b2], [a1, b2]]) {
      assert.isTrue(wrote(refused, ...found))
      assert.isTrue(wrote(unknown, ...found))
      assert.strictEqual(wrote(notSent, ...found), found.length === 0)
    }
  })

  it("that was refused writes nothing later; one that nobody knows of may", () => {
    assert.isFalse(late(refused))
    assert.isTrue(late(unknown))
  })

  it("is as many writes as it has checkpoints: others may see one without the other", () => {
    const meanwhile = called(1, 2, loadAll("a", "b"), ok([b2]))
    assert.isTrue(isExplained(called(0, 9, saveAll(a1, b2), ok()), meanwhile))
  })
})

const swapped = (found: ReadonlyArray<Seen>) =>
  isExplained(
    called(0, 1, save(a1), ok()),
    called(2, 9, loadAll("a", "b"), ok(found)),
    called(3, 4, save(b2), ok()),
    removed(5, "a")
  )

describe("loadAll", () => {
  it("reads ids of one execution at one instant", () => {
    for (const found of [[a1], [a1, b2], [b2]]) assert.isTrue(swapped(found), JSON.stringify(found))
    assert.isFalse(swapped([]))
  })

  it("reads what is shared with another execution one by one", () => {
    const moved: Called = { ...called(3, 4, save(seen("a", 2, "moved")), ok()), execution: "other" }
    const found = (...all: ReadonlyArray<Seen>) =>
      isExplained(called(0, 1, save(a1), ok()), moved, called(5, 6, loadAll("a", "b"), ok(all)))
    assert.isTrue(found(seen("a", 2, "moved", "other")))
    assert.isFalse(found(a1))
    assert.isFalse(found())
  })
})

const told = (number: number, ...before: ReadonlyArray<Called>) =>
  isExplained(...before, called(8, 9, { verb: "exists", id: "a" }, ok([], number)))

describe("exists", () => {
  it("tells what is there", () => {
    const saved = called(0, 1, save(a1), ok())
    assert.deepStrictEqual([told(0), told(1)], [true, false])
    assert.deepStrictEqual([told(0, saved), told(1, saved)], [false, true])
    assert.deepStrictEqual([told(0, saved, removed(2, "a")), told(1, saved, removed(2, "a"))], [true, false])
  })
})

describe("a stream", () => {
  const before = [a1, b2, c3].map((entry, i) => called(2 * i, 2 * i + 1, save(entry), ok()))
  const during = (...pages: ReadonlyArray<ReadonlyArray<Seen>>) => (...events: ReadonlyArray<Called>) =>
    isExplained(...before, ...events, streamed(...pages))

  it("gives every checkpoint that stays, in pages that are full but for the last", () => {
    assert.isTrue(during([a1, b2], [c3])())
    for (const pages of [[[a1, b2]], [[a1], [b2, c3], []], [[a1, b2], []], [[a1, b2], [c3], []], [[a1], [c3]]]) {
      assert.isFalse(during(...pages)(), JSON.stringify(pages))
    }
  })

  it("leaves out what is deleted between the index and the payload, and goes on behind it", () => {
    const gone = during([a1], [c3])
    assert.isTrue(gone(removed(20, "b")))
    // What came between the pages is behind the place of b, which is the last of the first.
    const d3 = seen("cc", 3, "late")
    assert.isTrue(during([a1], [c3, d3], [])(removed(20, "b"), called(30, 31, save(d3), ok())))
    assert.isFalse(gone(removed(3, "b")))
  })

  it("may miss what is saved behind its back, and not what was there before it began", () => {
    const early = seen("0", 1, "early")
    assert.isTrue(during([a1, b2], [c3])(called(20, 21, save(early), ok())))
    assert.isFalse(during([a1, b2], [c3])(called(6, 7, save(early), ok())))
  })
})

const listed = (...found: ReadonlyArray<Seen>) => inTarget(30, { verb: "list" }, ok(found))

describe("copy", () => {
  const copies = [seen("f@1", 1, "one", "f"), seen("f@2", 2, "two", "f")]
  const source = [a1, b2].map((entry, i) => called(2 * i, 2 * i + 1, save(entry), ok()))
  const copied = (outcome: Outcome, wrote: ReadonlyArray<Seen> = copies): Called => ({
    ...called(10, 19, { verb: "copy", to: "f" }, outcome),
    copied: wrote.map(entryOf)
  })
  const other = seen("other", 7, "other", "f")

  it("writes what the source has to a target that is empty", () => {
    assert.isTrue(isExplained(...source, copied(ok([], 2)), listed(...copies)))
    assert.isFalse(isExplained(...source, copied(ok([], 2)), listed(copies[0]!)))
    assert.isFalse(isExplained(...source, inTarget(6, save(other), ok()), copied(ok([], 2)), listed(...copies, other)))
  })

  it("conflicts with a target that is not, and writes nothing then", () => {
    const taken = (head: number, ...found: ReadonlyArray<Seen>) =>
      isExplained(
        ...source,
        inTarget(6, save(other), ok()),
        copied(conflict(head), copies.slice(0, 1)),
        listed(...found)
      )
    assert.isTrue(taken(7, other))
    assert.isFalse(taken(6, other))
    assert.isFalse(taken(7, copies[0]!, other))
    assert.isFalse(isExplained(...source, copied(conflict(0), copies.slice(0, 1))))
  })

  it("has read the source as it was, and tells how many it wrote", () => {
    assert.isFalse(isExplained(...source, copied(ok([], 1), copies.slice(0, 1))))
    assert.isTrue(isExplained(...source, removed(12, "b"), copied(ok([], 1), copies.slice(0, 1))))
    assert.isFalse(isExplained(...source, copied(ok([], 1))))
    assert.isTrue(isExplained(copied(ok([], 0), [])))
  })

  it("that failed may have left any of what it sent, the first of it for certain when more was sent", () => {
    for (const found of [copies, copies.slice(0, 1)]) assert.isTrue(isExplained(copied(unknown), listed(...found)))
    assert.isFalse(isExplained(copied(unknown), listed()))
    assert.isTrue(isExplained(copied(unknown, copies.slice(0, 1)), listed()))
    assert.isTrue(isExplained(copied(refused), listed(copies[0]!)))
    assert.isFalse(isExplained(copied(refused, copies.slice(0, 1)), listed(copies[0]!)))
  })

  it("is not told as not sent when a part of it was", () => {
    assert.isFalse(isExplained(copied(notSent), listed(copies[0]!)))
    assert.isTrue(isExplained(copied(notSent, copies.slice(0, 1)), listed()))
  })
})
