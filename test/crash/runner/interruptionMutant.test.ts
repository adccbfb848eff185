import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { vi } from "vitest"
import type { Restore } from "../../../src/internal/runner/settle.js"
import { interruptions } from "./interruptions.js"
import { seedOf } from "./place.js"
import { report } from "./results.js"

const mocked = vi.hoisted(() => ({ calls: 0 }))

/** Joins the fiber: a success that comes together with an interruption is thrown away. */
vi.mock("../../../src/internal/runner/settle.js", () => ({
  settle: <A, E, R>(
    restore: Restore,
    effect: Effect.Effect<A, E, R>,
    onFork: (fiber: Fiber.RuntimeFiber<A, E>) => void = () => {}
  ) => {
    mocked.calls++
    return Effect.flatMap(Effect.fork(restore(effect)), (fiber) => {
      onFork(fiber)
      return Effect.exit(restore(Fiber.join(fiber)))
    })
  }
}))

it.live("a runner that joins a node instead of awaiting its exit repeats effects", () =>
  Effect.gen(function*() {
    const scenario = "join instead of await-exit"
    const { interruptions: kills, repeated } = yield* interruptions({
      work: "graph",
      size: 12,
      trials: 300,
      seed: seedOf(scenario)
    })
    report({
      table: "mutants",
      scenario,
      cells: {
        against: "300 interruptions, graph",
        told: `${repeated} repeated effects in ${kills} interruptions, of 0`
      }
    })
    assert.isAbove(mocked.calls, 0)
    assert.isAbove(repeated, 0)
  }))
