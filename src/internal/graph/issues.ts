import type { Edge, Node } from "./definition.js"
import { END, START } from "./goto.js"

interface Draft {
  readonly name: string
  readonly stateVersion: number
  readonly migrations: { readonly [version: number]: unknown }
  readonly nodes: ReadonlyArray<Pick<Node<never, never>, "name" | "goto">>
  readonly edges: ReadonlyArray<Edge>
}

const quote = (name: string): string => JSON.stringify(name)

const nameIssues = ({ name, nodes }: Draft): ReadonlyArray<string> => {
  const seen = new Set<string>([START, END])
  const taken = nodes.filter((node) => seen.has(node.name) || !seen.add(node.name))
  const odd = [name, ...nodes.map((node) => node.name)].filter((text) => text === "" || !text.isWellFormed())
  return [
    ...taken.map((node) => `the name ${quote(node.name)} is taken`),
    ...odd.map((text) => `the name ${quote(text)} is empty or has a lone surrogate`)
  ]
}

const edgeIssues = ({ edges, nodes }: Draft): ReadonlyArray<string> => {
  const known = new Set<string>(nodes.map((node) => node.name))
  const targets = [...edges.flatMap((edge) => edge.to), ...nodes.flatMap((node) => node.goto)]
  return [
    ...edges.filter(({ from }) => from !== START && !known.has(from)).map(({ from }) => `no node ${quote(from)}`),
    ...targets.filter((to) => to !== END && !known.has(to)).map((to) => `no node ${quote(to)}`),
    ...(edges.some(({ from }) => from === START) ? [] : ["no edge leads from START"])
  ]
}

const versionIssues = ({ migrations, stateVersion }: Draft): ReadonlyArray<string> => {
  if (!Number.isSafeInteger(stateVersion) || stateVersion < 1) return ["stateVersion must be a positive integer"]
  return Object.keys(migrations)
    .filter((version) => !(Number(version) >= 1 && Number(version) < stateVersion))
    .map((version) => `the migration from version ${version} leads nowhere: stateVersion is ${stateVersion}`)
}

/** What types could not see, or were not asked. */
export const issuesOf = (draft: Draft): ReadonlyArray<string> => [
  ...nameIssues(draft),
  ...edgeIssues(draft),
  ...versionIssues(draft)
]
