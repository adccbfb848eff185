// Writes the `exports` of package.json: the entry point, and one subpath for
// each module of src/services, src/layers and src/schema. With --check it only
// compares.
import { readdirSync, readFileSync, writeFileSync } from "node:fs"

const folders = ["services", "layers", "schema"]
const root = new URL("../", import.meta.url)

const target = (file) => ({ types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` })

const modules = folders.flatMap((folder) =>
  readdirSync(new URL(`src/${folder}`, root))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => [`./${name.slice(0, -3)}`, target(`${folder}/${name.slice(0, -3)}`)])
).toSorted(([a], [b]) => (a < b ? -1 : 1))

const twice = modules.find(([name], index) => modules[index + 1]?.[0] === name)
if (twice) throw new Error(`Two modules are called ${twice[0]}`)

const expected = Object.fromEntries([[".", target("index")], ...modules, ["./package.json", "./package.json"]])
const file = new URL("package.json", root)
const manifest = JSON.parse(readFileSync(file, "utf8"))

if (JSON.stringify(manifest.exports) !== JSON.stringify(expected)) {
  if (process.argv.includes("--check")) {
    console.error("package.json does not export the modules that src has: npm run exports")
    process.exit(1)
  }
  writeFileSync(file, `${JSON.stringify({ ...manifest, exports: expected }, null, 2)}\n`)
}
