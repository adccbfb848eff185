/** Whose time it is. */
import { readFileSync } from "node:fs"
import type { Profiler } from "node:inspector"
import { fileURLToPath } from "node:url"

export const owners = [
  "Schema",
  "JSON",
  "Effect: fibers",
  "Effect: spans",
  "Effect: metrics",
  "store",
  "program",
  "live layer",
  "ioredis",
  "socket",
  "gc",
  "engine",
  "bench",
  "idle"
] as const

export type Owner = typeof owners[number]

/** The first that fits. */
const places: ReadonlyArray<readonly [RegExp, Owner]> = [
  [/\/effect\/dist\/.*\/(ParseResult|Schema|SchemaAST|Predicate|schema\/)/, "Schema"],
  [/\/effect\/dist\/.*\/(internal\/tracer|Tracer)\b/, "Effect: spans"],
  [/\/effect\/dist\/.*\/(internal\/metric|Metric)/, "Effect: metrics"],
  [/\/effect\/dist\//, "Effect: fibers"],
  [/\/src\/internal\/live\//, "live layer"],
  [/\/src\/(services\/Redis(Program|Reply|Command|Script)|internal\/(compile|programs\/))/, "program"],
  [/\/src\/(internal|services|schema|layers)\//, "store"],
  [/\/node_modules\/(ioredis|@ioredis|redis-parser|denque|cluster-key-slot)/, "ioredis"],
  [/\/bench\/[^/]*(\/[^/]*)?\.js$/, "bench"],
  [/^node:/, "socket"]
]

const natives: ReadonlyMap<string, Owner> = new Map([
  ["(garbage collector)", "gc"],
  ["(idle)", "idle"],
  // The profiler's own.
  ["dispatch", "idle"],
  ["(program)", "engine"],
  ["(root)", "engine"],
  ["writev", "socket"],
  ["writeUtf8String", "socket"],
  ["writeLatin1String", "socket"],
  ["writeBuffer", "socket"]
])

/** Undefined for what the engine does for its caller. */
const ownerOf = ({ functionName, url }: Profiler.ProfileNode["callFrame"]): Owner | undefined =>
  url === "" ? natives.get(functionName) : places.find(([place]) => place.test(url))?.[1] ?? "engine"

const sources = new Map<string, ReadonlyArray<string>>()

const lineOf = (url: string, line: number): string => {
  if (!url.startsWith("file:")) return ""
  const lines = sources.get(url) ?? readFileSync(fileURLToPath(url), "utf8").split("\n")
  sources.set(url, lines)
  return lines[line - 1] ?? ""
}

const ticksOf = (all: ReadonlyArray<Profiler.PositionTickInfo>): number =>
  all.reduce((sum, { ticks }) => sum + ticks, 0)

/** What share of a function's own samples fell on lines that turn values into JSON or back. */
const jsonShare = ({ callFrame: { url }, positionTicks = [] }: Profiler.ProfileNode): number => {
  const json = positionTicks.filter(({ line }) => /JSON\.(parse|stringify)/.test(lineOf(url, line)))
  return json.length === 0 ? 0 : ticksOf(json) / ticksOf(positionTicks)
}

const selfTimes = ({ samples = [], timeDeltas = [] }: Profiler.Profile): ReadonlyMap<number, number> => {
  const times = new Map<number, number>()
  samples.forEach((id, i) => times.set(id, (times.get(id) ?? 0) + (timeDeltas[i] ?? 0)))
  return times
}

/** Microseconds of self time by owner. */
export const byOwner = (profile: Profiler.Profile): ReadonlyMap<Owner, number> => {
  const times = selfTimes(profile)
  const sums = new Map<Owner, number>()
  const add = (owner: Owner, micros: number) => sums.set(owner, (sums.get(owner) ?? 0) + micros)
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const visit = (node: Profiler.ProfileNode, caller: Owner): void => {
    const owner = ownerOf(node.callFrame) ?? caller
    const self = times.get(node.id) ?? 0
    const json = self * jsonShare(node)
    add("JSON", json)
    add(owner, self - json)
    for (const child of node.children ?? []) visit(nodes.get(child)!, owner)
  }
  visit(profile.nodes[0]!, "engine")
  return sums
}

/** The functions with the most self time, in microseconds. */
export const hottest = (profile: Profiler.Profile, count: number): ReadonlyArray<readonly [string, number]> => {
  const times = selfTimes(profile)
  const sums = new Map<string, number>()
  for (const { callFrame: { functionName, lineNumber, url }, id } of profile.nodes) {
    if (natives.get(functionName) === "idle") continue
    const place = url === "" ? "" : ` ${url.split("/").slice(-3).join("/")}:${lineNumber + 1}`
    const name = `${functionName || "(anonymous)"}${place}`
    sums.set(name, (sums.get(name) ?? 0) + (times.get(id) ?? 0))
  }
  return [...sums].toSorted(([, a], [, b]) => b - a).slice(0, count)
}
