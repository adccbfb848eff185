/**
 * A graph that cannot run, thrown where it is built: a mistake in the program, not in its data.
 *
 * @example
 * ```ts
 * import { Either, Schema } from "effect"
 * import { Graph } from "effect-checkpoint"
 *
 * // Nothing leads from the start.
 * export const wrong = Either.try({
 *   try: () => Graph.make("empty", { state: Schema.Struct({}) }).build(),
 *   catch: (error) => error instanceof Graph.InvalidGraph ? error.message : "something else"
 * })
 * ```
 *
 * @since 0.2.0
 */
export class InvalidGraph extends Error {
  override readonly name = "InvalidGraph"
  constructor(graph: string, issues: ReadonlyArray<string>) {
    super(`Graph ${JSON.stringify(graph)} cannot run: ${issues.join("; ")}`)
  }
}
