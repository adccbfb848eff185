import { Context, Effect, Schedule, Schema } from "effect"
import { describe, expectTypeOf, it } from "vitest"
import { step } from "../../src/services/Execution.js"
import * as Graph from "../../src/services/Graph.js"

class Rates extends Context.Tag("test/Rates")<Rates, { readonly rate: number }>() {}
class Clock extends Context.Tag("test/Clock")<Clock, { readonly now: number }>() {}
class Mail extends Context.Tag("test/Mail")<Mail, { readonly from: string }>() {}

class Declined extends Schema.TaggedError<Declined>()("Declined", {}) {}
class Lost extends Schema.TaggedError<Lost>()("Lost", {}) {}

const Order = Schema.Struct({
  cents: Schema.Int,
  kind: Schema.Literal("new", "old"),
  log: Schema.Array(Schema.String),
  paidAt: Schema.optional(Schema.Date),
  note: Schema.optionalWith(Schema.String, { exact: true })
})
type Order = typeof Order.Type

const Rated = Schema.transformOrFail(Schema.Number, Schema.Number, {
  strict: true,
  decode: (n) => Effect.map(Rates, ({ rate }) => n * rate),
  encode: (n) => Effect.map(Rates, ({ rate }) => n / rate)
})
const rated = Graph.make("rated", { state: Schema.Struct({ n: Rated }) })
  .node("convert", () => Effect.fail(new Lost()))
  .edge(Graph.START, "convert")
  .build()

declare const every: Schedule.Schedule<number, unknown, Clock>
declare const charge: Effect.Effect<{ readonly cents: number }, Declined, Mail>
declare const date: Date

const nothing = () => Effect.succeed({})
const empty = Graph.make("orders", { state: Order })
const builder = empty.node("charge", () => charge, { retry: every }).node("ship", nothing)
const whole = builder.edge(Graph.START, "charge").edge("charge", "ship").build()

type Parts<G> = G extends Graph.Graph<infer A, infer Names, infer E, infer R, infer SR> ? [A, Names, E, R, SR] : never

describe("a built graph", () => {
  it("has the state, names, failures and requirements of all that it is made of", () => {
    expectTypeOf<Parts<typeof whole>>().branded.toEqualTypeOf<
      [Order, "charge" | "ship", Declined, Mail | Clock, never]
    >()
    expectTypeOf(whole).toExtend<Graph.Graph<Order, "charge" | "ship", Declined, Mail | Clock>>()
  })

  it("fails with nothing and needs nothing when its nodes do", () => {
    const built = empty.node("a", nothing).build()
    expectTypeOf<Parts<typeof built>>().branded.toEqualTypeOf<[Order, "a", never, never, never]>()
  })

  it("needs what its schema needs", () => {
    expectTypeOf<Parts<typeof rated>>().toEqualTypeOf<[{ readonly n: number }, "convert", Lost, never, Rates]>()
  })

  it("does not need Execution, which the runner provides", () => {
    const steps = () => Effect.catchAll(step("s", charge, Schema.Struct({ cents: Schema.Int })), () => new Declined())
    const built = empty.node("a", steps).build()
    expectTypeOf<Parts<typeof built>>().branded.toEqualTypeOf<[Order, "a", Declined, Mail, never]>()
  })

  it("fails with what its children fail with, and needs what they need", () => {
    const parent = builder.child("convert", rated, {
      input: ({ cents }) => ({ n: cents }),
      output: ({ n }, { cents }) => ({ cents: n + cents })
    }).build()
    expectTypeOf<Parts<typeof parent>>().branded.toEqualTypeOf<
      [Order, "charge" | "ship" | "convert", Declined | Lost, Mail | Clock, Rates]
    >()
  })

  it("tells its state and its names", () => {
    expectTypeOf<Graph.State<typeof whole>>().branded.toEqualTypeOf<Order>()
    expectTypeOf<Graph.State<typeof whole>["paidAt"]>().toEqualTypeOf<Date | undefined>()
    expectTypeOf<Graph.Names<typeof whole>>().toEqualTypeOf<"charge" | "ship">()
    expectTypeOf<Graph.State<string>>().toBeNever()
    expectTypeOf<Graph.Names<string>>().toBeNever()
  })

  it("is no graph of another state", () => {
    expectTypeOf(whole).not.toExtend<
      Graph.Graph<{ readonly cents: number }, "charge" | "ship", Declined, Mail | Clock>
    >()
    expectTypeOf(whole).not.toExtend<Graph.Graph<Order, "charge", Declined, Mail | Clock>>()
    expectTypeOf(whole).not.toExtend<Graph.Graph<Order, "charge" | "ship", never, Mail | Clock>>()
    expectTypeOf(whole).not.toExtend<Graph.Graph<Order, "charge" | "ship", Declined, Mail>>()
  })
})

