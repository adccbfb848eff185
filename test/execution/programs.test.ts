import { assert, describe, it } from "@effect/vitest"
import * as ExecutionProgram from "../../src/services/ExecutionProgram.js"
import * as KeyLayout from "../../src/services/KeyLayout.js"
import * as RedisProgram from "../../src/services/RedisProgram.js"
import { entry, hour, large } from "./Bench.js"

const layout = KeyLayout.make({ prefix: "p:" })
const claim = { executionId: "run", graph: "graph", token: "a", lease: hour }
const memo = { executionId: "run", base: 1, field: "step", value: "1" }

const commit = (state: string) =>
  ExecutionProgram.commit(layout, claim, entry("run", 2, state, "w"), { expectedVersion: 1 })

const programs: Readonly<Record<string, RedisProgram.RedisProgram<unknown, unknown>>> = {
  claim: ExecutionProgram.claim(layout, claim),
  renew: ExecutionProgram.renew(layout, claim),
  release: ExecutionProgram.release(layout, claim, { status: "waiting" }),
  due: ExecutionProgram.due(layout, "graph", 10),
  commit: commit("small"),
  memo: ExecutionProgram.memo(layout, "a", memo),
  answer: ExecutionProgram.answer(layout, "graph", memo),
  memos: ExecutionProgram.memos(layout, "run", "0")
}

const under = /^p:(?:execution:run:(?:run|memos|checkpoints)|due:graph|checkpoint:run@2|executions|staged:w)$/

describe("programs of executions", () => {
  for (const [name, program] of Object.entries(programs)) {
    it(`${name} is one command, repeatable, of keys that the layout names`, () => {
      const { commands } = RedisProgram.compile(program)
      assert.strictEqual(commands.length, 1)
      const [command] = commands
      assert.isTrue(command!.repeatable)
      const keys = command!._tag === "Script" ? command!.keys : command!.args.slice(0, 1)
      for (const key of keys) assert.match(String(key), under)
    })
  }

  it("commit of 8 KiB or more is two, both repeatable, and the payload is in the first", () => {
    const { commands } = RedisProgram.compile(commit(large))
    assert.deepStrictEqual(commands.map(({ _tag }) => _tag), ["Command", "Script"])
    assert.isTrue(commands.every(({ repeatable }) => repeatable))
    assert.isTrue(commands[1]!.args.every((arg) => String(arg).length < 100))
  })
})
