/** Follows lanes and writes a line once an operation has been acknowledged, until it is killed. */
import { Effect } from "effect"
import { writeSync } from "node:fs"
import { open } from "../races/stores.js"
import * as Lane from "./lane.js"

const [port, prefix, seed, lanes] = process.argv.slice(2) as [string, string, string, string]

const follow = (store: Parameters<typeof Lane.run>[0], name: string, seed: number) => {
  const lane = Lane.make(seed, name)
  return Effect.forever(
    Effect.suspend(() => Lane.run(store, lane.next().operation)).pipe(
      Effect.zipRight(Effect.sync(() => writeSync(1, `${name}\n`)))
    )
  )
}

const program = Effect.gen(function*() {
  const { store } = yield* open({ port: Number(port), clientName: prefix }, { prefix })
  yield* Effect.forEach(
    lanes.split(","),
    (name, i) => follow(store, name, Number(seed) + i),
    { concurrency: "unbounded", discard: true }
  )
})

Effect.runPromise(Effect.scoped(program)).catch((error) => {
  console.error(error)
  process.exit(1)
})
