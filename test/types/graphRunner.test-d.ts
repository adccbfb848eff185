import { Context, type Effect, type Option, Schema, type Stream } from "effect"
import { describe, expectTypeOf, it } from "vitest"
import type { CheckpointConflict, CheckpointNotFound, StorageError } from "../../src/schema/Errors.js"
import type {
  ExecutionBusy,
  ExecutionNotFound,
  ExecutionStuck,
  Fenced,
  GraphMismatch,
  InputMismatch,
  InvalidPatch,
  MaxStepsExceeded,
  NotWaiting,
  StepCodecError,
  UnknownNode
} from "../../src/schema/ExecutionErrors.js"
import type {
  Answer,
  GraphRunner,
  ReadError,
  RunError,
  RunOptions,
  WriteError
} from "../../src/services/GraphRunner.js"
import type { Outcome } from "../../src/services/Outcome.js"
import type { RunnerEvent } from "../../src/services/RunnerEvent.js"
import type { Current, Snapshot, Unfinished } from "../../src/services/Snapshot.js"

class Mail extends Context.Tag("test/Mail")<Mail, { readonly from: string }>() {}
class Zone extends Context.Tag("test/Zone")<Zone, { readonly offset: number }>() {}
class Declined extends Schema.TaggedError<Declined>()("Declined", {}) {}

interface Order {
  readonly cents: number
  readonly paidAt?: Date | undefined
  readonly note?: string
}
type Names = "charge" | "ship"

declare const runner: GraphRunner<Order, Names, Declined, Mail, Zone>
declare const pure: GraphRunner<Order, Names, never, never>

type Run<E = never> = Effect.Effect<Outcome<Order>, Declined | RunError | E, Mail | Zone>

describe("runs", () => {
  it("fail with what nodes fail with and what runs fail with", () => {
    expectTypeOf(runner.start("e", { cents: 1 })).toEqualTypeOf<Run<InputMismatch>>()
    expectTypeOf(pure.start("e", { cents: 1 })).toEqualTypeOf<
      Effect.Effect<Outcome<Order>, RunError | InputMismatch>
    >()
    expectTypeOf(runner.resumeFrom("e@1", { into: "f", steal: true })).toEqualTypeOf<Run<CheckpointNotFound>>()
    expectTypeOf<ReadError>().toExtend<WriteError>()
    expectTypeOf<ExecutionBusy | Fenced | CheckpointConflict>().toExtend<WriteError>()
    expectTypeOf<WriteError | ExecutionNotFound | InvalidPatch | MaxStepsExceeded | UnknownNode>().toExtend<RunError>()
    expectTypeOf<InputMismatch>().not.toExtend<RunError>()
    expectTypeOf<NotWaiting>().not.toExtend<RunError>()
  })

  it("that resume with an answer can be refused, without one they cannot", () => {
    expectTypeOf(runner.resume("e")).toEqualTypeOf<Run>()
    expectTypeOf(runner.resume("e", { steal: true })).toEqualTypeOf<Run>()
    expectTypeOf(runner.resume("e", { answer: true })).toEqualTypeOf<Run<NotWaiting | StepCodecError>>()
    expectTypeOf(runner.resume("e", { answer: undefined, request: "ask:a:b", steal: true })).toEqualTypeOf<
      Run<NotWaiting | StepCodecError>
    >()
    const answering: RunOptions & Answer = { answer: true, steal: true }
    expectTypeOf(runner.resume("e", answering)).toEqualTypeOf<Run<NotWaiting | StepCodecError>>()
    const perhaps: RunOptions & { readonly answer?: unknown } = {}
    // @ts-expect-error an answer that may be missing
    runner.resume("e", perhaps)
    // @ts-expect-error a request without an answer
    runner.resume("e", { request: "ask:a:b" })
    // @ts-expect-error
    runner.resume("e", { answers: 1 })
  })

  it("start from a whole state", () => {
    runner.start("e", { cents: 1, paidAt: undefined, note: "x" }, { steal: false })
    // @ts-expect-error
    runner.start("e", { cents: "1" })
    // @ts-expect-error
    runner.start("e", {})
    // @ts-expect-error
    runner.start("e", { cents: 1, cent: 1 })
    // @ts-expect-error exactOptionalPropertyTypes
    runner.start("e", { cents: 1, note: undefined })
    // @ts-expect-error the decoded side
    runner.start("e", { cents: 1, paidAt: "2024-01-01" })
    // @ts-expect-error
    runner.start("e")
  })

  it("are streams of events, with or without an input", () => {
    type Events = Stream.Stream<RunnerEvent<Order, Names>, Declined | RunError | InputMismatch, Mail | Zone>
    expectTypeOf(runner.events("e")).toEqualTypeOf<Events>()
    expectTypeOf(runner.events("e", { cents: 1 })).toEqualTypeOf<Events>()
    // @ts-expect-error
    runner.events("e", { cents: "1" })
  })
})

