// Runs examples/*.ts, one after the other, and fails if one fails.
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"

const patience = 120_000
const folder = "examples"
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".ts")).toSorted() : []

const failed = files.filter((name) => {
  console.log(`\n> ${folder}/${name}`)
  const { signal, status } = spawnSync(process.execPath, ["--import", "tsx", `${folder}/${name}`], {
    stdio: ["ignore", "inherit", "inherit"],
    timeout: patience,
    killSignal: "SIGKILL"
  })
  if (status !== 0) console.error(`${name} ended with ${signal ?? status}`)
  return status !== 0
})

console.log(`\n${files.length - failed.length} passed, ${failed.length} failed`)
process.exit(failed.length === 0 ? 0 : 1)
