/** What importing the package costs a process that starts, beside effect and ioredis alone. */
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import type { Case, Contender } from "../case.js"

const run = promisify(execFile)

const entry = new URL("../../src/index.js", import.meta.url).href

/** A process of its own each time: what is imported stays. */
const imported = (name: string, modules: ReadonlyArray<string>): Contender => {
  const imports = modules.map((module) => `await import(${JSON.stringify(module)})`).join(";")
  const script = `const started = performance.now();${imports};console.log(performance.now() - started)`
  return {
    name,
    outside: true,
    run: () =>
      Effect.promise(async () => {
        const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script])
        return Number(stdout)
      })
  }
}

const one: Case = {
  verb: "import",
  bytes: 0,
  fibers: 1,
  count: 1,
  baseline: imported("effect and ioredis", ["effect", "ioredis"]),
  subjects: [imported("effect-checkpoint", [entry])]
}

export const importing = Effect.succeed([one])
