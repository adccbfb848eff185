import * as Effect from "effect/Effect"
import { pipeArguments } from "effect/Pipeable"
import * as Schema from "effect/Schema"
import type * as Graph from "../../services/Graph.js"
import { Execution } from "../runner/execution.js"
import { plain } from "../schema/plain.js"
import type { Definition, Edge, Fields, Node } from "./definition.js"
import { always, never } from "./drawing.js"
import { START } from "./goto.js"
import { InvalidGraph } from "./invalid.js"
import { issuesOf } from "./issues.js"

/** Types are checked by the signatures of `Graph`; here a state is fields, and any error or requirement will do. */
type Erased = Definition<unknown, unknown>

interface Draft extends Omit<Erased, "nodes" | "edgesFrom"> {
  readonly nodes: ReadonlyArray<Node<unknown, unknown>>
}

type Gate = boolean | ((state: Fields) => boolean) | undefined

const gate = (given: Gate): (state: Fields) => boolean =>
  typeof given === "function" ? given : given === true ? always : never

interface NodeOptions {
  readonly retry?: Node<unknown, unknown>["retry"]
  readonly interruptBefore?: Gate
  readonly interruptAfter?: Gate
  readonly goto?: ReadonlyArray<string>
}

const nodeOf = (
  name: string,
  run: Node<unknown, unknown>["run"],
  { goto, interruptAfter, interruptBefore, retry }: NodeOptions = {}
): Node<unknown, unknown> => ({
  name,
  run,
  retry,
  before: gate(interruptBefore),
  after: gate(interruptAfter),
  goto: goto ?? []
})

const listed = (to: string | ReadonlyArray<string>): ReadonlyArray<string> => typeof to === "string" ? [to] : to

const byOrigin = (edges: ReadonlyArray<Edge>): Erased["edgesFrom"] =>
  new Map(edges.map(({ from }) => [from, edges.filter((edge) => edge.from === from)]))

const builderOf = (draft: Draft) => {
  const withNode = (node: Node<unknown, unknown>) => builderOf({ ...draft, nodes: [...draft.nodes, node] })
  const withEdge = (edge: Edge) => builderOf({ ...draft, edges: [...draft.edges, edge] })
  return {
    node: (name: string, run: (state: Fields) => Effect.Effect<unknown, unknown, unknown>, options?: NodeOptions) =>
      withNode(nodeOf(name, run, options)),
    child: (
      name: string,
      { definition }: { readonly definition: Erased },
      { input, output, ...options }: Graph.ChildOptions<Fields, Fields, unknown, unknown>
    ) => withNode(nodeOf(name, { definition, input, output }, options)),
    edge: (from: string, to: string | ReadonlyArray<string>) => withEdge({ from, to: listed(to) }),
    branch: (from: string, to: ReadonlyArray<string>, decide: Edge["decide"]) => withEdge({ from, to, decide }),
    build: () => {
      const issues = issuesOf(draft)
      if (issues.length > 0) throw new InvalidGraph(draft.name, issues)
      return graphOf({
        ...draft,
        nodes: new Map(draft.nodes.map((node) => [node.name, node])),
        edgesFrom: byOrigin(draft.edges)
      })
    }
  }
}

const phantom = (_: never): never => _

const graphOf = (definition: Erased) => ({
  "~effect-checkpoint/Graph": { _State: phantom, _Names: phantom, _E: phantom, _R: phantom, _SR: phantom },
  name: definition.name,
  definition,
  pipe() {
    return pipeArguments(this, arguments)
  }
})

const fieldSchemas = (fields: Schema.Struct.Fields): Erased["fields"] =>
  Object.fromEntries(
    // One field of a struct of unknown types has unknown types.
    Object.keys(fields).map((name) => [name, Schema.Struct({ [name]: fields[name]! }) as Erased["fields"][string]])
  )

export const begin = <Fields extends Schema.Struct.Fields>(
  name: string,
  { migrations, reducers, state, stateVersion }: Graph.Options<Fields>
): Graph.Builder<
  Schema.Schema.Type<Schema.Struct<Fields>>,
  never,
  never,
  never,
  never,
  Schema.Struct.Context<Fields>
> => {
  const draft: Draft = {
    name,
    // From here on a state is fields of unknown types; `Graph.Builder` keeps the types that were checked.
    state: state as unknown as Draft["state"],
    plain: { decode: plain(state.ast, "decode"), encode: plain(state.ast, "encode") },
    fields: fieldSchemas(state.fields),
    reducers: (reducers ?? {}) as Draft["reducers"],
    stateVersion: stateVersion ?? 1,
    migrations: migrations ?? {},
    nodes: [],
    edges: []
  }
  return builderOf(draft) as unknown as ReturnType<typeof begin<Fields>>
}

/** A program is a graph of one node, whose state is the result. */
export const programGraph = <A, I, SR, E, R>(
  name: string,
  success: Schema.Schema<A, I, SR>,
  program: (executionId: string) => Effect.Effect<A, E, R>
): Graph.Graph<{ readonly result?: A }, string, E, Exclude<R, Execution>, SR> => {
  const state = Schema.Struct({ result: Schema.optionalWith(success, { exact: true }) })
  const node = () =>
    Effect.flatMap(Execution, ({ executionId }) => Effect.map(program(executionId), (result) => ({ result })))
  const built = begin<Schema.Struct.Fields>(name, { state: state as unknown as Schema.Struct<Schema.Struct.Fields> })
    .node(name, node as never)
    .edge(START, name as never)
  // One node, which is there and leads nowhere.
  return (built.build as unknown as () => ReturnType<typeof programGraph<A, I, SR, E, R>>)()
}
