import type { Definition, Node } from "./definition.js"
import { END, START } from "./goto.js"

type Drawn = Definition<unknown, unknown>

/** The gate at which every state stops; a drawing knows it by its identity, and calls no predicate. */
export const always = (): boolean => true

/** The gate that is none. */
export const never = (): boolean => false

/** What a drawing adds to the nodes of one graph. */
export interface Overlay {
  readonly classOf: (node: string) => string | undefined
  readonly notesOf: (node: string) => ReadonlyArray<string>
  readonly inside: (node: string) => Overlay
}

/** Nothing. */
export const blank: Overlay = { classOf: () => undefined, notesOf: () => [], inside: () => blank }

/**
 * All but letters, digits and what joins two of them: it could be syntax, of Mermaid, of HTML, or of the
 * Markdown that Mermaid looks for in labels.
 */
const unsafe = /(?!(?<=[\p{L}\p{N}\p{M}])[ _-](?=[\p{L}\p{N}]))[^\p{L}\p{N}\p{M}]/gu

const escape = (text: string): string => text.replaceAll(unsafe, (found) => `#${found.codePointAt(0)};`)

const gateNotes = (gate: unknown, where: string): ReadonlyArray<string> =>
  gate === never ? [] : [gate === always ? `waits ${where}` : `waits ${where}, if`]

const notesOf = ({ after, before, retry }: Node<unknown, unknown>): ReadonlyArray<string> => [
  ...gateNotes(before, "before"),
  ...gateNotes(after, "after"),
  ...(retry === undefined ? [] : ["retries"])
]

const indent = (lines: ReadonlyArray<string>): ReadonlyArray<string> => lines.map((line) => `  ${line}`)

const box = (id: string, node: Node<unknown, unknown>, overlay: Overlay): ReadonlyArray<string> => {
  const label = [escape(node.name), ...notesOf(node), ...overlay.notesOf(node.name)].join("<br/>")
  return "definition" in node.run
    ? [`subgraph ${id}["${label}"]`, ...indent(draw(node.run.definition, overlay.inside(node.name), id)), "end"]
    : [`${id}["${label}"]`]
}

const arrowsFrom = (from: string, { edges, nodes }: Drawn): ReadonlyArray<readonly [arrow: string, to: string]> => {
  const along = edges.filter((edge) => edge.from === from)
  const arrows = [
    ...along.flatMap(({ decide, to }) => to.map((target) => [decide ? "-.->" : "-->", target] as const)),
    ...(nodes.get(from)?.goto ?? []).map((target) => ["-.->|goto|", target] as const)
  ]
  return arrows.length === 0 ? [["-->", END]] : arrows
}

/** The lines of a graph, with ids that no other graph of the drawing has: they begin with the node's it is drawn in. */
export const draw = (definition: Drawn, overlay: Overlay, prefix = ""): ReadonlyArray<string> => {
  const ids = new Map([...definition.nodes.keys()].map((name, index) => [name, `${prefix}n${index}`]))
  const idOf = (name: string): string => ids.get(name) ?? `${prefix}${name === START ? "start" : "stop"}`
  const classed = [...ids.keys(), END].flatMap((name) => {
    const found = overlay.classOf(name)
    return found === undefined ? [] : [`class ${idOf(name)} ${found}`]
  })
  return [
    `${idOf(START)}(("START"))`,
    ...[...definition.nodes.values()].flatMap((node) => box(idOf(node.name), node, overlay)),
    `${idOf(END)}(("END"))`,
    ...new Set(
      [START, ...ids.keys()].flatMap((from) =>
        arrowsFrom(from, definition).map(([arrow, to]) => `${idOf(from)} ${arrow} ${idOf(to)}`)
      )
    ),
    ...classed
  ]
}
