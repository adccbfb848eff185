/**
 * Goes on with executions whose process is gone, whose sleep is over, or that were answered: the other
 * half of durability. Run it in as many processes as you like; leases keep them apart.
 *
 * @example
 * ```ts
 * import { Effect, Layer, Schema } from "effect"
 * import { Execution, Graph, Recovery, RedisLive, Runner } from "effect-checkpoint"
 *
 * const reminders = Graph.fromProgram("reminder", Schema.Void, (executionId) =>
 *   Effect.zipRight(Execution.sleep("a week", "7 days"), Effect.logInfo(`remember ${executionId}`)))
 *
 * export const RecoveryLive = Recovery.layer(reminders).pipe(
 *   Layer.provideMerge(Runner.layer()),
 *   Layer.provide(RedisLive.layer())
 * )
 * ```
 *
 * @since 0.2.0
 */
import type * as ConfigError from "effect/ConfigError"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import { recover } from "../internal/runner/recover.js"
import { recoveryRules } from "../internal/runner/recoveryRules.js"
import type { Graph } from "./Graph.js"
import type { GraphRunner, Options as RunnerOptions } from "./GraphRunner.js"
import { forGraph, type Runner } from "./Runner.js"

/**
 * How to recover.
 *
 * @since 0.2.0
 */
export interface Options {
  /** How often to look, finite and above 0. Default: 1 second. */
  readonly interval?: Duration.DurationInput | undefined
  /** Executions at once in this process, a positive integer. Default: 10. */
  readonly concurrency?: number | undefined
  /** An execution that has killed this many processes in a row counts as failed; a positive integer or `Infinity`. Default: 10. */
  readonly maxClaims?: number | undefined
}

const checked = (options: Options) =>
  Either.match(recoveryRules(options), { onLeft: Effect.fail, onRight: Effect.succeed })

/**
 * Looks for executions of a graph to go on with, for ever. 1 round trip each `interval`. One that fails
 * is logged, by its id and the tag of its error, and left to whoever resumes it. Interrupted, it gives
 * back what it runs.
 *
 * A wrong option is a `ConfigError` that names it, at once: nothing was looked for. Where the daemon is
 * forked, look at that first, or use {@link layer}, which does not build then.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { type GraphRunner, Recovery } from "effect-checkpoint"
 *
 * export const recovering = <State, Names extends string, E, R, SR>(
 *   runner: GraphRunner.GraphRunner<State, Names, E, R, SR>
 * ) => Effect.forkScoped(Recovery.daemon(runner, { concurrency: 4 }))
 * ```
 *
 * @since 0.2.0
 */
export const daemon: <State, Names extends string, E, R, SR>(
  runner: GraphRunner<State, Names, E, R, SR>,
  options?: Options
) => Effect.Effect<never, ConfigError.ConfigError, R | SR> = (runner, options = {}) =>
  Effect.flatMap(checked(options), (rules) => recover(runner, rules))

/**
 * The daemon for one graph, as long as the layer lives. A wrong option, of this or of the runner, is a
 * `ConfigError` that names it.
 *
 * @example
 * ```ts
 * import { Effect, Layer, Schema } from "effect"
 * import { Graph, Recovery } from "effect-checkpoint"
 *
 * const first = Graph.fromProgram("first", Schema.Void, () => Effect.void)
 * const second = Graph.fromProgram("second", Schema.Void, () => Effect.void)
 *
 * export const RecoveryLive = Layer.merge(Recovery.layer(first), Recovery.layer(second, { interval: "10 seconds" }))
 * ```
 *
 * @since 0.2.0
 */
export const layer = <State, Names extends string, E, R, SR, R2 = never>(
  graph: Graph<State, Names, E, R, SR>,
  options: Options & RunnerOptions<State, Names, R2> = {}
): Layer.Layer<never, ConfigError.ConfigError, Runner | R | R2 | SR> =>
  Layer.scopedDiscard(
    Effect.zipWith(forGraph(graph, options), checked(options), recover).pipe(Effect.flatMap(Effect.forkScoped))
  )
