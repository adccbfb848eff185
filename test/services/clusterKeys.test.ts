import { assert, describe, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { KeyLayout } from "effect-checkpoint"
import { checkpointIdOf, locatorKey, place } from "../../src/internal/keys.js"
import { slotOf } from "../../src/internal/slot.js"

const layout = KeyLayout.make({ prefix: "p:", cluster: true })

const id = fc.string({
  unit: fc.constantFrom("{", "}", "%", ":", "@", "/", "a", "7", "é", "checkpoint", "/0a1b2c3d/3/"),
  minLength: 1,
  maxLength: 6
})

const keysOf = (executionId: string, checkpointId: string) => {
  const { checkpoint, executions, index, staged } = place(layout, checkpointId, executionId)
  const run = [KeyLayout.runKey(layout, executionId), KeyLayout.memosKey(layout, executionId)]
  return [checkpoint, executions, index, staged("w"), KeyLayout.indexKey(layout, executionId), ...run]
}

describe("keys for a cluster", () => {
  it.prop("of an execution are in one slot, whatever its id", [id, id], ([executionId, checkpointId]) => {
    assert.strictEqual(new Set(keysOf(executionId, checkpointId).map(slotOf)).size, 1)
  })

  it.prop("of two executions or checkpoints never meet", [id, id, id, id], ([run, other, a, b]) => {
    fc.pre(run !== other || a !== b)
    assert.notStrictEqual(KeyLayout.checkpointKey(layout, a, run), KeyLayout.checkpointKey(layout, b, other))
    if (run !== other) assert.notStrictEqual(KeyLayout.indexKey(layout, run), KeyLayout.indexKey(layout, other))
    if (a !== b) assert.notStrictEqual(locatorKey(layout, a), locatorKey(layout, b))
  })

  it.prop("of a checkpoint without execution are in its own slot, and tell its id", [id, id], ([a, run]) => {
    const alone = KeyLayout.checkpointKey(layout, a, "")
    assert.strictEqual(slotOf(alone), slotOf(locatorKey(layout, a)))
    assert.notStrictEqual(alone, KeyLayout.checkpointKey(layout, a, run))
    for (const key of [alone, KeyLayout.checkpointKey(layout, a, run)]) {
      assert.strictEqual(checkpointIdOf(layout, key), a)
    }
  })

  it.prop("of a child are in the slot of its outermost parent", [id], ([executionId]) => {
    fc.pre(!executionId.includes("/0a1b2c3d/3/"))
    const child = `${executionId}/0a1b2c3d/12/node/1a2b3c4d/1/inner`
    assert.strictEqual(slotOf(KeyLayout.indexKey(layout, child)), slotOf(KeyLayout.indexKey(layout, executionId)))
  })

  it("come from the id alone when the library made it", () => {
    const own = "order{7}@0000000000000012"
    assert.strictEqual(KeyLayout.checkpointKey(layout, own), `p:{order%7B7%7D}:checkpoint:${own}`)
    assert.strictEqual(KeyLayout.indexKey(layout, "order{7}"), "p:{order%7B7%7D}:checkpoints")
    assert.strictEqual(KeyLayout.checkpointKey(layout, `${own}.000003`), `p:{order%7B7%7D}:checkpoint:${own}.000003`)
  })
})
