import { assert, describe, it } from "@effect/vitest"
import type { Profiler } from "node:inspector"
import { byOwner } from "../../bench/profile/owners.js"

const node = (id: number, functionName: string, url: string, children: Array<number> = []): Profiler.ProfileNode => ({
  id,
  callFrame: { functionName, url, scriptId: "0", lineNumber: 0, columnNumber: 0 },
  children
})

const nodes = [
  node(1, "(root)", "", [2, 5, 6]),
  node(2, "encode", "file:///p/node_modules/effect/dist/esm/ParseResult.js", [3]),
  node(3, "toString", "", [4]),
  node(4, "send", "file:///p/node_modules/ioredis/built/Redis.js"),
  node(5, "(garbage collector)", ""),
  node(6, "run", "file:///p/src/internal/live/run.js")
]

describe("owners", () => {
  it("own the samples of their functions, and of what the engine does for them", () => {
    const profile = { nodes, startTime: 0, endTime: 60, samples: [2, 3, 4, 5, 6], timeDeltas: [1, 2, 4, 8, 16] }
    const times = [...byOwner(profile)].filter(([, micros]) => micros > 0)
    assert.deepStrictEqual(new Map(times), new Map([["Schema", 3], ["ioredis", 4], ["gc", 8], ["live layer", 16]]))
  })
})
