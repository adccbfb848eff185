/**
 * A state graph: named nodes over one state, and the edges between them. A value; the `Runner` runs
 * it, commits after each superstep, and goes on where a process stopped.
 *
 * All nodes that are next run at once, each on the same state; their patches are merged in the order
 * in which the nodes were declared, and the edges are followed from the merged state.
 *
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Graph } from "effect-checkpoint"
 *
 * const Order = Schema.Struct({ cents: Schema.Int, paid: Schema.Boolean, log: Schema.Array(Schema.String) })
 *
 * export const orders = Graph.make("orders", {
 *   state: Order,
 *   reducers: { log: (lines, more) => [...lines, ...more] }
 * })
 *   .node("charge", ({ cents }) => Effect.succeed({ paid: cents > 0, log: ["charged"] }))
 *   .node("ship", () => Effect.succeed({ log: ["shipped"] }), { interruptBefore: ({ cents }) => cents > 100_000 })
 *   .edge(Graph.START, "charge")
 *   .branch("charge", ["ship", Graph.END], ({ paid }) => (paid ? "ship" : Graph.END))
 *   .build()
 * ```
 *
 * @since 0.2.0
 */
import type * as Effect from "effect/Effect"
import type { Pipeable } from "effect/Pipeable"
import type * as Schedule from "effect/Schedule"
import type * as Schema from "effect/Schema"
import { begin, programGraph } from "../internal/graph/builder.js"
import type { Definition } from "../internal/graph/definition.js"
import type { END, Goto, START } from "../internal/graph/goto.js"
import type { Fresh, Known, MissingNodes, Retried, TargetsOf } from "../internal/graph/refusals.js"
import type { Execution } from "./Execution.js"
import type { RunError } from "./GraphRunner.js"

export { END, type Goto, goto, GotoTypeId, START } from "../internal/graph/goto.js"
export { InvalidGraph } from "../internal/graph/invalid.js"
export type * from "../internal/graph/refusals.js"

/**
 * Marks graphs.
 *
 * @example
 * ```ts
 * import { Predicate } from "effect"
 * import { Graph } from "effect-checkpoint"
 *
 * export const isGraph = (value: unknown): boolean => Predicate.hasProperty(value, Graph.TypeId)
 * ```
 *
 * @since 0.2.0
 */
export const TypeId: "~effect-checkpoint/Graph" = "~effect-checkpoint/Graph"

/**
 * What a node gives back: some fields of the state. Without a reducer a field is replaced.
 *
 * @since 0.2.0
 */
export type Patch<State> = { readonly [Field in keyof State]?: State[Field] }

/**
 * A graph that is ready to run. `R` is what its nodes require, `SR` what the schema of its state requires.
 *
 * @since 0.2.0
 */
export interface Graph<in out State, out Names extends string, out E = never, out R = never, out SR = never>
  extends Pipeable
{
  readonly [TypeId]: {
    readonly _State: (_: State) => State
    readonly _Names: (_: never) => Names
    readonly _E: (_: never) => E
    readonly _R: (_: never) => R
    readonly _SR: (_: never) => SR
  }
  readonly name: string
  /** @internal */
  readonly definition: Definition<unknown, unknown>
}

/**
 * What a graph is made over.
 *
 * @since 0.2.0
 */
export interface Options<Fields extends Schema.Struct.Fields> {
  readonly state: Schema.Struct<Fields>
  /**
   * How a patch of a field joins what is there; both have the field's type. Default: it replaces it,
   * so of several nodes that run at once the one that was declared last wins.
   */
  readonly reducers?:
    | {
      readonly [Field in keyof Schema.Struct.Type<Fields>]?: (
        current: Schema.Struct.Type<Fields>[Field],
        patch: Schema.Struct.Type<Fields>[Field]
      ) => Schema.Struct.Type<Fields>[Field]
    }
    | undefined
  /** Of the state's schema, a positive integer; raised with each change that old states do not fit. Default: 1. */
  readonly stateVersion?: number | undefined
  /** From each older version to the next one, on states as JSON has them. One that throws fails with `StateDecodeError`. */
  readonly migrations?: { readonly [version: number]: (encoded: unknown) => unknown } | undefined
}

/**
 * How a node runs.
 *
 * @since 0.2.0
 */
export interface NodeOptions<in State, in E, out R, out Target extends string> {
  /** Runs the node again when it fails; recorded steps are not repeated. Default: never. */
  readonly retry?: Schedule.Schedule<unknown, E, R> | undefined
  /** Stops before the node until somebody answers; always, or by the state that it would run on. Default: false. */
  readonly interruptBefore?: boolean | ((state: State) => boolean) | undefined
  /** Stops behind the node, if anything comes next, until somebody answers. Default: false. */
  readonly interruptAfter?: boolean | ((state: State) => boolean) | undefined
  /** Where its `goto`s lead, for drawings. Default: nowhere. */
  readonly goto?: ReadonlyArray<Target> | undefined
}

/**
 * How a node runs another graph, which fails with `E`. What the runner is told (leases, limits,
 * checkpoints to keep) holds for the child, too; `onStep` is for this graph's own supersteps.
 *
 * @since 0.2.0
 */
