// Runs examples/*.ts and examples/*/main.ts, one after the other, and fails if
// one fails. The quickstart is run by `npm run quickstart`.
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"

const patience = 120_000
const folder = "examples"
const main = (name) => `${folder}/${name}/main.ts`
const files = readdirSync(folder).toSorted().flatMap((name) => {
  if (name.endsWith(".ts")) return [`${folder}/${name}`]
  return name !== "quickstart" && existsSync(main(name)) ? [main(name)] : []
})

const failed = files.filter((file) => {
  console.log(`\n> ${file}`)
  const { signal, status } = spawnSync(process.execPath, ["--import", "tsx", file], {
    stdio: ["ignore", "inherit", "inherit"],
    timeout: patience,
    killSignal: "SIGKILL"
  })
  if (status !== 0) console.error(`${file} ended with ${signal ?? status}`)
  return status !== 0
})

console.log(`\n${files.length - failed.length} passed, ${failed.length} failed`)
process.exit(failed.length === 0 ? 0 : 1)
