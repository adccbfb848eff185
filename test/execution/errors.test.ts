import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Errors from "../../src/schema/ExecutionErrors.js"

const executionId = "order \"7\"\u0000"

const all = [
  new Errors.ExecutionBusy({ executionId, remaining: 17 }),
  new Errors.Fenced({ executionId }),
  new Errors.GraphMismatch({ executionId, expected: "mine", actual: "theirs" }),
  new Errors.InputMismatch({ executionId }),
  new Errors.ExecutionNotFound({ executionId }),
  new Errors.UnknownNode({ executionId, graph: "g", node: "gone" }),
  new Errors.StateDecodeError({ checkpointId: "c", storedVersion: 3, currentVersion: 2, issue: "newer" }),
  new Errors.InvalidPatch({ executionId, node: "n", issue: "no such field" }),
  new Errors.DuplicateStep({ executionId, node: "n", step: "s" }),
  new Errors.StepCodecError({ executionId, step: "s", direction: "encode", issue: "BigInt" }),
  new Errors.ExecutionStuck({ executionId, claims: 5 }),
  new Errors.MaxStepsExceeded({ executionId, maxSteps: 25 }),
  new Errors.NotWaiting({ executionId, waiting: [] }),
  new Errors.NotWaiting({ executionId, request: "r", waiting: ["a", "b"] })
]

const quoted = (text: string): string => JSON.stringify(text)

describe("errors of executions", () => {
  for (const error of all) {
    it(`${error._tag} crosses a boundary as JSON with all its fields, and says them`, () => {
      const schema = error.constructor as unknown as Schema.Schema<object, object>
      const wire = JSON.parse(JSON.stringify(Schema.encodeSync(schema)(error))) as object
      const back = Schema.decodeUnknownSync(schema)(wire)
      assert.instanceOf(back, error.constructor as never)
      assert.deepStrictEqual(Schema.encodeSync(schema)(back), Schema.encodeSync(schema)(error))
      assert.strictEqual((back as Error).message, error.message)
      if ("executionId" in error) assert.include(error.message, quoted(error.executionId))
      for (const [field, value] of Object.entries(wire)) {
        if (field === "_tag" || field === "direction") continue
        for (const part of Array.isArray(value) ? value as ReadonlyArray<unknown> : [value]) {
          assert.isTrue(error.message.includes(String(part)) || error.message.includes(quoted(String(part))), field)
        }
      }
    })
  }

  it("are many, and each has its own tag", () => {
    const exported = Object.values(Errors).filter((value) => typeof value === "function")
    assert.strictEqual(new Set(all.map(({ _tag }) => _tag)).size, exported.length)
  })
})
