/**
 * Runs graphs and programs so that they survive the death of their process: every superstep is
 * committed before the next one begins, by one process at a time, and taken up again where it stopped.
 *
 * @example
 * ```ts
 * import { Effect, Layer, Schema } from "effect"
 * import { Graph, Runner, TestMemory } from "effect-checkpoint"
 *
 * const orders = Graph.make("orders", { state: Schema.Struct({ cents: Schema.Int, paid: Schema.Boolean }) })
 *   .node("charge", () => Effect.succeed({ paid: true }))
 *   .edge(Graph.START, "charge")
 *   .build()
 *
 * const program = Effect.gen(function*() {
 *   const runner = yield* Runner.forGraph(orders)
 *   const outcome = yield* runner.start("order-7", { cents: 1250, paid: false })
 *   return outcome._tag === "Completed" && outcome.value.paid
 * })
 *
 * export const test = Effect.provide(program, Layer.provide(Runner.layer(), TestMemory.layer()))
 * ```
 *
 * @since 0.2.0
 */
import * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import type { Definition, Fields } from "../internal/graph/definition.js"
import { graphRunner } from "../internal/runner/make.js"
import { defined, type Rules, rulesOf } from "../internal/runner/policy.js"
import type { Core } from "../internal/store/core.js"
import type { InputMismatch, NotWaiting, StepCodecError } from "../schema/ExecutionErrors.js"
import * as CheckpointStore from "./CheckpointStore.js"
import type { Execution } from "./Execution.js"
import type { Graph } from "./Graph.js"
import { fromProgram } from "./Graph.js"
import type { Answer, GraphRunner, Options, Policy, RunError, RunOptions } from "./GraphRunner.js"
import type { Outcome } from "./Outcome.js"

export type * from "./GraphRunner.js"

/**
 * What graphs and programs run on.
 *
 * @since 0.2.0
 */
export interface Service {
  /** The executions of one graph; see {@link forGraph}. Sends nothing. */
  readonly forGraph: <State, Names extends string, E, R, SR, R2 = never>(
    graph: Graph<State, Names, E, R, SR>,
    options?: Options<State, Names, R2>
  ) => Effect.Effect<GraphRunner<State, Names, E, R | R2, SR>, ConfigError.ConfigError>
}

/**
 * The runner, from {@link layer}.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Graph, Runner } from "effect-checkpoint"
 *
 * export const startAll = <State, Names extends string, E, R>(graph: Graph.Graph<State, Names, E, R>, input: State) =>
 *   Effect.gen(function*() {
 *     const runner = yield* (yield* Runner.Runner).forGraph(graph)
 *     return yield* Effect.forEach(["a", "b"], (id) => runner.start(id, input), { concurrency: 2 })
 *   })
 * ```
 *
 * @since 0.2.0
 */
export class Runner extends Context.Tag("effect-checkpoint/Runner")<Runner, Service>() {}

const checked = (core: Core, policy: Policy): Either.Either<Rules, ConfigError.ConfigError> =>
  core.layout.index === "set"
    ? Either.left(ConfigError.InvalidData(["index"], "a runner needs the sorted-set index: remove index: \"set\""))
    : rulesOf(core, policy)

const serviceOf = (core: Core, policy: Policy): Service => ({
  forGraph: <State, Names extends string, E, R, SR, R2 = never>(
    graph: Graph<State, Names, E, R, SR>,
    options: Options<State, Names, R2> = {}
  ) =>
    Either.match(checked(core, { ...policy, ...defined(options) }), {
      onLeft: Effect.fail,
      // The builder checked these types and forgot them; inside, a state is fields.
      onRight: (rules) =>
        Effect.succeed(
          graphRunner(
            core,
            graph.definition as Definition<E, R | R2 | SR>,
            rules,
            options.onStep as Options<Fields, string, R | R2>["onStep"]
          ) as unknown as GraphRunner<State, Names, E, R | R2, SR>
        )
    })
})

