import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { compilers, Consumer, expectSuccess, layer, repository, run } from "./Consumer.js"

const resolutions = {
  nodenext: { module: "nodenext", moduleResolution: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" }
} as const

const ioredis5 = { paths: { ioredis: ["./node_modules/ioredis5"] } }

const compile = (compiler: keyof typeof compilers, options: object) =>
  Effect.gen(function*() {
    const { dir } = yield* Consumer
    const tsconfig = path.join(dir, "tsconfig.json")
    const compilerOptions = {
      target: "es2022",
      // The declarations of @effect/platform name the Storage of the DOM.
      lib: ["es2023", "dom"],
      types: ["node"],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      outDir: "out",
      ...options
    }
    fs.writeFileSync(tsconfig, JSON.stringify({ compilerOptions, files: ["consumer.ts"] }))
    yield* expectSuccess(dir, process.execPath, `node_modules/typescript-${compiler}/bin/tsc`, "-p", tsconfig)
  })

const { unchecked, ...checked } = compilers

const binary = (name: string) => path.join(repository, "node_modules", ".bin", name)

describe("the package", () => {
  it("exports the entry point and one subpath for each public module", () =>
    Effect.runPromise(expectSuccess(repository, process.execPath, "scripts/exports.mjs", "--check")))

  it.layer(layer, { timeout: 300_000 })("installed", (it) => {
    for (const [compiler, version] of Object.entries(checked)) {
      for (const [name, options] of Object.entries(resolutions)) {
        it.effect(`has declarations that TypeScript ${version} accepts under ${name}`, () =>
          compile(compiler as keyof typeof compilers, options))
      }
    }

    it.effect(`can be used with TypeScript ${unchecked}, whose users skip the check of declarations`, () =>
      compile("unchecked", { ...resolutions.nodenext, skipLibCheck: true }))

    it.effect("has declarations that hold with ioredis 5", () =>
      compile("current", { ...resolutions.nodenext, ...ioredis5 }))

    it.effect("runs in node, every module of it", () =>
      Effect.gen(function*() {
        const { dir, modules } = yield* Consumer
        yield* compile("current", resolutions.nodenext)
        const printed = yield* expectSuccess(dir, process.execPath, "out/consumer.js")
        assert.strictEqual(printed.trim().split(" ").length, modules.length)
      }))

    it.effect("has nothing that publint complains about", () =>
      Effect.gen(function*() {
        const { tarball } = yield* Consumer
        assert.match(yield* expectSuccess(repository, binary("publint"), "--strict", tarball), /All good/)
      }))

    it.effect("has types that resolve for ESM consumers", () =>
      Effect.gen(function*() {
        const { tarball } = yield* Consumer
        const { code, text } = yield* run(repository, binary("attw"), "--profile", "esm-only", tarball)
        assert.strictEqual(code, 0, text)
      }))

    it.effect("contains no test, no build info, and a source for each source map", () =>
      Effect.gen(function*() {
        const { dir } = yield* Consumer
        const installed = path.join(dir, "node_modules", "effect-checkpoint")
        const files = fs.readdirSync(installed, { recursive: true, encoding: "utf8" })
        assert.deepStrictEqual(files.filter((name) => /\.test\.|tsbuildinfo/.test(name)), [])
        const maps = files.filter((name) => name.endsWith(".map"))
        const missing = maps.flatMap((name) => sourcesOf(path.join(installed, name))).filter((it) => !fs.existsSync(it))
        assert.deepStrictEqual(missing, [])
      }))
  })
})

const sourcesOf = (map: string): ReadonlyArray<string> => {
  const { sources }: { sources: ReadonlyArray<string> } = JSON.parse(fs.readFileSync(map, "utf8"))
  return sources.map((source) => path.resolve(path.dirname(map), source))
}