describe("make", () => {
  it("takes reducers of the fields' types, also of optional ones", () => {
    Graph.make("a", {
      state: Order,
      reducers: {
        log: (lines, more) => [...lines, ...more],
        cents: (a, b) => Math.max(a, b),
        paidAt: (before, now) => {
          expectTypeOf(before).toEqualTypeOf<Date | undefined>()
          return now ?? before
        }
      },
      stateVersion: 2,
      migrations: { 1: (encoded) => encoded }
    })
  })

  it("refuses reducers of other types and of other fields", () => {
    // @ts-expect-error
    Graph.make("a", { state: Order, reducers: { cents: (a: string, b: string) => a + b } })
    // @ts-expect-error
    Graph.make("a", { state: Order, reducers: { log: () => "x" } })
    // @ts-expect-error
    Graph.make("a", { state: Order, reducers: { cent: (a: number) => a } })
  })

  it("refuses states that are no fields", () => {
    // @ts-expect-error
    Graph.make("a", { state: Schema.String })
    // @ts-expect-error
    Graph.make("a", { state: Order, migrations: { first: (encoded: unknown) => encoded } })
    // @ts-expect-error
    Graph.make("a", { state: Order, reducer: {} })
  })
})

describe("node", () => {
  it("runs on the decoded state", () => {
    empty.node("a", (state) => {
      expectTypeOf(state).branded.toEqualTypeOf<Order>()
      return Effect.succeed(state)
    })
  })

  it("takes any part of the state as a patch, and keeps literals", () => {
    empty.node("a", ({ cents }) => Effect.succeed(cents > 0 ? { cents: 1 } : { log: ["x"] }))
      .node("b", () => Effect.succeed({ kind: "old", paidAt: undefined }))
      .node("c", () => Effect.map(charge, () => ({ kind: "old", note: "x" })))
      .node("d", () => Effect.succeed({ paidAt: date }))
      .node("e", ({ cents }) =>
        Effect.gen(function*() {
          if (cents > 0) return { kind: "new" }
          yield* charge
          return { log: [] }
        }))
  })

  it("returns one effect or another", () => {
    const either = empty.node("a", ({ cents }) => {
      if (cents > 5) return Effect.fail(new Lost())
      if (cents > 4) return Effect.as(charge, Graph.goto("a"))
      return cents > 3 ? Effect.succeed({ cents: 1 }) : Effect.succeed({ log: [], kind: "new" })
    }).build()
    expectTypeOf<Parts<typeof either>>().branded.toEqualTypeOf<[Order, "a", Declined | Lost, Mail, never]>()
  })

  it("refuses fields that the state has not", () => {
    // @ts-expect-error
    empty.node("a", () => Effect.succeed({ cents: 1, cent: 1 }))
    // @ts-expect-error
    empty.node("a", ({ cents }) => Effect.succeed(cents > 1 ? { cents: 1 } : { kind: "old", cent: 1 }))
    // @ts-expect-error
    empty.node("a", () => Effect.succeed(Graph.goto("a", { cents: 1, cent: 1 })))
  })

  it("refuses patches of other types", () => {
    // @ts-expect-error
    empty.node("a", () => Effect.succeed({ cents: "1" }))
    // @ts-expect-error
    empty.node("a", () => Effect.succeed({ cents: 1, kind: "other" }))
    // @ts-expect-error the decoded side, not the encoded one
    empty.node("a", () => Effect.succeed({ paidAt: "2024-01-01" }))
    // @ts-expect-error exactOptionalPropertyTypes
    empty.node("a", () => Effect.succeed({ note: undefined }))
    // @ts-expect-error
    empty.node("a", () => Effect.succeed({ cent: 1 }))
    // @ts-expect-error
    empty.node("a", () => Effect.void)
    // @ts-expect-error
    empty.node("a", () => ({ cents: 1 }))
  })

  it("refuses names that are taken, and those of the start and the end", () => {
    // @ts-expect-error
    builder.node("ship", nothing)
    // @ts-expect-error
    builder.child("ship", rated, { input: () => ({ n: 1 }), output: () => ({}) })
    // @ts-expect-error
    builder.node(Graph.START, nothing)
    // @ts-expect-error
    builder.node("__end__", nothing)
  })

  it("takes gates by the state, and schedules by the error", () => {
    empty.node("a", () => charge, {
      interruptBefore: true,
      interruptAfter: ({ cents }) => cents > 1,
      retry: Schedule.recurWhile((error: Declined) => error._tag === "Declined")
    })
    // @ts-expect-error
    empty.node("a", () => charge, { interruptBefore: ({ cent }) => cent > 1 })
    // @ts-expect-error
    empty.node("a", () => charge, { interruptAfter: "always" })
    // @ts-expect-error
    empty.node("a", () => charge, { retry: Schedule.recurWhile((error: Lost) => error._tag === "Lost") })
    // @ts-expect-error
    empty.node("a", () => charge, { retries: 3 })
  })

  it("refuses children whose states do not fit", () => {
    // @ts-expect-error
    builder.child("convert", rated, { input: () => ({ n: "1" }), output: () => ({}) })
    // @ts-expect-error
    builder.child("convert", rated, { input: () => ({ n: 1 }), output: () => ({ cents: "1" }) })
    // @ts-expect-error
    builder.child("convert", rated, { input: () => ({ n: 1 }), output: ({ cents }) => ({ cents }) })
    // @ts-expect-error
    builder.child("convert", builder, { input: () => ({ n: 1 }), output: () => ({}) })
  })
})

