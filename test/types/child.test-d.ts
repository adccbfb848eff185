import { Context, Effect, Schedule, Schema } from "effect"
import { describe, expectTypeOf, it } from "vitest"
import * as Graph from "../../src/services/Graph.js"
import type { RunError } from "../../src/services/GraphRunner.js"

class Clock extends Context.Tag("test/Clock")<Clock, { readonly now: number }>() {}
class Mail extends Context.Tag("test/Mail")<Mail, { readonly from: string }>() {}
class Lost extends Schema.TaggedError<Lost>()("Lost", {}) {}

declare const every: Schedule.Schedule<number, unknown, Clock>
declare const convert: Effect.Effect<{ readonly n: number }, Lost, Mail>

const child = Graph.make("child", { state: Schema.Struct({ n: Schema.Number }) })
  .node("convert", () => convert)
  .edge(Graph.START, "convert")
  .build()
const empty = Graph.make("orders", { state: Schema.Struct({ cents: Schema.Int }) })
const mapping = { input: () => ({ n: 1 }), output: () => ({}) }

type Parts<G> = G extends Graph.Graph<infer _A, infer Names, infer E, infer R, infer SR> ? [Names, E, R, SR] : never

describe("a child", () => {
  it("needs what its retry needs, and nothing more without one", () => {
    const plain = empty.child("child", child, mapping).build()
    const gated = empty.child("child", child, { ...mapping, retry: undefined, interruptAfter: true }).build()
    const retried = empty.child("child", child, { ...mapping, retry: every }).build()
    expectTypeOf<Parts<typeof plain>>().toEqualTypeOf<["child", Lost, Mail, never]>()
    expectTypeOf<Parts<typeof gated>>().toEqualTypeOf<["child", Lost, Mail, never]>()
    expectTypeOf<Parts<typeof retried>>().branded.toEqualTypeOf<["child", Lost, Mail | Clock, never]>()
  })

  it("takes gates by the parent's state", () => {
    empty.child("child", child, { ...mapping, interruptBefore: true, interruptAfter: ({ cents }) => cents > 1 })
    // @ts-expect-error
    empty.child("child", child, { ...mapping, interruptBefore: ({ n }) => n > 1 })
    // @ts-expect-error
    empty.child("child", child, { ...mapping, interruptAfter: "yes" })
  })

  it("takes a schedule by all that it can fail with, those of the runner included", () => {
    const either = Schedule.recurWhile((error: Lost | RunError) => error._tag === "Lost")
    const only = Schedule.recurWhile((error: Lost) => error._tag === "Lost")
    empty.child("child", child, { ...mapping, retry: either })
    // @ts-expect-error
    empty.child("child", child, { ...mapping, retry: only })
  })

  it("has no gotos and no other options", () => {
    // @ts-expect-error
    empty.child("child", child, { ...mapping, goto: ["child"] })
    // @ts-expect-error
    empty.child("child", child, { ...mapping, onStep: () => Effect.void })
  })
})
