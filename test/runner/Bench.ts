/**
 * What a rule of the runner's suite works with: a runner under a prefix of its
 * own, and words for how runs end.
 */
import { assert, it as vitest, type Vitest } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, Logger, Option, Schema, type Scope, Stream, type TestServices } from "effect"
import {
  CheckpointStore,
  Errors,
  type GraphRunner,
  type KeyLayout,
  type Outcome,
  Redis,
  RedisProgram,
  RedisReply,
  Runner,
  type Snapshot,
  type StateCodec,
  TestMemory
} from "effect-checkpoint"

export interface Subject {
  /** One for all rules of a file; each rule has its prefix. */
  readonly redis: Layer.Layer<Redis.Redis, unknown>
  /** Keys for a cluster. */
  readonly cluster?: boolean
  /** Default: the layer's. */
  readonly codec?: StateCodec.StateCodec | undefined
}

type Services = CheckpointStore.CheckpointStore | Runner.Runner | Redis.Redis

export type Rule = (
  name: string,
  body: () => Effect.Effect<void, unknown, Services | Scope.Scope | TestServices.TestServices>
) => void

let rules = 0

/** A runner on its own prefix of a Redis that others use, too. */
const fresh = ({ cluster, codec }: Omit<Subject, "redis">) =>
  Runner.layer().pipe(Layer.provideMerge(
    Layer.unwrapEffect(Effect.sync(() => CheckpointStore.layer({ prefix: `rule${++rules}:`, cluster, codec })))
  ))

/** Registers rules that each run under a prefix of their own. */
export const ruleOf = (it: Vitest.MethodsNonLive<Redis.Redis>, subject: Omit<Subject, "redis">): Rule => (name, body) =>
  it.scoped(name, () => Effect.provide(Effect.suspend(body), fresh(subject)))

/** The same on a memory of its own. */
export const memory = (options?: CheckpointStore.Options, policy?: GraphRunner.Policy) =>
  Runner.layer(policy).pipe(Layer.provideMerge(TestMemory.layer(options)))

type OnMemory = Layer.Layer.Success<ReturnType<typeof memory>>

/** A rule on a memory of its own, with its control. */
export const onMemory = (
  name: string,
  body: () => Effect.Effect<void, unknown, OnMemory | Scope.Scope | TestServices.TestServices>,
  options: { readonly store?: CheckpointStore.Options; readonly policy?: GraphRunner.Policy } = {}
) =>
  vitest.scoped(name, () =>
    Effect.suspend(body).pipe(
      Effect.provide(Layer.merge(memory(options.store, options.policy), Logger.remove(Logger.defaultLogger)))
    ))

export const Count = Schema.Struct({ n: Schema.Int, log: Schema.Array(Schema.String) })
export type Count = typeof Count.Type

export const zero: Count = { n: 0, log: [] }

export const overCount = {
  state: Count,
  reducers: { log: (a: Count["log"], b: Count["log"]) => [...a, ...b] }
} as const

/** Keeps what was done, in its order: side effects outside of Redis. */
export const notes = () => {
  const all: Array<string> = []
  return { all, note: (what: string) => Effect.sync(() => void all.push(what)) }
}

/** The last state, or the result. */
export const completed = <A>(outcome: Outcome.Outcome<A>): A => {
  if (outcome._tag === "Completed") return outcome.value
  return assert.fail(`expected the end, got ${JSON.stringify(outcome)}`)
}

/** The ids of what is waited for. */
export const idsOf = <A>(outcome: Outcome.Outcome<A>): ReadonlyArray<string> => {
  if (outcome._tag === "Interrupted") return outcome.requests.map(({ id }) => id)
  return assert.fail(`expected a stop, got ${JSON.stringify(outcome)}`)
}

/** The same without their versions. */
export const waitsFor = <A>(outcome: Outcome.Outcome<A>): ReadonlyArray<string> =>
  idsOf(outcome).map((id) => id.replaceAll(/@\d+(?=\/|$)/g, ""))

type Failing = Error & { readonly _tag: string } & Readonly<Record<string, unknown>>

const tagOf = (error: unknown): string => {
  if (typeof error === "object" && error !== null && "_tag" in error) return String(error._tag)
  return typeof error === "string" ? error : "none"
}

/** The failure of an effect, by its tag, or the text it fails with. */
export const failing = <A, R>(tag: string, effect: Effect.Effect<A, unknown, R>): Effect.Effect<Failing, never, R> =>
  Effect.map(Effect.exit(effect), (exit) => {
    const error = Exit.isFailure(exit) ? Option.getOrUndefined(Cause.failureOption(exit.cause)) : undefined
    assert.strictEqual(tagOf(error), tag, `expected ${tag}, got ${String(exit)}`)
    return error as Failing
  })

export const current = <State, Names extends string, E, R>(
  runner: GraphRunner.GraphRunner<State, Names, E, R>,
  executionId: string
): Effect.Effect<Snapshot.Current<State, Names>, GraphRunner.ReadError, R> =>
  Effect.map(runner.getState(executionId), Option.getOrThrow)

export const statusOf = <State, Names extends string, E, R>(
  runner: GraphRunner.GraphRunner<State, Names, E, R>,
  executionId: string
) => Effect.map(current(runner, executionId), ({ status }) => status)

export const all = <A, E, R>(stream: Stream.Stream<A, E, R>): Effect.Effect<Array<A>, E, R> =>
  Effect.map(Stream.runCollect(stream), (chunk) => [...chunk])

/** Whom a runner of this graph lists as unfinished, and how. */
export const listed = <State, Names extends string, E, R>(runner: GraphRunner.GraphRunner<State, Names, E, R>) =>
  Effect.map(
    all(runner.unfinished),
    (all) => Object.fromEntries(all.map(({ executionId, status }) => [executionId, status]))
  )

export const layout: Effect.Effect<KeyLayout.KeyLayout, never, CheckpointStore.CheckpointStore> = Effect.map(
  CheckpointStore.CheckpointStore,
  (store) => store.layout
)

export const send = (name: string, ...args: ReadonlyArray<RedisProgram.Argument>) =>
  Effect.flatMap(Redis.Redis, (redis) => redis.pipeline(RedisProgram.command(name, args, RedisReply.raw)))

export const noReply = new Errors.RedisConnectionError({ reason: "Closed", outcome: "Unknown", address: "memory" })

/** The names of what was sent, one element a round trip. */
export const sent = Effect.flatMap(
  TestMemory.TestMemory,
  ({ commands }) => Effect.map(commands, (all) => all.map(({ commands }) => commands.join(" ")))
)

/** Forks a run, and waits until its input is stored: time that passes from here on passes for its first node. */
export const launched = <A, E, R>(run: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const before = (yield* sent).length
    const fiber = yield* Effect.fork(run)
    while (!(yield* sent).slice(before).includes("commit")) yield* Effect.promise(() => new Promise(setImmediate))
    yield* Effect.repeatN(Effect.yieldNow(), 20)
    return fiber
  })
