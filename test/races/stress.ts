/** Random work through several stores at once, checked while it runs and when it rests. */
import { Effect, Schedule } from "effect"
import type * as CheckpointStore from "../../src/services/CheckpointStore.js"
import type { KeyLayout } from "../../src/services/KeyLayout.js"
import type { RawRedis } from "../support/RawRedis.js"
import type { Violation } from "./invariants.js"
import { inspect } from "./invariants.js"
import { allExecutions, mayExpire, next } from "./operations.js"
import type { Random } from "./random.js"

export interface Outcome {
  readonly operations: number
  readonly conflicts: number
  readonly checks: number
  /** The most expired entries seen at once. */
  readonly dangling: number
  readonly violations: ReadonlyArray<Violation>
}

export interface Plan {
  readonly stores: ReadonlyArray<CheckpointStore.Service>
  readonly raw: RawRedis
  readonly layout: KeyLayout
  readonly random: Random
  /** Rests between as many runs. */
  readonly phases: number
  readonly phaseMillis: number
  readonly fibersPerStore: number
  /** Whether the first violation is enough. */
  readonly stopAtFirst: boolean
}

interface Tally {
  operations: number
  conflicts: number
  checks: number
  dangling: number
  readonly violations: Map<string, Violation>
}

const mostViolations = 1_000

const note = (tally: Tally, found: ReadonlyArray<Violation>): void => {
  for (const violation of found) {
    if (tally.violations.size < mostViolations) tally.violations.set(`${violation.rule} ${violation.detail}`, violation)
  }
}

const checkOnce = (plan: Plan, tally: Tally) =>
  Effect.map(inspect(plan.raw, plan.layout, { mayExpire }), (report) => {
    tally.checks++
    tally.dangling = Math.max(tally.dangling, report.dangling.length)
    note(tally, report.violations)
    return report
  })

const work = (tally: Tally, store: CheckpointStore.Service, random: Random, over: () => boolean) =>
  Effect.whileLoop({
    while: () => !over(),
    body: () =>
      next(store, random).run.pipe(
        Effect.catchTag("CheckpointConflict", () => Effect.sync(() => tally.conflicts++)),
        Effect.tap(() => Effect.sync(() => tally.operations++))
      ),
    step: () => {}
  })

const run = (plan: Plan, tally: Tally, over: () => boolean) => {
  const workers = plan.stores.flatMap((store) =>
    Array.from({ length: plan.fibersPerStore }, () => work(tally, store, plan.random.fork(), over))
  )
  const observer = Effect.whileLoop({
    while: () => !over(),
    body: () => Effect.zipLeft(checkOnce(plan, tally), Effect.sleep("60 millis")),
    step: () => {}
  })
  return Effect.all([observer, ...workers], { concurrency: "unbounded", discard: true })
}

/** Whatever has expired is gone after a list that meets it, and a list tells only what belongs to it. */
const rest = (plan: Plan, tally: Tally) =>
  Effect.gen(function*() {
    yield* checkOnce(plan, tally)
    for (const [i, executionId] of allExecutions.entries()) {
      const store = plan.stores[i % plan.stores.length]!
      const foreign = (yield* store.list(executionId)).filter(({ executionId: owner }) =>
        owner._tag === "None" || owner.value !== executionId
      )
      note(tally, foreign.map(({ id }) => ({ rule: "I2", detail: `list of ${executionId} gave ${id} of another` })))
    }
    const { dangling, staged } = yield* checkOnce(plan, tally)
    note(tally, dangling.map((entry) => ({ rule: "I1", detail: `${entry} has expired, was met and is still listed` })))
    if (staged > 0) note(tally, [{ rule: "staged", detail: `${staged} staged payloads at rest` }])
  })

/** Until everything with a time to live has expired, so that nothing expires between a list and the check after it. */
const settled = ({ layout, raw }: Plan) =>
  Effect.repeat(inspect(raw, layout, { mayExpire }), {
    until: ({ expiring }) => expiring === 0,
    schedule: Schedule.intersect(Schedule.spaced("20 millis"), Schedule.recurs(100))
  })

export const stress = (plan: Plan): Effect.Effect<Outcome, unknown> =>
  Effect.gen(function*() {
    const tally: Tally = { operations: 0, conflicts: 0, checks: 0, dangling: 0, violations: new Map() }
    const enough = () => plan.stopAtFirst && tally.violations.size > 0
    for (let phase = 0; phase < plan.phases && !enough(); phase++) {
      const end = performance.now() + plan.phaseMillis
      yield* run(plan, tally, () => performance.now() > end || enough())
      yield* settled(plan)
      yield* rest(plan, tally)
    }
    return { ...tally, violations: [...tally.violations.values()] }
  })