export interface ChildOptions<in out State, in out Child, in E = never, out R = never> {
  /** The state that the child starts with. Not asked again when the child goes on. */
  readonly input: (state: State) => Child
  /** What its last state gives to this one. */
  readonly output: (child: Child, state: State) => Patch<State>
  /** Goes on with the child when it fails, from its last checkpoint; also by errors of the runner. Default: never. */
  readonly retry?: Schedule.Schedule<unknown, E | RunError, R> | undefined
  /** Stops before the child begins until somebody answers; always, or by the state. Default: false. */
  readonly interruptBefore?: boolean | ((state: State) => boolean) | undefined
  /** Stops behind the child, if anything comes next, until somebody answers. Default: false. */
  readonly interruptAfter?: boolean | ((state: State) => boolean) | undefined
}

/**
 * Collects nodes and edges. Each call gives a new builder.
 *
 * @since 0.2.0
 */
export interface Builder<
  in out State,
  in out Names extends string,
  out Targets extends string,
  out E,
  out R,
  out SR
> {
  /**
   * Adds a node: an effect of the state that gives a patch of it, or a {@link goto}. It may use what
   * `Execution` offers. The order of declaration is the order in which patches are merged.
   */
  readonly node: <
    const Name extends string,
    Run extends Effect.Effect<Patch<State> | Goto<Patch<State>, string>, unknown, unknown>,
    E2 = unknown,
    R2 = never
  >(
    name: Name & Fresh<Name, Names>,
    run: (
      state: State
    ) => Run & Known<Effect.Effect.Success<Run>, State> & Retried<Effect.Effect.Error<Run>, E2>,
    options?: NodeOptions<State, E2, R2, TargetsOf<Effect.Effect.Success<Run>>>
  ) => Builder<
    State,
    Names | Name,
    Targets | TargetsOf<Effect.Effect.Success<Run>>,
    E | Effect.Effect.Error<Run>,
    R | R2 | Exclude<Effect.Effect.Context<Run>, Execution>,
    SR
  >
  /**
   * Adds a node that runs another graph, as an execution of its own, whose id begins with this
   * one's. What the child waits for, this execution waits for; who recovers this one runs the child. It
   * is kept as long as the checkpoint that began it.
   */
  readonly child: <const Name extends string, Child, ChildNames extends string, E2, R2, SR2, R3 = never>(
    name: Name & Fresh<Name, Names>,
    graph: Graph<Child, ChildNames, E2, R2, SR2>,
    options: ChildOptions<State, Child, NoInfer<E2>, R3>
  ) => Builder<State, Names | Name, Targets, E | E2, R | R2 | R3, SR | SR2>
  /** Leads from a node, or from the start, to one node or to several that run at once. Adds to the edges that are there. */
  readonly edge: <To extends Names | typeof END>(
    from: Names | typeof START,
    to: To | ReadonlyArray<To>
  ) => Builder<State, Names, Targets, E, R, SR>
  /** Leads to those of `to` that `decide` names. */
  readonly branch: <const To extends Names | typeof END>(
    from: Names | typeof START,
    to: ReadonlyArray<To>,
    decide: (state: State) => NoInfer<To> | ReadonlyArray<NoInfer<To>>
  ) => Builder<State, Names, Targets, E, R, SR>
  /**
   * The graph. Does not compile while a `goto` leads to a node that is not there; throws
   * `InvalidGraph` for what types cannot see, such as nothing behind the start.
   */
  readonly build: [Exclude<Targets, Names | typeof END>] extends [never] ? () => Graph<State, Names, E, R, SR>
    : MissingNodes<Exclude<Targets, Names | typeof END>>
}

/**
 * Begins a graph. The name is stored with its executions, and belongs to them alone.
 *
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Graph } from "effect-checkpoint"
 *
 * export const count = Graph.make("count", { state: Schema.Struct({ n: Schema.Int }) })
 *   .node("add", ({ n }) => Effect.succeed({ n: n + 1 }))
 *   .edge(Graph.START, "add")
 *   .branch("add", ["add", Graph.END], ({ n }) => n < 10 ? "add" : Graph.END)
 *   .build()
 * ```
 *
 * @since 0.2.0
 */
export const make = <Fields extends Schema.Struct.Fields>(
  name: string,
  options: Options<Fields>
): Builder<Schema.Schema.Type<Schema.Struct<Fields>>, never, never, never, never, Schema.Struct.Context<Fields>> =>
  begin(name, options)

/**
 * A program as a graph of one node, so that it can be run, resumed and recovered like one; its result
 * is the field `result` of the state. `Runner.run` does this for a program that is run once.
 *
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Execution, Graph } from "effect-checkpoint"
 *
 * export const greet = Graph.fromProgram("greet", Schema.String, (executionId) =>
 *   Effect.gen(function*() {
 *     yield* Execution.sleep("think", "2 days")
 *     return `hello ${executionId}`
 *   }))
 * ```
 *
 * @since 0.2.0
 */
export const fromProgram = <A, I, SR, E, R>(
  name: string,
  success: Schema.Schema<A, I, SR>,
  program: (executionId: string) => Effect.Effect<A, E, R>
): Graph<{ readonly result?: A }, string, E, Exclude<R, Execution>, SR> => programGraph(name, success, program)

/**
 * The state of a graph.
 *
 * @since 0.2.0
 */
export type State<G> = G extends Graph<infer A, infer _Names, infer _E, infer _R, infer _SR> ? A : never

/**
 * The names of a graph's nodes.
 *
 * @since 0.2.0
 */
export type Names<G> = G extends Graph<infer _A, infer N, infer _E, infer _R, infer _SR> ? N : never
