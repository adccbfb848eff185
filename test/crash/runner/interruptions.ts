/** Executions on `TestMemory` that are interrupted at random instants, each time by the number of fiber turns. */
import { Cause, Effect, Exit, Fiber, FiberId, Layer } from "effect"
import { CheckpointStore, Runner, TestMemory } from "effect-checkpoint"
import { constVoid } from "effect/Function"
import * as Random from "../../races/random.js"
import type { WorkName } from "./job.js"
import { effectsOf, run } from "./work.js"
import * as WrappedRedis from "./wrappedRedis.js"

export interface Trials {
  readonly work: WorkName
  readonly size: number
  readonly trials: number
  readonly seed: number
  readonly policy?: Runner.Policy
}

export interface Interrupted {
  readonly executions: number
  /** That fell into a run. */
  readonly interruptions: number
  readonly repeated: number
  /** The next run found the lease held, or failed otherwise. */
  readonly refused: ReadonlyArray<string>
  readonly wrong: number
}

/** A turn of the event loop; between two of them fibers have theirs. */
const loop = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** Fewer than so many turns. */
const turns = (random: Random.Random, below: number) =>
  Effect.suspend(() =>
    Effect.forEach(
      Array.from({ length: random.integer(below) }, () => random.chance(0.5)),
      (far) => far ? loop : Effect.yieldNow(),
      { discard: true }
    )
  )

/** Round trips take a few turns on the way there, and a few back. */
const slow = (random: Random.Random) => (redis: WrappedRedis.Service) =>
  WrappedRedis.around(redis, () => (trip) => Effect.zipRight(turns(random, 4), Effect.zipLeft(trip, turns(random, 4))))

const live = (random: Random.Random) => {
  const redis = WrappedRedis.from(TestMemory.redis(), slow(random))
  return Runner.layer().pipe(Layer.provide(CheckpointStore.layer()), Layer.provide(redis))
}

const mostRuns = 50

/** In the same breath as an effect, or after some turns. */
const instants = (random: Random.Random) => ({
  effect: random.chance(0.5) ? 1 + random.integer(5) : Infinity,
  turns: turns(random, 60)
})

/** One execution: interrupted, taken up at once, interrupted again … until it is at its end. */
const trial = ({ policy, size, work }: Trials, random: Random.Random, executionId: string) =>
  Effect.gen(function*() {
    const effects: Array<number> = []
    const tally = { interruptions: 0, refused: [] as Array<string>, wrong: 0 }
    let interrupt = constVoid
    let left = Infinity
    // The effect is the last thing: once it has happened nothing is in the way of success.
    const perform = (i: number) =>
      Effect.zipRight(
        turns(random, 6),
        Effect.sync(() => {
          effects.push(i)
          if (--left === 0) interrupt()
        })
      )
    for (let k = 0; k < mostRuns; k++) {
      const instant = instants(random)
      const fiber = yield* Effect.fork(run(perform, { executionId, size, work }, policy))
      interrupt = () => fiber.unsafeInterruptAsFork(FiberId.none)
      left = instant.effect
      if (left === Infinity && k + 1 < mostRuns) yield* Effect.zipRight(instant.turns, Fiber.interruptFork(fiber))
      const exit = yield* Fiber.await(fiber)
      if (Exit.isSuccess(exit)) {
        const { value } = exit
        const numbers = value._tag === "Completed" ? value.value : []
        const right = numbers.length === effectsOf({ size, work }) && numbers.every((i, at) => i === at)
        return { ...tally, repeated: effects.length - new Set(effects).size, wrong: right ? 0 : 1 }
      }
      if (Cause.isInterruptedOnly(exit.cause)) tally.interruptions++
      else return { ...tally, refused: [Cause.pretty(exit.cause)], repeated: 0 }
    }
    return { ...tally, repeated: 0, wrong: 1 }
  })

/** As many executions as there are trials, until so many interruptions have fallen into runs. */
export const interruptions = (given: Trials): Effect.Effect<Interrupted, unknown> =>
  Effect.gen(function*() {
    const random = Random.make(given.seed)
    let all: Interrupted = { executions: 0, interruptions: 0, repeated: 0, refused: [], wrong: 0 }
    for (let n = 0; n < given.trials && all.interruptions < given.trials; n++) {
      const one = yield* trial(given, random, `interrupted-${n}`).pipe(Effect.provide(live(random)))
      all = {
        executions: all.executions + 1,
        interruptions: all.interruptions + one.interruptions,
        repeated: all.repeated + one.repeated,
        refused: [...all.refused, ...one.refused],
        wrong: all.wrong + one.wrong
      }
    }
    return all
  })
