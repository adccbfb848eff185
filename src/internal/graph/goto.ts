import type { Fields, Jump } from "./definition.js"

/**
 * Where a graph begins: edges from here lead to its first nodes.
 *
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Graph } from "effect-checkpoint"
 *
 * export const both = Graph.make("both", { state: Schema.Struct({ done: Schema.Boolean }) })
 *   .node("left", () => Effect.succeed({ done: true }))
 *   .node("right", () => Effect.succeed({}))
 *   .edge(Graph.START, ["left", "right"])
 *   .build()
 * ```
 *
 * @since 0.2.0
 */
export const START: "__start__" = "__start__"

/**
 * Where a graph ends.
 *
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Graph } from "effect-checkpoint"
 *
 * export const once = Graph.make("once", { state: Schema.Struct({ done: Schema.Boolean }) })
 *   .node("try", () => Effect.succeed({ done: true }))
 *   .edge(Graph.START, "try")
 *   .branch("try", ["try", Graph.END], ({ done }) => (done ? Graph.END : "try"))
 *   .build()
 * ```
 *
 * @since 0.2.0
 */
export const END: "__end__" = "__end__"

/**
 * Marks what {@link goto} makes.
 *
 * @example
 * ```ts
 * import { Predicate } from "effect"
 * import { Graph } from "effect-checkpoint"
 *
 * export const isGoto = (value: unknown): boolean => Predicate.hasProperty(value, Graph.GotoTypeId)
 * ```
 *
 * @since 0.2.0
 */
export const GotoTypeId: "~effect-checkpoint/Graph/Goto" = "~effect-checkpoint/Graph/Goto"

/**
 * See {@link GotoTypeId}.
 *
 * @since 0.2.0
 */
export type GotoTypeId = typeof GotoTypeId

/**
 * A patch, and the nodes to go on with instead of those along the edges.
 *
 * @since 0.2.0
 */
export interface Goto<out P, out Target extends string> {
  readonly [GotoTypeId]: { readonly targets: ReadonlyArray<Target>; readonly patch: P }
}

/** What a node gave, whichever way. */
export const jumpOf = (given: unknown): { readonly patch: unknown; readonly jump: Jump | undefined } => {
  if (typeof given !== "object" || given === null || !(GotoTypeId in given)) return { patch: given, jump: undefined }
  // Only `goto` makes the mark.
  const jump = given[GotoTypeId] as Jump
  return { patch: jump.patch, jump }
}

/**
 * Goes on with these nodes, in place of those along the node's edges. They may be declared later.
 *
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Graph } from "effect-checkpoint"
 *
 * export const retries = Graph.make("retries", { state: Schema.Struct({ left: Schema.Int }) })
 *   .node("try", ({ left }) => Effect.succeed(left > 0 ? Graph.goto("try", { left: left - 1 }) : Graph.goto(Graph.END)))
 *   .edge(Graph.START, "try")
 *   .build()
 * ```
 *
 * @since 0.2.0
 */
export const goto = <const Target extends string, P extends Fields = {}>(
  target: Target | ReadonlyArray<Target>,
  patch?: P
): Goto<P, Target> => ({
  [GotoTypeId]: {
    targets: typeof target === "string" ? [target] : target,
    // Without a patch P is {}.
    patch: patch ?? {} as P
  }
})
