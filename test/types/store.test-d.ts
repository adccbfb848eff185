import { Context, DateTime, type Duration, Effect, type Layer, type Option, Schema, type Stream } from "effect"
import type { ConfigError } from "effect/ConfigError"
import { describe, expectTypeOf, it } from "vitest"
import type * as TestMemory from "../../src/layers/TestMemory.js"
import { layer as memoryLayer } from "../../src/layers/TestMemory.js"
import type { Checkpoint } from "../../src/schema/Checkpoint.js"
import type {
  CheckpointConflict,
  CheckpointDecodeError,
  CheckpointEncodeError,
  CheckpointNotFound,
  RedisCommandError,
  StorageError
} from "../../src/schema/Errors.js"
import {
  CheckpointStore,
  forSchema,
  layer,
  type SaveOptions,
  type Service,
  type Store
} from "../../src/services/CheckpointStore.js"
import type { Redis } from "../../src/services/Redis.js"
import type { RedisProgram } from "../../src/services/RedisProgram.js"

class Rates extends Context.Tag("test/Rates")<Rates, { readonly rate: number }>() {}

type State = { readonly n: number; readonly at: Date }
const Plain = Schema.Struct({ n: Schema.NumberFromString, at: Schema.Date })
const Effectful = Schema.transformOrFail(Schema.Number, Schema.Number, {
  strict: true,
  decode: (n) => Effect.map(Rates, ({ rate }) => n * rate),
  encode: (n) => Effect.map(Rates, ({ rate }) => n / rate)
})

declare const store: Store<State>
declare const effectful: Store<number, Rates>
declare const options: SaveOptions

const checkpoint = { id: "a", executionId: "e", nodeName: "n", state: { n: 1, at: new Date() }, version: 1 }
const next = { nodeName: "n", state: { n: 1, at: new Date() } }

type Loses = CheckpointConflict | CheckpointEncodeError | StorageError
type Saves = CheckpointEncodeError | StorageError
type Reads = CheckpointDecodeError | StorageError

describe("save", () => {
  it("can conflict with expectedVersion only", () => {
    expectTypeOf(store.save(checkpoint)).toEqualTypeOf<Effect.Effect<void, Saves>>()
    expectTypeOf(store.save(checkpoint, { ttl: "1 hour", maxCheckpoints: 3 })).toEqualTypeOf<
      Effect.Effect<void, Saves>
    >()
    expectTypeOf(store.save(checkpoint, { expectedVersion: undefined })).toEqualTypeOf<Effect.Effect<void, Saves>>()
    expectTypeOf(store.save(checkpoint, { expectedVersion: 0 })).toEqualTypeOf<Effect.Effect<void, Loses>>()
  })

  it("takes options that may have an expectedVersion, and then may conflict", () => {
    expectTypeOf(store.save(checkpoint, options)).toEqualTypeOf<Effect.Effect<void, Loses>>()
  })

  it("has no expectedVersion in saveAll", () => {
    expectTypeOf(store.saveAll([checkpoint])).toEqualTypeOf<Effect.Effect<void, Saves>>()
    // @ts-expect-error
    store.saveAll([checkpoint], { expectedVersion: 1 })
  })

  it("gives a program whose failures are its own", () => {
    expectTypeOf(store.saveProgram(checkpoint)).toEqualTypeOf<
      Effect.Effect<RedisProgram<void, CheckpointConflict | RedisCommandError>, CheckpointEncodeError>
    >()
  })

  it("takes a checkpoint that was read, and an Option as execution", () => {
    const read = null as unknown as Checkpoint<State>
    store.save(read)
    store.save({ ...read, executionId: "other" })
    store.save({ ...checkpoint, executionId: undefined, timestamp: DateTime.unsafeNow() })
  })

  it("refuses wrong states and missing fields", () => {
    // @ts-expect-error
    store.save({ ...checkpoint, state: { n: "1", at: new Date() } })
    // @ts-expect-error the decoded side, not the encoded one
    store.save({ ...checkpoint, state: { n: 1, at: "2024-01-01" } })
    // @ts-expect-error
    store.save({ id: "a", nodeName: "n", state: checkpoint.state })
    // @ts-expect-error
    store.save({ ...checkpoint, version: "1" })
    // @ts-expect-error
    store.save(checkpoint, { ttl: "soon" })
    // @ts-expect-error
    store.save(checkpoint, { tll: 5 })
  })
})

describe("append", () => {
  it("can conflict with after only", () => {
    expectTypeOf(store.append("e", next)).toEqualTypeOf<Effect.Effect<Checkpoint<State>, Saves>>()
    expectTypeOf(store.append("e", { ...next, after: undefined })).toEqualTypeOf<
      Effect.Effect<Checkpoint<State>, Saves>
    >()
    const after = null as unknown as Checkpoint<State>
    expectTypeOf(store.append("e", { ...next, after })).toEqualTypeOf<Effect.Effect<Checkpoint<State>, Loses>>()
    expectTypeOf(store.append("e", { ...next, after: { version: 3 } })).toEqualTypeOf<
      Effect.Effect<Checkpoint<State>, Loses>
    >()
  })

  it("has neither version nor expectedVersion", () => {
    // @ts-expect-error
    store.append("e", { ...next, version: 3 })
    // @ts-expect-error
    store.append("e", next, { expectedVersion: 3 })
    // @ts-expect-error
    store.append("e", { ...next, after: 3 })
  })
})