describe("goto", () => {
  const jumps = empty.node("a", ({ cents }) =>
    Effect.gen(function*() {
      if (cents > 5) return Graph.goto("b", { cents: 1, kind: "old" })
      yield* Effect.void
      return cents > 3 ? Graph.goto(["c", Graph.END]) : { log: [] }
    }))

  it("leads to nodes that may be declared later", () => {
    const built = jumps.node("c", nothing).node("b", nothing).build()
    expectTypeOf<Parts<typeof built>>().branded.toEqualTypeOf<[Order, "a" | "b" | "c", never, never, never]>()
  })

  it("does not build before they are declared", () => {
    expectTypeOf(jumps.build).toEqualTypeOf<Graph.MissingNodes<"b" | "c">>()
    expectTypeOf(jumps.node("b", nothing).build).toEqualTypeOf<Graph.MissingNodes<"c">>()
    // @ts-expect-error
    jumps.build()
  })

  it("refuses patches of other types", () => {
    // @ts-expect-error
    empty.node("a", () => Effect.succeed(Graph.goto("a", { cents: "1" })))
    // @ts-expect-error
    empty.node("a", () => Effect.succeed(Graph.goto("a", { kind: "other" })))
    // @ts-expect-error
    empty.node("a", () => Effect.succeed(Graph.goto(1)))
  })

  it("is drawn where it can lead", () => {
    empty.node("a", () => Effect.succeed(Graph.goto("b")), { goto: ["b"] })
    // @ts-expect-error
    empty.node("a", () => Effect.succeed(Graph.goto("b")), { goto: ["c"] })
    // @ts-expect-error
    empty.node("a", nothing, { goto: ["a"] })
  })
})

describe("edges", () => {
  it("lead from the start and nodes, to nodes and the end", () => {
    builder.edge(Graph.START, ["charge", "ship"]).edge("ship", Graph.END).edge("charge", ["ship", Graph.END])
    // @ts-expect-error
    builder.edge(Graph.START, "other")
    // @ts-expect-error
    builder.edge("charge", ["ship", "other"])
    // @ts-expect-error
    builder.edge("other", "ship")
    // @ts-expect-error
    builder.edge(Graph.END, "ship")
    // @ts-expect-error
    builder.edge("ship", Graph.START)
    // @ts-expect-error
    empty.edge(Graph.START, "charge")
  })

  it("branch to some of what they name", () => {
    builder.branch(Graph.START, ["charge", "ship"], ({ kind }) => kind === "new" ? "charge" : ["charge", "ship"])
    builder.branch("charge", ["ship", Graph.END], () => [])
    // @ts-expect-error
    builder.branch("charge", ["ship"], () => "charge")
    // @ts-expect-error
    builder.branch("charge", ["ship"], () => ["ship", Graph.END])
    // @ts-expect-error
    builder.branch("charge", ["other"], () => "other")
    // @ts-expect-error
    builder.branch("other", ["ship"], () => "ship")
    // @ts-expect-error
    builder.branch("charge", ["ship"], ({ cent }) => cent > 1 ? "ship" : [])
    // @ts-expect-error
    builder.branch("charge", ["ship"], () => Effect.succeed("ship"))
  })
})
