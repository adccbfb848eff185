// Prints one line for each stage, then the sum of all tests. A stage without a
// report of its tests counts as one.
import { existsSync, readFileSync } from "node:fs"

const reports = process.argv[2]

const count = (name, status) => {
  const file = `${reports}/${name}.json`
  if (!existsSync(file)) return status === 0 ? [1, 0] : [0, 1]
  const { numFailedTests, numPassedTests } = JSON.parse(readFileSync(file, "utf8"))
  // A runner can fail without a failed test: a file that does not load, an unhandled error.
  return [numPassedTests, status === 0 ? numFailedTests : Math.max(1, numFailedTests)]
}

const stages = readFileSync(`${reports}/stages`, "utf8").trim().split("\n").map((line) => {
  const [name, status, seconds] = line.split(" ")
  const [passed, failed] = count(name, Number(status))
  return { name, passed, failed, seconds }
})

console.log("\n=== summary")
for (const { failed, name, passed, seconds } of stages) {
  console.log(`${failed === 0 ? "ok  " : "FAIL"} ${name.padEnd(12)} ${passed} passed, ${failed} failed, ${seconds} s`)
}

const sum = (key) => stages.reduce((total, stage) => total + stage[key], 0)
console.log(`${sum("passed")} passed, ${sum("failed")} failed`)
process.exitCode = sum("failed") === 0 ? 0 : 1