describe("reads", () => {
  it("have the type of the state and exact failures", () => {
    expectTypeOf(store.load("a")).toEqualTypeOf<Effect.Effect<Checkpoint<State>, CheckpointNotFound | Reads>>()
    expectTypeOf(store.loadAll(["a"])).toEqualTypeOf<Effect.Effect<ReadonlyMap<string, Checkpoint<State>>, Reads>>()
    expectTypeOf(store.latest("e")).toEqualTypeOf<Effect.Effect<Option.Option<Checkpoint<State>>, Reads>>()
    expectTypeOf(store.list("e")).toEqualTypeOf<Effect.Effect<Array<Checkpoint<State>>, Reads>>()
    expectTypeOf(store.stream("e")).toEqualTypeOf<Stream.Stream<Checkpoint<State>, Reads>>()
    expectTypeOf(store.count("e")).toEqualTypeOf<Effect.Effect<number, StorageError>>()
    expectTypeOf(store.exists("a")).toEqualTypeOf<Effect.Effect<boolean, StorageError>>()
    expectTypeOf(store.executions()).toEqualTypeOf<Stream.Stream<string, StorageError>>()
    expectTypeOf(store.ping).toEqualTypeOf<Effect.Effect<Duration.Duration, StorageError>>()
    expectTypeOf(store.expirations).toEqualTypeOf<Stream.Stream<string, StorageError>>()
  })

  it("take positions by version, or by version and id", () => {
    const read = null as unknown as Checkpoint<State>
    store.list("e", { after: 3, before: read, order: "desc", limit: 5, onDecodeError: "skip" })
    // @ts-expect-error
    store.list("e", { after: "a" })
    // @ts-expect-error
    store.list("e", { after: { version: 3 } })
    // @ts-expect-error
    store.list("e", { order: "up" })
  })

  it("removals have exact failures", () => {
    expectTypeOf(store.delete("a")).toEqualTypeOf<Effect.Effect<boolean, StorageError>>()
    expectTypeOf(store.clear("e")).toEqualTypeOf<Effect.Effect<number, StorageError>>()
    expectTypeOf(store.copy("e", "f")).toEqualTypeOf<Effect.Effect<number, CheckpointDecodeError | Loses>>()
  })
})

describe("a view", () => {
  it("has the decoded type, and the schema's requirements stay in the methods that need them", () => {
    expectTypeOf(forSchema(Plain)).toEqualTypeOf<Effect.Effect<Store<State>, never, CheckpointStore>>()
    expectTypeOf(forSchema(Effectful)).toEqualTypeOf<Effect.Effect<Store<number, Rates>, never, CheckpointStore>>()
    expectTypeOf(effectful.save({ ...checkpoint, state: 1 })).toEqualTypeOf<Effect.Effect<void, Saves, Rates>>()
    expectTypeOf(effectful.load("a")).toEqualTypeOf<
      Effect.Effect<Checkpoint<number>, CheckpointNotFound | Reads, Rates>
    >()
    expectTypeOf(effectful.stream("e")).toEqualTypeOf<Stream.Stream<Checkpoint<number>, Reads, Rates>>()
    expectTypeOf(effectful.append("e", { nodeName: "n", state: 1 })).toEqualTypeOf<
      Effect.Effect<Checkpoint<number>, Saves, Rates>
    >()
    expectTypeOf(effectful.delete("a")).toEqualTypeOf<Effect.Effect<boolean, StorageError>>()
    expectTypeOf(effectful.count("e")).toEqualTypeOf<Effect.Effect<number, StorageError>>()
  })

  it("is no view of another type", () => {
    expectTypeOf<Store<State>>().not.toExtend<Store<{ readonly other: string }>>()
    expectTypeOf<Service>().toExtend<Store<unknown>>()
    expectTypeOf<Store<number, Rates>>().not.toExtend<Store<number>>()
  })

  it("leaks no any", () => {
    expectTypeOf<Effect.Effect.Success<ReturnType<Service["load"]>>["state"]>().toBeUnknown()
    expectTypeOf<Effect.Effect.Success<ReturnType<typeof store.load>>["state"]>().toEqualTypeOf<State>()
    expectTypeOf<Effect.Effect.Error<ReturnType<typeof store.load>>>().not.toBeAny()
    expectTypeOf<Effect.Effect.Context<ReturnType<typeof store.load>>>().toBeNever()
  })
})

describe("layers", () => {
  it("say what they need, give and fail with", () => {
    expectTypeOf(layer()).toEqualTypeOf<Layer.Layer<CheckpointStore, ConfigError, Redis>>()
    expectTypeOf(memoryLayer()).toEqualTypeOf<
      Layer.Layer<CheckpointStore | Redis | TestMemory.TestMemory, ConfigError>
    >()
  })

  it("refuse unknown options", () => {
    // @ts-expect-error
    layer({ TTL: 5 })
    // @ts-expect-error
    layer({ index: "list" })
  })

  it("that are missing do not compile", () => {
    const load = Effect.flatMap(CheckpointStore, (it) => it.load("a"))
    // @ts-expect-error the store is missing
    Effect.runPromise(load)
    // @ts-expect-error Redis is missing
    Effect.runPromise(Effect.provide(load, layer()))
    Effect.runPromise(Effect.provide(load, memoryLayer()))
    const rated = Effect.flatMap(forSchema(Effectful), (it) => it.load("a"))
    // @ts-expect-error the schema's service is missing
    Effect.runPromise(Effect.provide(rated, memoryLayer()))
  })
})
