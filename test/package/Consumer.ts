/**
 * An empty project that has installed the packed package, as a user would.
 */
import { Context, Effect, Layer } from "effect"
import { execFile } from "node:child_process"
import * as fs from "node:fs"
import { tmpdir } from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"

interface Manifest {
  readonly name: string
  readonly exports: Record<string, unknown>
  readonly devDependencies: Record<string, string>
}

interface Output {
  readonly code: number
  readonly text: string
}

export const repository = fileURLToPath(new URL("../../", import.meta.url))

/** The TypeScript versions of our users. */
export const compilers = {
  /** The oldest that effect supports; its own declarations fail there unless `skipLibCheck` is on. */
  unchecked: "5.4.5",
  /** The oldest that accepts effect's declarations: 5.6 has no generic `Uint8Array`. */
  oldest: "5.7.2",
  current: "5.9.3",
  native: "7.0.2"
} as const

export const run = (cwd: string, command: string, ...args: ReadonlyArray<string>) =>
  Effect.async<Output>((resume) => {
    const child = execFile(command, args, { cwd, timeout: 240_000, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resume(Effect.succeed({ code: error === null ? 0 : child.exitCode ?? 1, text: `${stdout}${stderr}` }))
    })
    return Effect.sync(() => child.kill("SIGKILL"))
  })

/** What the command printed; a defect when it failed. */
export const expectSuccess = (cwd: string, command: string, ...args: ReadonlyArray<string>) =>
  run(cwd, command, ...args).pipe(
    Effect.flatMap(({ code, text }) =>
      code === 0 ? Effect.succeed(text) : Effect.dieMessage(`${command} ${args.join(" ")} in ${cwd}\n${text}`)
    )
  )

export class Consumer extends Context.Tag("test/Consumer")<Consumer, {
  readonly dir: string
  readonly tarball: string
  /** Every module that the package exports, by the name a user imports. */
  readonly modules: ReadonlyArray<string>
}>() {}

const manifest: Manifest = JSON.parse(fs.readFileSync(path.join(repository, "package.json"), "utf8"))

const modules = Object.keys(manifest.exports)
  .filter((subpath) => subpath !== "./package.json")
  .map((subpath) => manifest.name + subpath.slice(1))

const project = (tarball: string) => {
  const dev = manifest.devDependencies
  return {
    private: true,
    type: "module",
    dependencies: {
      [manifest.name]: `file:${tarball}`,
      "@effect/platform": dev["@effect/platform"],
      "effect": dev["effect"],
      "ioredis": dev["ioredis"],
      "ioredis5": dev["ioredis5"],
      "@types/node": dev["@types/node"],
      ...Object.fromEntries(
        Object.entries(compilers).map(([name, version]) => [`typescript-${name}`, `npm:typescript@${version}`])
      )
    }
  }
}

const source = [
  ...modules.map((name, index) => `import * as Module${index} from "${name}"`),
  `export const modules: ReadonlyArray<object> = [${modules.map((_, index) => `Module${index}`).join(", ")}]`,
  "console.log(modules.map((it) => Object.keys(it).length).join(\" \"))",
  ""
].join("\n")

const temporary = Effect.acquireRelease(
  Effect.sync(() => fs.mkdtempSync(path.join(tmpdir(), "effect-checkpoint-package-"))),
  (dir) => Effect.sync(() => fs.rmSync(dir, { recursive: true, force: true }))
)

export const layer: Layer.Layer<Consumer> = Layer.scoped(
  Consumer,
  Effect.gen(function*() {
    const dir = yield* temporary
    yield* expectSuccess(repository, "npm", "run", "build")
    const packed = yield* expectSuccess(repository, "npm", "pack", "--json", "--silent", "--pack-destination", dir)
    const [{ filename }] = JSON.parse(packed.slice(packed.indexOf("["))) as [{ filename: string }]
    const tarball = path.join(dir, filename)
    fs.writeFileSync(path.join(dir, "package.json"), JSON.stringify(project(tarball), null, 2))
    fs.writeFileSync(path.join(dir, "consumer.ts"), source)
    yield* expectSuccess(dir, "npm", "install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund")
    return { dir, tarball, modules }
  })
)
