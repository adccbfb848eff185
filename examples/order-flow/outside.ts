/** A bank and a carrier, as lines of the world outside. The bank moves money once for each key, as real ones do. */
import { Console, Effect, Schema } from "effect"
import { World } from "../support/World.js"

/** Money moves unless it did under this key; a request that is sent twice gets the same receipt. */
const move = (what: "charge" | "refund", key: string, cents: number) =>
  Effect.gen(function*() {
    const world = yield* World
    const done = (yield* world.lines).includes(`${what} ${cents} ${key}`)
    yield* world.write(done ? `${what} again ${key}` : `${what} ${cents} ${key}`)
    yield* Console.log(done ? `bank: ${what} is known, nothing moved` : `bank: ${what} of ${cents} cents`)
    if (!done) yield* Effect.sleep("3 seconds")
    return `${what}-receipt`
  })

export const charge = (key: string, cents: number) => move("charge", key, cents)

export const refund = (key: string, cents: number) => move("refund", key, cents)

export class Undeliverable extends Schema.TaggedError<Undeliverable>()("Undeliverable", { reason: Schema.String }) {}

/** There is no way to this customer. */
export const hand = (item: string) =>
  Effect.gen(function*() {
    const world = yield* World
    yield* world.write(`carrier refuses ${item}`)
    return yield* new Undeliverable({ reason: "no such address" })
  })
