import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import * as Answers from "./answers.js"
import { called, conflict, notSent, ok, unknown } from "./answers.js"
import type { Call, Event, Outcome, Seen } from "./history.js"
import { judge, type Loses } from "./judge.js"

const a1: Seen = { execution: "e", id: "a", version: 1, tag: "one" }
const b2: Seen = { execution: "e", id: "b", version: 2, tag: "two" }

const save = ({ id, tag, version }: Seen): Call => ({ verb: "save", id, version, tag })
const guarded = ({ id, tag, version }: Seen, expected: number): Call => ({
  verb: "compareAndSet",
  id,
  version,
  tag,
  expected
})
const load: Call = { verb: "load", id: "a" }
const list: Call = { verb: "list" }
const clear: Call = { verb: "clear" }

/** One after the other. */
const sequence = (...calls: ReadonlyArray<readonly [Call, Outcome]>) =>
  calls.map(([call, outcome], i) => called(2 * i, 2 * i + 1, call, outcome))

const isExplained = (events: ReadonlyArray<Event>, loses: Loses = "nothing"): boolean => {
  const { undecided, violations } = judge(events, loses)
  assert.strictEqual(undecided, 0)
  return violations.length === 0
}

const twice = (lost: ReadonlyArray<number>) => [
  called(0, 9, guarded(a1, 0), ok(), lost),
  called(2, 3, load, ok([a1])),
  called(4, 5, clear, ok([], 1)),
  called(10, 11, load, ok([a1]))
]

const race = (second: Outcome) => [
  called(0, 5, guarded(a1, 0), ok()),
  called(1, 6, guarded({ ...a1, tag: "other" }, 0), second)
]

describe("the model of an execution", () => {
  it("one of two compare-and-sets at one head wins", () => {
    assert.isTrue(isExplained(race(conflict(1))))
    assert.isFalse(isExplained(race(ok())))
    assert.isFalse(isExplained(race(conflict(2))))
  })

  it("a call that was refused, not sent or lost its race has no effect", () => {
    for (const outcome of [notSent, conflict(0), { _tag: "Refused", code: "OOM" } as const]) {
      assert.isFalse(isExplained(sequence([guarded(a1, 7), outcome], [load, ok([a1])])))
    }
    assert.isTrue(isExplained(sequence([save(a1), notSent], [load, ok()])))
  })

  it("an unknown overwrite takes effect once or never; sent again it would undo what came after it", () => {
    const lost = called(0, 1, save(a1), unknown)
    const newer = { ...a1, tag: "newer" }
    assert.isTrue(isExplained([lost, called(2, 3, load, ok())]))
    assert.isTrue(isExplained([lost, called(2, 3, load, ok([a1]))]))
    assert.isTrue(isExplained([lost, called(2, 3, save(newer), ok()), called(4, 5, load, ok([a1]))]))
    assert.isFalse(isExplained([
      lost,
      called(2, 3, load, ok([a1])),
      called(4, 5, save(newer), ok()),
      called(6, 7, load, ok([a1]))
    ]))
  })

  it("a compare-and-set that was sent again may win twice when its head is deleted, and only if it was sent again", () => {
    assert.isTrue(isExplained(twice([1])))
    assert.isFalse(isExplained(twice([])))
  })

  it("a list may mix two instants, and only by leaving out", () => {
    const meanwhile = (seen: ReadonlyArray<Seen>) => [
      called(0, 1, save(a1), ok()),
      called(2, 9, list, ok(seen)),
      called(3, 4, save(b2), ok()),
      called(5, 6, { verb: "delete", id: "a" }, ok([], 1))
    ]
    for (const seen of [[a1], [a1, b2], [b2], []]) assert.isTrue(isExplained(meanwhile(seen)), JSON.stringify(seen))
    assert.isFalse(isExplained(sequence([save(a1), ok()], [save(b2), ok()], [list, ok([b2])])))
    const lostPayloads = called(2, 9, list, ok(), [7])
    assert.isTrue(
      isExplained([called(0, 1, save(a1), ok()), lostPayloads, called(3, 4, save({ ...a1, version: 2 }), ok())])
    )
    assert.isFalse(isExplained(sequence([save(a1), ok()], [list, ok([{ ...a1, tag: "other" }])])))
  })

  it("a server that was wiped has nothing; what it lost is counted, and a clear that misses one is rejected", () => {
    const wiped = { _tag: "Happened", what: "wiped", begun: 2, ended: 3 } as const
    const events = [called(0, 1, save(a1), ok()), wiped, called(4, 5, load, ok())]
    assert.isTrue(isExplained(events))
    assert.strictEqual(judge(events, "everything").lost, 1)
    assert.isFalse(isExplained([called(0, 1, save(a1), ok()), wiped, called(4, 5, load, ok([a1]))]))
    assert.isFalse(isExplained(sequence([save(a1), ok()], [save(b2), ok()], [clear, ok([], 1)])))
  })

  it("a server that went back to what it had once lost what came since", () => {
    const events = (found: Outcome) => [
      called(0, 1, save(a1), ok()),
      { _tag: "Happened", what: "marked", begun: 2, ended: 3 } as const,
      called(4, 5, save(b2), ok()),
      { _tag: "Happened", what: "rewound", begun: 6, ended: 7 } as const,
      called(8, 9, list, found)
    ]
    assert.isTrue(isExplained(events(ok([a1]))))
    assert.isFalse(isExplained(events(ok([a1, b2]))))
    assert.isFalse(isExplained(events(ok([]))))
    assert.strictEqual(judge(events(ok([a1])), "the tail").lost, 1)
  })

  it("a server that evicts may lose any checkpoint, and gives none back", () => {
    assert.isTrue(isExplained(sequence([save(a1), ok()], [load, ok()]), "any key"))
    assert.strictEqual(judge(sequence([save(a1), ok()], [load, ok()]), "any key").lost, 1)
    assert.isFalse(isExplained(sequence([save(a1), ok()], [load, ok()], [load, ok([a1])]), "any key"))
    assert.isFalse(
      isExplained(sequence([save(a1), ok()], [save({ ...a1, tag: "x" }), ok()], [list, ok([a1])]), "any key")
    )
  })

  it("an id that is saved in another execution leaves this one in the same step", () => {
    const moved = { ...called(2, 3, save({ ...a1, tag: "moved" }), ok()), execution: "other" }
    const after = (call: Call, outcome: Outcome) => [called(0, 1, save(a1), ok()), moved, called(4, 5, call, outcome)]
    assert.isTrue(isExplained(after(list, ok([]))))
    assert.isFalse(isExplained(after(list, ok([a1]))))
    assert.isTrue(isExplained(after(load, ok([{ ...a1, tag: "moved", execution: "other" }]))))
    assert.isFalse(isExplained(after(load, ok([{ ...a1, tag: "moved" }]))))
    assert.isFalse(isExplained(after(load, ok([]))))
    const perhaps = { ...moved, outcome: unknown }
    for (const seen of [[a1], []]) {
      assert.isTrue(isExplained([called(0, 1, save(a1), ok()), perhaps, called(4, 5, list, ok(seen))]))
    }
  })

  it("what was sent is not told as not sent", () => {
    assert.isFalse(isExplained([called(0, 9, guarded(a1, 0), notSent, [1])]))
  })

  it("explains every sequence of calls that were answered by the model itself", () => {
    FastCheck.assert(FastCheck.property(FastCheck.array(Answers.arbitraryCall, { maxLength: 40 }), (drawn) => {
      const events = Answers.answered(drawn)
      return isExplained(events) && isExplained(events, "any key")
    }))
  })
})
