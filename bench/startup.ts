/**
 * What it costs to load each entry point of the built package in a fresh process, beside `effect` alone, and
 * how many bytes it brings along. The time is that of the processor until the import is there: the median of
 * several, interleaved.
 */
import { build } from "esbuild"
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { gzipSync } from "node:zlib"
import { write } from "./flags.js"
import { machine } from "./machine.js"
import { type Section, writeSections } from "./report/sections.js"
import { median } from "./statistics.js"
import { markdown } from "./table.js"

const rounds = Number(process.env["ROUNDS"] ?? 9)

const root = new URL("../", import.meta.url)

const { exports: paths } = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>
}

const own = Object.entries(paths).flatMap(([path, target]) =>
  typeof target === "string" ? [] : [[`effect-checkpoint${path.slice(1)}`, new URL(target.default, root).href] as const]
)

const all = new Map([["effect", "effect"], ["ioredis", "ioredis"], ...own])

/** Milliseconds of the processor from the start of the process until the module is loaded; without one, until nothing is. */
const loaded = (specifier: string | undefined): number => {
  const imported = specifier === undefined ? "" : `await import(${JSON.stringify(specifier)});`
  const script = `${imported} const { user, system } = process.cpuUsage(); process.stdout.write(String(user + system))`
  const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { cwd: root })
  return Number(printed) / 1000
}

/** All that is imported when it is, without what is imported later and what the user brings along. */
const bytesOf = async (url: string) => {
  const external = ["effect", "effect/*", "@effect/platform", "@effect/platform/*", "ioredis", "msgpackr"]
  const { outputFiles } = await build({
    entryPoints: [new URL(url).pathname],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "node",
    external
  })
  const [file] = outputFiles
  return file === undefined ? [0, 0] : [file.contents.length, gzipSync(file.contents).length]
}

const times = new Map<string, Array<number>>(Array.from(all.keys(), (name) => [name, []]))

const bare: Array<number> = []

for (let round = 0; round <= rounds; round++) {
  const empty = loaded(undefined)
  if (round > 0) bare.push(empty)
  for (const [name, specifier] of all) {
    const time = loaded(specifier)
    // The first round is for the disk.
    if (round > 0) times.get(name)?.push(time)
  }
}

const node = median(bare)
const timeOf = (name: string) => median(times.get(name) ?? []) - node
const effect = timeOf("effect")
const sizes = new Map<string, ReadonlyArray<number>>(
  await Promise.all(own.map(async ([name, url]) => [name, await bytesOf(url)] as const))
)

const cellsOf = (name: string): ReadonlyArray<string> => {
  const [minified = 0, gzipped = 0] = sizes.get(name) ?? []
  const time = Math.max(0, timeOf(name))
  // What has only types is an empty file.
  const bytes = sizes.has(name) ? [String(minified), minified === 0 ? "0" : String(gzipped)] : ["", ""]
  return [name, `${time.toFixed(0)} ms`, (time / effect).toFixed(2), ...bytes]
}

const sections: ReadonlyArray<Section> = [
  {
    name: "startup-machine",
    text: `${machine()}, median of ${rounds} fresh processes each; node alone takes ${node.toFixed(0)} ms`
  },
  {
    name: "startup",
    text: markdown(
      ["entry point", "to import", "times `effect`", "bytes minified", "gzipped"],
      Array.from(all.keys(), cellsOf)
    )
  }
]

for (const { name, text } of sections) console.log(`\n${name}\n\n${text}`)
if (write) writeSections("docs/performance.md", sections)
