import { assert, describe } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Schema } from "effect"
import { Execution, Runner } from "effect-checkpoint"
import { completed, failing, notes, type Rule } from "./Bench.js"

class Declined extends Schema.TaggedError<Declined>()("Declined", { at: Schema.Date }) {}

export type Program = Effect.Effect<unknown, unknown, Execution.Execution>

export const run = (program: Program, executionId = "x") =>
  Runner.run(program, { executionId, name: "p", success: Schema.Unknown })

/** Runs it twice: the first time the program fails behind the steps. */
export const twice = (program: Program) => {
  let left = 1
  const breaking = Effect.tap(program, () => left-- > 0 ? Effect.fail("broken") : Effect.void)
  return Effect.zipRight(failing("broken", run(breaking)), Effect.map(run(breaking), completed))
}

const recording = (rule: Rule) => {
  rule(
    "a success is recorded: taken up again it is given and not done; the first time it is the decoded value, too",
    () =>
      Effect.gen(function*() {
        const seen: Array<unknown> = []
        const { all: ran, note } = notes()
        const at = new Date(1.5)
        const program = Execution.step("at", Effect.as(note("step"), at), Schema.Date).pipe(
          Effect.tap((value) => seen.push(value)),
          Effect.asVoid
        )
        yield* twice(program)
        assert.deepStrictEqual([seen, ran], [[new Date(1), new Date(1)], ["step"]])
        assert.notStrictEqual(seen[0], at)
      })
  )

  rule("nothing, null, an empty text and a list are results like others", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const program = Effect.all([
        Execution.step("void", note("void"), Schema.Void),
        Execution.step("undefined", Effect.as(note("undefined"), undefined), Schema.Undefined),
        Execution.step("null", Effect.as(note("null"), null), Schema.Null),
        Execution.step("empty", Effect.as(note("empty"), ""), Schema.String),
        Execution.step("list", Effect.as(note("list"), []), Schema.Array(Schema.Int))
      ]).pipe(Effect.map((values) => values.map(String)))
      assert.deepStrictEqual(yield* twice(program), ["undefined", "undefined", "null", "", ""])
      assert.strictEqual(ran.length, 5)
    }))

  rule(
    "a failure is recorded with a failure schema, and fails again as what was stored; without one it runs again",
    () =>
      Effect.gen(function*() {
        const { all: ran, note } = notes()
        const declined = Effect.zipRight(note("ran"), Effect.fail(new Declined({ at: new Date(2.5) })))
        const kept = Execution.step("s", declined, { success: Schema.Void, failure: Declined })
        for (const _ of [1, 2]) {
          const error = yield* failing("Declined", run(kept))
          assert.deepStrictEqual([error instanceof Declined, error["at"]], [true, new Date(2)])
        }
        assert.strictEqual(ran.length, 1)
        const loose = Execution.step("s", declined, Schema.Void)
        for (const _ of [1, 2]) yield* failing("Declined", run(loose, "y"))
        assert.strictEqual(ran.length, 3)
      })
  )

  rule(
    "a recorded failure is never given as a success, even if the failure schema is gone",
    () =>
      Effect.gen(function*() {
        const step = Effect.fail("boom")
        yield* failing("boom", run(Execution.step("s", step, { success: Schema.String, failure: Schema.String })))
        assert.isTrue(Exit.isFailure(yield* Effect.exit(run(Execution.step("s", step, Schema.String)))))
      })
  )

  rule("defects and interruptions are never recorded", () =>
    Effect.gen(function*() {
      const { all: ran, note } = notes()
      const schemas = { success: Schema.Int, failure: Schema.Unknown }
      let ends: Effect.Effect<number> = Effect.die("defect")
      const program = Execution.step("s", Effect.zipRight(note("ran"), Effect.suspend(() => ends)), schemas)
      const died = yield* Effect.exit(run(program))
      assert.isTrue(Exit.isFailure(died) && Cause.isDie(died.cause))
      ends = Effect.interrupt
      assert.isTrue(Exit.isInterrupted(yield* Effect.exit(run(program))))
      ends = Effect.never
      const fiber = yield* Effect.fork(run(program))
      while (ran.length < 3) yield* Effect.promise(() => new Promise(setImmediate))
      yield* Fiber.interrupt(fiber)
      ends = Effect.succeed(4)
      assert.strictEqual(completed(yield* run(program)), 4)
      assert.strictEqual(ran.length, 4)
    }))

  rule("what does not encode is a StepCodecError without the value, and is not recorded", () =>
    Effect.gen(function*() {
      let value: unknown = { secret: 0.5 }
      const program = Execution.step(
        "s",
        Effect.sync(() => value as { secret: number }),
        Schema.Struct({ secret: Schema.Int })
      )
      const error = yield* failing("StepCodecError", run(program))
      assert.deepInclude(error, { executionId: "x", step: "s", direction: "encode" })
      assert.notInclude(error.message, "0.5")
      const opaque = Execution.step("o", Effect.succeed(new Map()), Schema.Unknown)
      yield* failing("StepCodecError", run(opaque, "y"))
      value = { secret: 1 }
      assert.deepStrictEqual(completed(yield* run(program)), { secret: 1 })
    }))
}

export const stepping = (rule: Rule) =>
  describe("step", () => {
    recording(rule)
  })
