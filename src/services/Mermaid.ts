/**
 * Drawings of graphs, and of how an execution stands in its graph, as Mermaid flowcharts: for
 * documentation, reviews and support. They show the names of nodes, and nothing of any state.
 *
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Graph, Mermaid } from "effect-checkpoint"
 *
 * const count = Graph.make("count", { state: Schema.Struct({ n: Schema.Int }) })
 *   .node("add", ({ n }) => Effect.succeed({ n: n + 1 }))
 *   .edge(Graph.START, "add")
 *   .branch("add", ["add", Graph.END], ({ n }) => n < 10 ? "add" : Graph.END)
 *   .build()
 *
 * console.log(Mermaid.graph(count, { direction: "LR" }))
 * ```
 *
 * @since 0.2.0
 */
import { blank, draw, type Overlay } from "../internal/graph/drawing.js"
import { END, type Graph } from "./Graph.js"
import type { Request } from "./Outcome.js"
import type { Current, Snapshot } from "./Snapshot.js"

/**
 * How a drawing is laid out.
 *
 * @since 0.2.0
 */
export interface Options {
  /** `"TD"` from the top down, `"LR"` from left to right. Default: `"TD"`. */
  readonly direction?: "TD" | "LR" | undefined
}

const flowchart = (lines: ReadonlyArray<string>, { direction = "TD" }: Options): string =>
  [`flowchart ${direction}`, ...lines.map((line) => `  ${line}`)].join("\n")

/**
 * Draws a graph. Solid arrows are edges, dotted ones are branches and what nodes say of their `goto`s;
 * a node with neither leads to the end. Gates, retries and the nodes of child graphs are shown.
 *
 * @example
 * ```ts
 * import { Mermaid, type Graph } from "effect-checkpoint"
 *
 * declare const orders: Graph.Graph<{ readonly cents: number }, "charge" | "ship">
 *
 * export const wide = Mermaid.graph(orders, { direction: "LR" })
 * ```
 *
 * @since 0.2.0
 */
export const graph = <State, Names extends string, E, R>(
  graph: Graph<State, Names, E, R>,
  options: Options = {}
): string => flowchart(draw(graph.definition, blank), options)

const palette = [
  "classDef done fill:#d3f9d8,stroke:#2b8a3e,color:#000",
  "classDef current fill:#d0ebff,stroke:#1864ab,color:#000",
  "classDef waiting fill:#fff3bf,stroke:#e67700,color:#000",
  "classDef sleeping fill:#e5dbff,stroke:#5f3dc4,color:#000",
  "classDef failed fill:#ffe3e3,stroke:#c92a2a,color:#000"
]

/** An open request: the node, and how its execution's id goes on behind the id of the one that is drawn. */
interface Open extends Pick<Request, "node"> {
  readonly below: string
}

/** The execution of a child is `/<life>/<version>/<node>` below its parent's. */
const openInside = (child: string, open: ReadonlyArray<Open>): ReadonlyArray<Open> =>
  open.flatMap(({ below, node }) => {
    const begun = /^\/[^/]*\/\d+\//.exec(below)?.[0]
    if (begun === undefined || !below.startsWith(child, begun.length)) return []
    const rest = below.slice(begun.length + child.length)
    return rest === "" || rest.startsWith("/") ? [{ below: rest, node }] : []
  })

const isWaiting = (open: ReadonlyArray<Open>, node: string): boolean =>
  open.some((request) => request.below === "" && request.node === node) || openInside(node, open).length > 0

const insideOf = (open: ReadonlyArray<Open>): Overlay => ({
  ...blank,
  classOf: (node) => isWaiting(open, node) ? "waiting" : undefined,
  inside: (node) => insideOf(openInside(node, open))
})

/** Where nodes ran: one entry for each run, in order. */
const runsIn = (
  history: Iterable<Snapshot<unknown>>
): ReadonlyArray<{ readonly node: string; readonly version: number }> =>
  // A history that is given twice, or together with its head, counts once.
  [...new Map([...history].map((snapshot) => [snapshot.version, snapshot])).values()]
    .filter(({ source }) => source === "loop")
    .toSorted((a, b) => a.version - b.version)
    .flatMap(({ nodes, version }) => nodes.map((node) => ({ node, version })))

const runNotes = (versions: ReadonlyArray<number>): ReadonlyArray<string> => {
  const last = versions.at(-1)
  if (last === undefined) return []
  return [versions.length === 1 ? `version ${last}` : `${versions.length} times, last in version ${last}`]
}

const nextClasses = { running: "current", ready: "current", failed: "failed", sleeping: "sleeping" } as const

const nextClass = ({ next, status }: Current<unknown>, node: string): string | undefined =>
  next.includes(node) && status !== "waiting" && status !== "completed" ? nextClasses[status] : undefined

const standing = (current: Current<unknown>, history: Iterable<Snapshot<unknown>>): Overlay => {
  const open = current.requests.flatMap(({ executionId, node }) =>
    executionId.startsWith(current.executionId) ? [{ below: executionId.slice(current.executionId.length), node }] : []
  )
  const runs = runsIn([...history, current])
  const versionsOf = (node: string) => runs.filter((run) => run.node === node).map(({ version }) => version)
  const ended = (node: string) => node === END ? current.status === "completed" : versionsOf(node).length > 0
  return {
    classOf: (node) =>
      isWaiting(open, node) ? "waiting" : nextClass(current, node) ?? (ended(node) ? "done" : undefined),
    notesOf: (node) => runNotes(versionsOf(node)),
    inside: (node) => insideOf(openInside(node, open))
  }
}

/**
 * Draws a graph, and over it how an execution stands. Nodes that ran are `done`, with the version that
 * they gave, or how often they ran; `current` ones run, or run next; `waiting` ones have an open
 * request, perhaps inside a child; `sleeping` and `failed` ones are next when the execution sleeps or
 * has failed. What was pruned from the history is not shown.
 *
 * @example
 * ```ts
 * import { Effect, Option, Stream } from "effect"
 * import { Mermaid, type Graph, type GraphRunner } from "effect-checkpoint"
 *
 * type Order = { readonly cents: number }
 *
 * declare const orders: Graph.Graph<Order, "charge" | "ship">
 * declare const runner: GraphRunner.GraphRunner<Order, "charge" | "ship", never, never>
 *
 * export const draw = Effect.gen(function*() {
 *   const history = yield* Stream.runCollect(runner.history("order-7"))
 *   const current = yield* runner.getState("order-7")
 *   return Option.map(current, (head) => Mermaid.execution(orders, head, history))
 * })
 * ```
 *
 * @since 0.2.0
 */
export const execution = <State, Names extends string, E, R>(
  graph: Graph<State, Names, E, R>,
  current: Current<NoInfer<State>, NoInfer<Names>>,
  history: Iterable<Snapshot<NoInfer<State>, NoInfer<Names>>>,
  options: Options = {}
): string => flowchart([...draw(graph.definition, standing(current, history)), ...palette], options)