describe("updates", () => {
  it("take a patch, as one of the nodes", () => {
    expectTypeOf(runner.updateState("e", { note: "x" }, { asNode: "ship", expected: 3 })).toEqualTypeOf<
      Effect.Effect<Snapshot<Order, Names>, WriteError | ExecutionNotFound | InvalidPatch | UnknownNode, Zone>
    >()
    runner.updateState("e", {})
    // @ts-expect-error
    runner.updateState("e", {}, { asNode: "other" })
    // @ts-expect-error
    runner.updateState("e", {}, { asNode: "__start__" })
    // @ts-expect-error
    runner.updateState("e", { cents: "1" })
    // @ts-expect-error
    runner.updateState("e", { cents: 1, cent: 1 })
    // @ts-expect-error exactOptionalPropertyTypes
    runner.updateState("e", { note: undefined })
  })

  it("answer without the failures of a run", () => {
    expectTypeOf(runner.answer("e", { answer: true, request: "ask:a:b" })).toEqualTypeOf<
      Effect.Effect<
        void,
        ReadError | CheckpointConflict | ExecutionNotFound | NotWaiting | StepCodecError,
        Zone
      >
    >()
    // @ts-expect-error
    runner.answer("e", {})
    // @ts-expect-error
    runner.answer("e", true)
  })

  it("save a whole state", () => {
    expectTypeOf(runner.saveCheckpoint("e", { cents: 1 })).toEqualTypeOf<
      Effect.Effect<Snapshot<Order, Names>, WriteError | ExecutionNotFound, Zone>
    >()
    // @ts-expect-error
    runner.saveCheckpoint("e", { note: "x" })
  })

  it("clear without needing anything", () => {
    expectTypeOf(runner.clearCheckpoints("e", { steal: true })).toEqualTypeOf<
      Effect.Effect<number, ExecutionBusy | ExecutionStuck | GraphMismatch | StorageError>
    >()
  })
})

describe("reads", () => {
  it("have the graph's state and names, and never a node's failure", () => {
    expectTypeOf(runner.getState("e")).toEqualTypeOf<
      Effect.Effect<Option.Option<Current<Order, Names>>, ReadError, Zone>
    >()
    expectTypeOf(runner.history("e", { limit: 3 })).toEqualTypeOf<
      Stream.Stream<Snapshot<Order, Names>, ReadError, Zone>
    >()
    expectTypeOf(runner.loadCheckpoint("e@1")).toEqualTypeOf<
      Effect.Effect<Snapshot<Order, Names>, ReadError | CheckpointNotFound, Zone>
    >()
    expectTypeOf(runner.listCheckpoints("e", { order: "desc" })).toEqualTypeOf<
      Effect.Effect<Array<Snapshot<Order, Names>>, ReadError, Zone>
    >()
    expectTypeOf(runner.unfinished).toEqualTypeOf<Stream.Stream<Unfinished, StorageError>>()
    expectTypeOf<Snapshot<Order, Names>["next"]>().toEqualTypeOf<ReadonlyArray<Names>>()
    // @ts-expect-error
    runner.history("e", { order: "up" })
  })
})

describe("a runner", () => {
  it("is no runner of another state, of other names, or with fewer failures", () => {
    expectTypeOf(runner).not.toExtend<GraphRunner<{ readonly cents: string }, Names, Declined, Zone>>()
    expectTypeOf(runner).not.toExtend<GraphRunner<Order, Names | "other", Declined, Zone>>()
    expectTypeOf(runner).not.toExtend<GraphRunner<Order, "charge", Declined, Zone>>()
    expectTypeOf(runner).not.toExtend<GraphRunner<Order, Names, never, Zone>>()
    expectTypeOf(runner).not.toExtend<GraphRunner<Order, Names, Declined, never>>()
    expectTypeOf(pure).toExtend<GraphRunner<Order, Names, Declined, Zone>>()
  })
})
