import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { check, type Step } from "./checker.js"

/** A register that holds 0 at first. */
const write = (value: number, begun: number, ended: number, required = true): Step<number> => ({
  label: `write ${value}`,
  begun,
  ended,
  required,
  reads: false,
  apply: () => [value]
})

const read = (value: number, begun: number, ended: number): Step<number> => ({
  label: `read ${value}`,
  begun,
  ended,
  required: true,
  reads: true,
  apply: (state) => state === value ? [state] : []
})

const verdict = (steps: ReadonlyArray<Step<number>>, budget?: number) =>
  check(steps, { initial: 0, key: String, budget })

const tag = (...steps: ReadonlyArray<Step<number>>) => verdict(steps)._tag

describe("the checker", () => {
  it("explains what happened one after the other, and what happened at once in either order", () => {
    assert.strictEqual(tag(write(1, 0, 1), read(1, 2, 3), write(2, 4, 5), read(2, 6, 7)), "Explained")
    assert.strictEqual(tag(write(1, 0, 5), write(2, 1, 6), read(1, 7, 8)), "Explained")
    assert.strictEqual(tag(write(1, 0, 5), write(2, 1, 6), read(2, 7, 8)), "Explained")
    assert.strictEqual(tag(), "Explained")
  })

  it("rejects a read of what was written over, or not yet written", () => {
    assert.strictEqual(tag(write(1, 0, 1), write(2, 2, 3), read(1, 4, 5)), "Violation")
    assert.strictEqual(tag(read(1, 0, 1), write(1, 2, 3)), "Violation")
    assert.strictEqual(tag(write(1, 0, 1), read(0, 2, 3)), "Violation")
  })

  it("rejects two reads that saw two writes in two orders", () => {
    const writes = [write(1, 0, 10), write(2, 1, 11)]
    assert.strictEqual(tag(...writes, read(1, 2, 3), read(2, 4, 5)), "Explained")
    assert.strictEqual(tag(...writes, read(1, 2, 3), read(2, 4, 5), read(1, 6, 7)), "Violation")
  })

  it("lets what nobody knows of take effect at any time after it began, once, or never", () => {
    const maybe = write(1, 0, Infinity, false)
    assert.strictEqual(tag(maybe, read(0, 1, 2)), "Explained")
    assert.strictEqual(tag(maybe, read(0, 1, 2), read(1, 3, 4)), "Explained")
    assert.strictEqual(tag(maybe, write(2, 1, 2), read(2, 3, 4), read(1, 5, 6)), "Explained")
    assert.strictEqual(tag(maybe, read(1, 1, 2), write(2, 3, 4), read(2, 5, 6), read(1, 7, 8)), "Violation")
    assert.strictEqual(tag(write(1, 5, Infinity, false), read(1, 1, 2)), "Violation")
  })

  it("takes the parts of one operation in their order", () => {
    const first = read(0, 0, 9)
    const steps = (second: number) => [first, { ...read(second, 0, 9), behind: first }, write(1, 1, 2)]
    assert.strictEqual(tag(...steps(1)), "Explained")
    assert.strictEqual(tag(...steps(0)), "Explained")
    const late = { ...read(1, 0, 9) }
    assert.strictEqual(tag(late, { ...read(0, 0, 9), behind: late }, write(1, 1, 2)), "Violation")
  })

  it("tells the longest order that it found, and what fits nowhere behind it", () => {
    const found = verdict([write(1, 0, 1), write(2, 2, 3), read(1, 4, 5)])
    assert.strictEqual(found._tag, "Violation")
    if (found._tag !== "Violation") return
    assert.deepStrictEqual(found.order.map(({ step }) => step.label), ["write 1", "write 2"])
    assert.deepStrictEqual(found.stuck.map(({ label }) => label), ["read 1"])
  })

  it("gives up at its budget, and does not call that a pass", () => {
    const writes = Array.from({ length: 20 }, (_, i) => write(i + 1, i, 100 + i))
    assert.strictEqual(verdict([...writes, read(99, 200, 201)], 1_000)._tag, "Undecided")
  })

  it("explains every history that was made by taking effect at once, whatever the calls look like from outside", () => {
    const drawn = FastCheck.array(
      FastCheck.record({
        value: FastCheck.integer({ min: 1, max: 3 }),
        reads: FastCheck.boolean(),
        early: slack,
        late: slack
      }),
      { maxLength: 12 }
    )
    FastCheck.assert(FastCheck.property(drawn, (calls) => {
      let state = 0
      const steps = calls.map(({ early, late, reads, value }, i) => {
        const [begun, ended] = [10 * i - early, 10 * i + late]
        if (reads) return read(state, begun, ended)
        state = value
        return write(value, begun, ended)
      })
      return verdict(steps)._tag === "Explained"
    }))
  })

  it("agrees with trying every order", () => {
    const step = FastCheck.record({
      value: FastCheck.integer({ min: 0, max: 2 }),
      reads: FastCheck.boolean(),
      begun: FastCheck.integer({ min: 0, max: 12 }),
      length: FastCheck.integer({ min: 0, max: 12 }),
      required: FastCheck.boolean()
    })
    FastCheck.assert(
      FastCheck.property(FastCheck.array(step, { maxLength: 5 }), (drawn) => {
        const steps = drawn.map(({ begun, length, reads, required, value }) =>
          reads
            ? read(value, begun, begun + length)
            : write(value, begun, required ? begun + length : Infinity, required)
        )
        return (verdict(steps)._tag === "Explained") === explainable(steps, 0)
      }),
      { numRuns: 2_000 }
    )
  })
})

const slack = FastCheck.integer({ min: 0, max: 40 })

/** All orders, with nothing remembered. */
const explainable = (left: ReadonlyArray<Step<number>>, state: number): boolean => {
  const deadline = Math.min(...left.flatMap(({ ended, required }) => required ? [ended] : []))
  if (deadline === Infinity) return true
  return left.some((step) =>
    step.begun <= deadline &&
    step.apply(state).some((after) => explainable(left.filter((other) => other !== step), after))
  )
}
