import { Context, DateTime, Effect, Schema } from "effect"
import { describe, expectTypeOf, it } from "vitest"
import type { StorageError } from "../../src/schema/Errors.js"
import type { DuplicateStep, StepCodecError } from "../../src/schema/ExecutionErrors.js"
import {
  ask,
  type Execution,
  idempotencyKey,
  sleep,
  sleepUntil,
  step,
  type StepError
} from "../../src/services/Execution.js"

class Rates extends Context.Tag("test/Rates")<Rates, { readonly rate: number }>() {}
class Codes extends Context.Tag("test/Codes")<Codes, { readonly code: string }>() {}
class Mail extends Context.Tag("test/Mail")<Mail, { readonly from: string }>() {}
class Declined extends Schema.TaggedError<Declined>()("Declined", { code: Schema.String }) {}

const Rated = Schema.transformOrFail(Schema.Number, Schema.Number, {
  strict: true,
  decode: (n) => Effect.map(Rates, ({ rate }) => n * rate),
  encode: (n) => Effect.map(Rates, ({ rate }) => n / rate)
})
const Coded = Schema.transformOrFail(Schema.String, Schema.String, {
  strict: true,
  decode: (text) => Effect.map(Codes, ({ code }) => text + code),
  encode: (text) => Effect.succeed(text)
})

declare const charge: Effect.Effect<{ readonly receipt: string; readonly at: Date }, Declined, Mail>
const Receipt = Schema.Struct({ receipt: Schema.String, at: Schema.Date })
type Receipt = typeof Receipt.Type

describe("step", () => {
  it("gives what the schema decodes, and adds its own failures", () => {
    expectTypeOf(step("a", charge, Receipt)).toEqualTypeOf<
      Effect.Effect<Receipt, Declined | StepError, Mail | Execution>
    >()
    expectTypeOf(step("a", charge, { success: Receipt })).toEqualTypeOf<
      Effect.Effect<Receipt, Declined | StepError, Mail | Execution>
    >()
    expectTypeOf(step("a", charge, { success: Receipt, failure: Declined })).toEqualTypeOf<
      Effect.Effect<Receipt, Declined | StepError, Mail | Execution>
    >()
    expectTypeOf<StepError>().toEqualTypeOf<DuplicateStep | StepCodecError | StorageError>()
  })

  it("gives the schema's type where the effect's is narrower", () => {
    expectTypeOf(step("a", Effect.succeed("x" as const), Schema.String)).toEqualTypeOf<
      Effect.Effect<string, StepError, Execution>
    >()
    expectTypeOf(step("a", charge, Schema.Struct({ receipt: Schema.String }))).toEqualTypeOf<
      Effect.Effect<{ readonly receipt: string }, Declined | StepError, Mail | Execution>
    >()
  })

  it("fails with what the failure's schema decodes", () => {
    const failing: Effect.Effect<string, "a" | "b"> = Effect.fail("a")
    expectTypeOf(step("a", failing, { success: Schema.String, failure: Schema.String })).toEqualTypeOf<
      Effect.Effect<string, string | StepError, Execution>
    >()
    expectTypeOf(step("a", failing, { success: Schema.String })).toEqualTypeOf<
      Effect.Effect<string, "a" | "b" | StepError, Execution>
    >()
  })

  it("needs what its schemas need", () => {
    expectTypeOf(step("a", Effect.succeed(1), Rated)).toEqualTypeOf<
      Effect.Effect<number, StepError, Rates | Execution>
    >()
    expectTypeOf(step("a", Effect.fail("x") as Effect.Effect<number, string>, { success: Rated, failure: Coded }))
      .toEqualTypeOf<Effect.Effect<number, string | StepError, Rates | Codes | Execution>>()
  })

  it("takes Schema.Void, Unknown and Never", () => {
    expectTypeOf(step("a", Effect.void, Schema.Void)).toEqualTypeOf<Effect.Effect<void, StepError, Execution>>()
    expectTypeOf(step("a", charge, Schema.Unknown)).toEqualTypeOf<
      Effect.Effect<unknown, Declined | StepError, Mail | Execution>
    >()
    step("a", Effect.never, Schema.Never)
  })

  it("refuses schemas of something else", () => {
    // @ts-expect-error
    step("a", Effect.succeed(1), Schema.String)
    // @ts-expect-error the decoded side, not the encoded one
    step("a", Effect.succeed("2024-01-01"), Schema.Date)
    // @ts-expect-error
    step("a", charge, { success: Schema.Struct({ other: Schema.String }) })
    // @ts-expect-error
    step("a", charge, { success: Receipt, failure: Schema.String })
    // @ts-expect-error
    step("a", charge, { failure: Declined })
    // @ts-expect-error
    step("a", charge, { success: Receipt, failures: Declined })
    // @ts-expect-error
    step("a", charge)
    // @ts-expect-error
    step(charge, Receipt)
  })
})

describe("ask, sleep and idempotencyKey", () => {
  it("give what was answered, nothing, and a key", () => {
    expectTypeOf(ask("a", { answer: Receipt })).toEqualTypeOf<Effect.Effect<Receipt, StepError, Execution>>()
    expectTypeOf(ask("a", { question: { cents: 5 }, answer: Rated })).toEqualTypeOf<
      Effect.Effect<number, StepError, Rates | Execution>
    >()
    expectTypeOf(sleep("a", "14 days")).toEqualTypeOf<Effect.Effect<void, StepError, Execution>>()
    expectTypeOf(sleepUntil("a", DateTime.unsafeNow())).toEqualTypeOf<Effect.Effect<void, StepError, Execution>>()
    expectTypeOf(idempotencyKey("a")).toEqualTypeOf<Effect.Effect<string, StorageError, Execution>>()
  })

  it("refuse questions without an answer's schema, and times that are none", () => {
    // @ts-expect-error
    ask("a", { question: 1 })
    // @ts-expect-error
    ask("a", { answer: Boolean })
    // @ts-expect-error
    ask("a", Schema.Boolean)
    // @ts-expect-error
    sleep("a", "soon")
    // @ts-expect-error
    sleepUntil("a", "2030-01-01")
  })
})

describe("outside an execution", () => {
  it("none of it compiles", () => {
    // @ts-expect-error Execution is missing
    Effect.runPromise(step("a", Effect.succeed(1), Schema.Number))
    // @ts-expect-error Execution is missing
    Effect.runPromise(ask("a", { answer: Schema.Boolean }))
    // @ts-expect-error Execution is missing
    Effect.runPromise(sleep("a", "1 day"))
    // @ts-expect-error Execution is missing
    Effect.runPromise(sleepUntil("a", DateTime.unsafeNow()))
    // @ts-expect-error Execution is missing
    Effect.runPromise(idempotencyKey("a"))
  })
})