/**
 * The runner on a checkpoint store. The policy holds for graphs that say nothing else. A wrong one is a
 * `ConfigError` that names the option.
 *
 * @example
 * ```ts
 * import { Config, Layer } from "effect"
 * import { RedisLive, Runner } from "effect-checkpoint"
 *
 * export const RunnerLive = Runner.layer({ leaseTtl: "1 minute" }).pipe(
 *   Layer.provideMerge(RedisLive.layerConfig({ url: Config.redacted("REDIS_URL") }))
 * )
 * ```
 *
 * @since 0.2.0
 */
export const layer = (
  policy: Policy = {}
): Layer.Layer<Runner, ConfigError.ConfigError, CheckpointStore.CheckpointStore> =>
  Layer.effect(
    Runner,
    Effect.flatMap(CheckpointStore.CheckpointStore, ({ core }) =>
      Effect.as(checked(core, policy), Runner.of(serviceOf(core, policy))))
  )

/**
 * The executions of one graph, with a policy of its own over the layer's. Keep the result.
 *
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Graph, Runner } from "effect-checkpoint"
 *
 * const count = Graph.make("count", { state: Schema.Struct({ n: Schema.Int }) })
 *   .node("add", ({ n }) => Effect.succeed({ n: n + 1 }))
 *   .edge(Graph.START, "add")
 *   .build()
 *
 * export const counted = Effect.gen(function*() {
 *   const runner = yield* Runner.forGraph(count, { maxCheckpoints: 3 })
 *   return yield* runner.start("counter", { n: 0 })
 * })
 * ```
 *
 * @since 0.2.0
 */
export const forGraph = <State, Names extends string, E, R, SR, R2 = never>(
  graph: Graph<State, Names, E, R, SR>,
  options?: Options<State, Names, R2>
): Effect.Effect<GraphRunner<State, Names, E, R | R2, SR>, ConfigError.ConfigError, Runner> =>
  Effect.flatMap(Runner, (runner) => runner.forGraph(graph, options))

/**
 * How a program runs.
 *
 * @since 0.2.0
 */
export interface ProgramOptions<A, I, R> extends Policy, RunOptions, Partial<Answer> {
  readonly executionId: string
  /** Stored with the execution, and its alone. */
  readonly name: string
  /** How the result is stored. */
  readonly success: Schema.Schema<A, I, R>
}

/**
 * Runs a program as an execution: starts it, goes on with it, or gives its result when it is at its
 * end. Its steps are recorded, everything else in it runs again. Code between the steps must take the
 * same way each time: put what can differ (time, randomness, what others may change) into steps.
 *
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Execution, Runner } from "effect-checkpoint"
 *
 * declare const fetchTotal: Effect.Effect<number>
 * declare const sendInvoice: (total: number) => Effect.Effect<void>
 *
 * const invoice = Effect.gen(function*() {
 *   const total = yield* Execution.step("total", fetchTotal, Schema.Number)
 *   yield* Execution.step("send", sendInvoice(total), Schema.Void)
 *   return total
 * })
 *
 * export const run = Runner.run(invoice, { executionId: "invoice-7", name: "invoice", success: Schema.Number })
 * ```
 *
 * @since 0.2.0
 */
export const run = <A extends A2, E, R, A2, I, SR>(
  program: Effect.Effect<A, E, R>,
  options: ProgramOptions<A2, I, SR>
): Effect.Effect<
  Outcome<A2>,
  E | RunError | InputMismatch | NotWaiting | StepCodecError | ConfigError.ConfigError,
  Runner | SR | Exclude<R, Execution>
> =>
  Effect.gen(function*() {
    const { executionId, maxClaims, name, steal, success } = options
    const runner = yield* forGraph(fromProgram(name, success, () => program), options)
    const outcome = options.answer === undefined
      ? yield* runner.start(executionId, {}, { steal, maxClaims })
      : yield* runner.resume(executionId, { answer: options.answer, request: options.request, steal, maxClaims })
    // At its end the node has given a result.
    return outcome._tag === "Completed" ? { ...outcome, value: outcome.value.result as A2 } : outcome
  })
