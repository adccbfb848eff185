/** Work by the library, on as many fibers as there are loops on the other side. */
import { Effect } from "effect"
import type { Contender } from "../case.js"

const loops = (count: number, fibers: number, call: (i: number) => Effect.Effect<unknown>): Effect.Effect<unknown> => {
  let next = 0
  const loop = Effect.whileLoop({ while: () => next < count, body: () => call(next++), step: () => {} })
  return Effect.all(Array.from({ length: Math.min(fibers, count) }, () => loop), {
    concurrency: "unbounded",
    discard: true
  })
}

const timed = (effect: Effect.Effect<unknown>): Effect.Effect<number> =>
  Effect.suspend(() => {
    const started = performance.now()
    return Effect.map(effect, () => performance.now() - started)
  })

export const store = <E>(name: string, call: (i: number) => Effect.Effect<unknown, E>): Contender => ({
  name,
  run: (count, fibers) => timed(loops(count, fibers, (i) => Effect.orDie(call(i))))
})

export const untraced = ({ name, run }: Contender): Contender => ({
  name: `${name}, tracing off`,
  run: (count, fibers) => Effect.withTracerEnabled(run(count, fibers), false)
})
